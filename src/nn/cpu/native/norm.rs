//! Group normalisation followed by an activation function, and its derivatives.

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::lanes::{Kernel, dispatch, sum_of};
use super::{Normalised, numbers, shape, tensor};
use crate::nn::cpu::activation::silu;

/// Activation function after a normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::nn) enum Activated {
    /// None.
    Not,
    /// `x * sigmoid(x)`
    Silu,
}

/// Parameters of a normalisation.
#[derive(Clone, Copy, Debug)]
pub(in crate::nn) struct Groups {
    pub count: usize,
    pub eps: f32,
    pub activated: Activated,
}

/// Returns the output, `[batch, channels, height, width]`, and the mean and reciprocal standard deviation of each
/// group.
pub(super) fn forward(
    input: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    groups: Groups,
) -> (FlexTensor, Vec<[f32; 2]>) {
    let dims @ [_, channels, height, width] = shape::<4>(input);
    let members = channels / groups.count;
    let size = members * height * width;
    let (weight, bias, values) = (numbers(weight), numbers(bias), numbers(input));
    let mut output = vec![0.0; values.len()];
    let moments = output
        .par_chunks_exact_mut(size)
        .zip(values.par_chunks_exact(size))
        .enumerate()
        .map(|(index, (output, values))| {
            let first = index % groups.count * members;
            let [weight, bias] = [weight, bias].map(|numbers| &numbers[first..first + members]);
            dispatch(Normalise {
                values,
                weight,
                bias,
                groups,
                output,
            })
        })
        .collect();
    (tensor(output, dims), moments)
}

/// Normalises one group of channels of one image, and returns its mean and reciprocal standard deviation.
struct Normalise<'a> {
    values: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    groups: Groups,
    output: &'a mut [f32],
}

impl Kernel for Normalise<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> [f32; 2] {
        let Self {
            values,
            weight,
            bias,
            groups,
            output,
        } = self;
        let count = values.len() as f32;
        let mean = sum_of(values) / count;
        for (output, value) in output.iter_mut().zip(values) {
            *output = (value - mean) * (value - mean);
        }
        let scale = 1.0 / (sum_of(output) / count + groups.eps).sqrt();
        let plane = values.len() / weight.len();
        let planes = output
            .chunks_exact_mut(plane)
            .zip(values.chunks_exact(plane));
        for ((output, values), (weight, bias)) in planes.zip(weight.iter().zip(bias)) {
            let (slope, shift) = (weight * scale, bias - weight * scale * mean);
            for (output, value) in output.iter_mut().zip(values) {
                let normal = slope * value + shift;
                *output = match groups.activated {
                    Activated::Not => normal,
                    Activated::Silu => silu(normal)[0],
                };
            }
        }
        [mean, scale]
    }
}

/// Derivatives with respect to the input, the weight and the bias. With `n = (x − mean)·scale`, `z = w·n + b` and
/// `g = dL/dz`: `dL/db = Σ g`, `dL/dw = Σ g·n`, and `dL/dx = scale·(w·g − mean(w·g) − n·mean(w·g·n))` with means over
/// the group.
pub(super) fn backward(state: &Normalised, gradient: &FlexTensor) -> [FlexTensor; 3] {
    let dims @ [_, channels, height, width] = shape::<4>(&state.input);
    let (groups, plane) = (state.groups, height * width);
    let members = channels / groups.count;
    let size = members * plane;
    let (weight, bias) = (numbers(&state.weight), numbers(&state.bias));
    let mut of_input = vec![0.0; numbers(&state.input).len()];
    // Σ g and Σ g·n of each channel of each image.
    let sums: Vec<[f32; 2]> = of_input
        .par_chunks_exact_mut(size)
        .zip(numbers(&state.input).par_chunks_exact(size))
        .zip(numbers(gradient).par_chunks_exact(size))
        .zip(&state.moments)
        .enumerate()
        .map(|(index, (((of_input, values), gradient), moments))| {
            let first = index % groups.count * members;
            let group = Group {
                values,
                gradient,
                weight: &weight[first..first + members],
                bias: &bias[first..first + members],
                moments: *moments,
                activated: groups.activated,
                of_input,
            };
            dispatch(group)
        })
        .flatten_iter()
        .collect();
    let mut of_parameters = [vec![0.0_f32; channels], vec![0.0_f32; channels]];
    for image in sums.chunks_exact(channels) {
        for (channel, [sum, product]) in image.iter().enumerate() {
            of_parameters[0][channel] += product;
            of_parameters[1][channel] += sum;
        }
    }
    let [of_weight, of_bias] = of_parameters.map(|values| tensor(values, [channels]));
    [tensor(of_input, dims), of_weight, of_bias]
}

/// Computes the derivatives of one group of channels of one image, and returns Σ g and Σ g·n of each channel.
struct Group<'a> {
    values: &'a [f32],
    gradient: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    moments: [f32; 2],
    activated: Activated,
    of_input: &'a mut [f32],
}

impl Kernel for Group<'_> {
    type Output = Vec<[f32; 2]>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<[f32; 2]> {
        let of_input = self.of_input;
        let [mean, scale] = self.moments;
        let plane = self.values.len() / self.weight.len();
        let mut sums = Vec::with_capacity(self.weight.len());
        let mut products = vec![0.0; plane];
        let (mut of_group, mut of_products) = (0.0, 0.0);
        let channels = self.weight.iter().zip(self.bias).enumerate();
        for (channel, (weight, bias)) in channels {
            let own = channel * plane..(channel + 1) * plane;
            let found = &mut of_input[own.clone()];
            let (values, gradient) = (&self.values[own.clone()], &self.gradient[own]);
            // Separate loop: together with the rest, the compiler would not vectorise it.
            match self.activated {
                Activated::Not => found.fill(1.0),
                Activated::Silu => {
                    let (slope, shift) = (weight * scale, bias - weight * scale * mean);
                    for (found, value) in found.iter_mut().zip(values) {
                        *found = silu(slope * value + shift)[1];
                    }
                }
            }
            let numbers = values.iter().zip(gradient);
            for ((found, product), (value, gradient)) in
                found.iter_mut().zip(&mut products).zip(numbers)
            {
                *found *= gradient;
                *product = *found * (value - mean) * scale;
            }
            let pair = [sum_of(found), sum_of(&products)];
            of_group += weight * pair[0];
            of_products += weight * pair[1];
            sums.push(pair);
        }
        let count = self.values.len() as f32;
        let (of_group, of_products) = (of_group / count, of_products / count);
        let planes = of_input
            .chunks_exact_mut(plane)
            .zip(self.values.chunks_exact(plane));
        for ((found, values), weight) in planes.zip(self.weight) {
            for (found, value) in found.iter_mut().zip(values) {
                let normal = (value - mean) * scale;
                *found = scale * (weight * *found - of_group - normal * of_products);
            }
        }
        sums
    }
}
