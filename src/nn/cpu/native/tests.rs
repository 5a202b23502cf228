//! Compares the kernels and their derivatives with Burn's.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::*;
use crate::nn::activation::Activation;
use crate::random::Generator;

fn random<const D: usize>(shape: [usize; D], seed: u32) -> Tensor<D> {
    let values = Generator::new(seed).normal(shape.iter().product::<usize>().max(16));
    let values = values[..shape.iter().product()].to_vec();
    let device = Device::flex().autodiff();
    Tensor::from_data(TensorData::new(values, shape), &device).require_grad()
}

/// The outputs of both, and their derivatives with respect to all inputs in the direction of a random gradient.
#[track_caller]
fn assert_same(
    inputs: (Tensor<4>, Tensor<4>, Tensor<1>),
    ours: impl Fn(Tensor<4>, Tensor<4>, Tensor<1>) -> Tensor<4>,
    theirs: impl Fn(Tensor<4>, Tensor<4>, Tensor<1>) -> Tensor<4>,
    case: &str,
) {
    let (a, b, c) = inputs;
    let all = |output: Tensor<4>| {
        let direction = random(output.dims(), 99).inner();
        let gradients = (output.clone() * Tensor::from_inner(direction))
            .sum()
            .backward();
        let mut found: Vec<f32> = output.inner().into_data().iter().collect();
        let wanted = "it has a gradient";
        found.extend(a.grad(&gradients).expect(wanted).into_data().iter::<f32>());
        found.extend(b.grad(&gradients).expect(wanted).into_data().iter::<f32>());
        found.extend(c.grad(&gradients).expect(wanted).into_data().iter::<f32>());
        found
    };
    let (a, b, c) = (a.clone(), b.clone(), c.clone());
    let found = all(ours(a.clone(), b.clone(), c.clone()));
    let expected = all(theirs(a.clone(), b.clone(), c.clone()));
    assert_eq!(found.len(), expected.len(), "{case}");
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let allowed = 1e-4 * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() < allowed,
            "{case}: {found} is not {expected} at {index}"
        );
    }
}

#[test]
fn convolutions_and_their_derivatives_are_those_of_burn() {
    for [batch, inputs, outputs, height, width] in [
        [1, 1, 1, 1, 1],
        [2, 1, 5, 7, 7],
        [3, 5, 4, 5, 12],
        [2, 3, 9, 14, 14],
        [9, 4, 2, 28, 28],
        [2, 6, 3, 13, 2],
    ] {
        for (kernel, step, first, padding) in [
            (1, 1, 0, [0; 4]),
            (3, 1, 0, [1; 4]),
            (3, 2, 0, [1; 4]),
            (3, 2, 1, [0, 0, 1, 1]),
        ] {
            let geometry = Geometry {
                height,
                width,
                kernel,
                step,
                first,
            };
            if geometry.output().contains(&0) || (step == 2 && height.min(width) < 2) {
                continue;
            }
            let inputs = (
                random([batch, inputs, height, width], 1),
                random([outputs, inputs, kernel, kernel], 2),
                random([outputs], 3),
            );
            let [top, left, bottom, right] = padding;
            let options =
                ConvOptions::new_with_padding([step; 2], [(top, bottom), (left, right)], [1; 2], 1);
            assert_same(
                inputs,
                |images, weight, bias| convolve(images, weight, bias, geometry),
                |images, weight, bias| conv2d(images, weight, Some(bias), options.clone()),
                &format!("{geometry:?}"),
            );
        }
    }
}

#[test]
fn normalisations_and_their_derivatives_are_those_of_the_formula() {
    for [batch, groups, members, height, width] in [
        [1, 1, 2, 1, 1],
        [2, 3, 1, 5, 3],
        [3, 2, 4, 7, 7],
        [2, 8, 2, 28, 28],
    ] {
        for activated in [Activated::Not, Activated::Silu] {
            let channels = groups * members;
            let formula = |input: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>| {
                let flat: Tensor<2> = input.reshape([batch * groups, members * height * width]);
                let centred = flat.clone() - flat.mean_dim(1);
                let variance = centred.clone().square().mean_dim(1);
                let normal: Tensor<4> =
                    (centred / (variance + 1e-5).sqrt()).reshape([batch, channels, height, width]);
                let output = normal * weight.reshape([1, channels, 1, 1])
                    + bias.reshape([1, channels, 1, 1]);
                match activated {
                    Activated::Not => output,
                    Activated::Silu => Activation::Silu.forward(output),
                }
            };
            let options = Groups {
                count: groups,
                eps: 1e-5,
                activated,
            };
            assert_same(
                (
                    random([batch, channels, height, width], 4),
                    random([1, channels, 1, 1], 5),
                    random([channels], 6),
                ),
                |input, weight, bias| normalise(input, weight.reshape([channels]), bias, options),
                formula,
                &format!("{batch} of {channels} in {groups}, {height}x{width}, {activated:?}"),
            );
        }
    }
}

#[test]
fn inference_and_training_give_the_same_numbers() {
    let geometry = Geometry {
        height: 9,
        width: 6,
        kernel: 3,
        step: 1,
        first: 0,
    };
    let inputs = (
        random([2, 3, 9, 6], 1),
        random([5, 3, 3, 3], 2),
        random([5], 3),
    );
    let tracked = convolve(
        inputs.0.clone(),
        inputs.1.clone(),
        inputs.2.clone(),
        geometry,
    );
    let plain = convolve(
        inputs.0.inner(),
        inputs.1.inner(),
        inputs.2.inner(),
        geometry,
    );
    assert!(!plain.is_autodiff());
    assert_eq!(tracked.inner().into_data(), plain.into_data());
}

#[test]
fn the_kernels_take_single_precision_alone() {
    let single: Tensor<4> = Tensor::zeros([1, 1, 2, 2], &Device::flex());
    assert!(is_here(&single) && is_here(&single.clone().autodiff()));
    for other in [DType::F64, DType::F16] {
        assert!(!is_here(&single.clone().cast(other)), "{other:?}");
    }
}
