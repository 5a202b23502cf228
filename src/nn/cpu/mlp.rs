//! A multilayer perceptron forward and backward by hand, on one thread.

mod divergence;

use super::activation::{activate, differentiate};
use super::matmul::{Packed, SAMPLES, add_outer_products, padded_inputs, padded_outputs};
use crate::nn::MlpConfig;

/// Samples that go through all layers together, so that what they leave behind stays in the cache.
const CHUNK: usize = 132;

/// A perceptron in the memory that it computes in, which is reused from call to call. Batches are `[samples, numbers]` in row-major order; inside, features come
/// first.
#[derive(Clone, Debug)]
pub(crate) struct Perceptron {
    config: MlpConfig,
    layers: Vec<Layer>,
    /// What comes out of the last layer for a chunk, `[samples, features]`.
    output: Vec<f32>,
    /// Derivatives of the loss by the sums of a layer and of the one before it, `[features, stride]`.
    gradients: [Vec<f32>; 2],
}

#[derive(Clone, Debug)]
struct Layer {
    outputs: usize,
    inputs: usize,
    bias: Vec<f32>,
    forward: Packed,
    backward: Packed,
    /// `[inputs, stride]`
    input: Vec<f32>,
    /// The derivatives of the activation that gave the input.
    slopes: Vec<f32>,
}

impl Perceptron {
    /// All weights are zero.
    pub fn new(config: &MlpConfig) -> Self {
        let layer = |[outputs, inputs]: [usize; 2]| Layer {
            outputs,
            inputs,
            bias: vec![0.0; outputs],
            forward: Packed::default(),
            backward: Packed::default(),
            input: vec![0.0; padded_inputs(inputs) * CHUNK],
            slopes: Vec::new(),
        };
        Self {
            config: *config,
            layers: config.layers().map(layer).collect(),
            output: vec![0.0; CHUNK * config.features],
            gradients: [Vec::new(), Vec::new()],
        }
    }

    /// Takes weights for [`forward`](Self::forward): layer by layer the weight `[outputs, inputs]`, then the bias.
    pub fn load(&mut self, mut weights: &[f32]) {
        for layer in &mut self.layers {
            let (weight, rest) = weights.split_at(layer.outputs * layer.inputs);
            let (bias, rest) = rest.split_at(layer.outputs);
            layer.forward.fill(weight, layer.inputs);
            layer.bias.copy_from_slice(bias);
            weights = rest;
        }
    }

    /// Takes weights for [`differentiate`](Self::differentiate), too.
    pub fn load_for_training(&mut self, mut weights: &[f32]) {
        self.load(weights);
        let widest = self.layers.iter().map(|layer| layer.outputs).max();
        let room = padded_outputs(widest.unwrap_or(0)) * CHUNK;
        for gradients in &mut self.gradients {
            gradients.resize(room, 0.0);
        }
        for layer in &mut self.layers {
            let (weight, rest) = weights.split_at(layer.outputs * layer.inputs);
            layer.backward.fill_transposed(weight, layer.inputs);
            layer.slopes.resize(layer.input.len(), 0.0);
            weights = &rest[layer.outputs..];
        }
    }

    /// The network's output for `input`, written to `output`.
    pub fn forward(&mut self, input: &[f32], output: &mut [f32]) {
        let (inputs, features) = (self.config.inputs(), self.config.features);
        let outputs = output.chunks_mut(CHUNK * features);
        for (input, output) in input.chunks(CHUNK * inputs).zip(outputs) {
            let stride = self.enter(input);
            for index in 0..self.config.depth {
                let activation = self.config.activation;
                activate(activation, self.pass(index, stride));
            }
            self.leave(stride, output);
        }
    }

    /// Adds the derivatives of a loss by all weights to `gradient`. `loss` turns the outputs of the samples from the given one on into the loss's derivatives by
    /// them.
    pub fn differentiate(
        &mut self,
        input: &[f32],
        mut loss: impl FnMut(usize, &mut [f32]),
        gradient: &mut [f32],
    ) {
        let (inputs, features) = (self.config.inputs(), self.config.features);
        let mut output = std::mem::take(&mut self.output);
        for (chunk, input) in input.chunks(CHUNK * inputs).enumerate() {
            let stride = self.enter(input);
            for index in 0..self.config.depth {
                self.pass(index, stride);
                let Layer { input, slopes, .. } = &mut self.layers[index + 1];
                let length = self.config.width * stride;
                differentiate(
                    self.config.activation,
                    &mut input[..length],
                    &mut slopes[..length],
                );
            }
            let output = &mut output[..input.len() / inputs * features];
            self.leave(stride, output);
            loss(chunk * CHUNK, output);
            self.go_back(stride, output, gradient);
        }
        self.output = output;
    }

    /// Takes the input of a chunk, and says the stride.
    fn enter(&mut self, input: &[f32]) -> usize {
        let inputs = self.config.inputs();
        let stride = (input.len() / inputs).next_multiple_of(SAMPLES);
        let Some(first) = self.layers.first_mut() else {
            return stride;
        };
        transpose(input, inputs, &mut first.input[..inputs * stride], stride);
        stride
    }

    /// Computes the sums of a hidden layer where the next one has its input.
    fn pass(&mut self, index: usize, stride: usize) -> &mut [f32] {
        let (before, after) = self.layers.split_at_mut(index + 1);
        let Layer {
            forward,
            bias,
            input,
            outputs,
            ..
        } = &before[index];
        let sums = &mut after[0].input[..outputs * stride];
        forward.multiply(input, stride, |row, sample, tile| {
            let sums = &mut sums[row * stride + sample..][..SAMPLES];
            for (sum, product) in sums.iter_mut().zip(tile) {
                *sum = product + bias[row];
            }
        });
        sums
    }

    /// Computes the last layer, of as many samples as `output` has room for.
    fn leave(&self, stride: usize, output: &mut [f32]) {
        let features = self.config.features;
        let Layer {
            forward,
            bias,
            input,
            ..
        } = &self.layers[self.config.depth];
        forward.multiply(input, stride, |row, sample, tile| {
            let samples = output.chunks_exact_mut(features).skip(sample);
            for (output, product) in samples.zip(tile) {
                output[row] = product + bias[row];
            }
        });
    }

    /// Goes back from the derivatives by the output to those by the weights.
    fn go_back(&mut self, stride: usize, output: &[f32], gradient: &mut [f32]) {
        let [mut current, mut before] = std::mem::take(&mut self.gradients);
        let features = self.config.features;
        transpose(
            output,
            features,
            &mut current[..padded_outputs(features) * stride],
            stride,
        );
        let mut rest = gradient;
        for layer in self.layers.iter().rev() {
            let Layer {
                outputs, inputs, ..
            } = *layer;
            let (earlier, own) = rest.split_at_mut(rest.len() - outputs * (inputs + 1));
            rest = earlier;
            let (weight, bias) = own.split_at_mut(outputs * inputs);
            let sums = &current[..padded_outputs(outputs) * stride];
            add_outer_products(
                sums,
                &layer.input[..padded_inputs(inputs) * stride],
                stride,
                weight,
                inputs,
            );
            for (bias, sums) in bias.iter_mut().zip(sums.chunks_exact(stride)) {
                *bias += sums.iter().sum::<f32>();
            }
            if !rest.is_empty() {
                layer
                    .backward
                    .multiply(&current, stride, |row, sample, tile| {
                        let place = row * stride + sample;
                        let sums = before[place..][..SAMPLES].iter_mut();
                        let slopes = &layer.slopes[place..][..SAMPLES];
                        for ((sum, product), slope) in sums.zip(tile).zip(slopes) {
                            *sum = product * slope;
                        }
                    });
                // What is padded to whole tiles.
                before[inputs * stride..padded_outputs(inputs) * stride].fill(0.0);
                std::mem::swap(&mut current, &mut before);
            }
        }
        self.gradients = [current, before];
    }
}

/// From `[samples, features]` to `[features, stride]`; the rest is filled with zeros.
fn transpose(samples: &[f32], features: usize, transposed: &mut [f32], stride: usize) {
    transposed.fill(0.0);
    for (sample, numbers) in samples.chunks_exact(features).enumerate() {
        for (feature, number) in numbers.iter().enumerate() {
            transposed[feature * stride + sample] = *number;
        }
    }
}
