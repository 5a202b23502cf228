//! Hand-written forward and backward passes of a multilayer perceptron, on one thread.

mod divergence;

use super::activation::{activate, differentiate};
use super::matmul::{Packed, SAMPLES, add_outer_products, padded_inputs, padded_outputs};
use crate::nn::MlpConfig;

/// Number of samples that pass through all layers together, so that the activations fit in the cache.
const CHUNK: usize = 132;

/// A perceptron with its working memory, which is reused between calls. Batches are `[samples, numbers]` in row-major
/// order; internally, features come first.
#[derive(Clone, Debug)]
pub(crate) struct Perceptron {
    config: MlpConfig,
    layers: Vec<Layer>,
    /// Output of the last layer for a chunk, `[samples, features]`.
    output: Vec<f32>,
    /// Derivatives of the loss with respect to the sums of a layer and of the previous one, `[features, stride]`.
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
    /// Derivatives of the activation function at the input.
    slopes: Vec<f32>,
}

impl Perceptron {
    /// A perceptron with zero weights.
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

    /// Loads weights for [`forward`](Self::forward): for each layer the weight `[outputs, inputs]`, then the bias.
    pub fn load(&mut self, mut weights: &[f32]) {
        for layer in &mut self.layers {
            let (weight, rest) = weights.split_at(layer.outputs * layer.inputs);
            let (bias, rest) = rest.split_at(layer.outputs);
            layer.forward.fill(weight, layer.inputs);
            layer.bias.copy_from_slice(bias);
            weights = rest;
        }
    }

    /// Loads weights for [`forward`](Self::forward) and [`differentiate`](Self::differentiate).
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

    /// Adds the derivatives of a loss with respect to all weights to `gradient`. `loss` replaces the outputs of the
    /// samples from the given index on by the derivatives of the loss with respect to them.
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

    /// Loads the input of a chunk and returns the stride.
    fn enter(&mut self, input: &[f32]) -> usize {
        let inputs = self.config.inputs();
        let stride = (input.len() / inputs).next_multiple_of(SAMPLES);
        let Some(first) = self.layers.first_mut() else {
            return stride;
        };
        transpose(input, inputs, &mut first.input[..inputs * stride], stride);
        stride
    }

    /// Computes the sums of a hidden layer, into the input of the next one.
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

    /// Computes the last layer, for as many samples as `output` holds.
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

    /// Backward pass: from the derivatives with respect to the output to those with respect to the weights.
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
                // Padding to whole tiles.
                before[inputs * stride..padded_outputs(inputs) * stride].fill(0.0);
                std::mem::swap(&mut current, &mut before);
            }
        }
        self.gradients = [current, before];
    }
}

/// Transposes `[samples, features]` to `[features, stride]`, padded with zeros.
fn transpose(samples: &[f32], features: usize, transposed: &mut [f32], stride: usize) {
    transposed.fill(0.0);
    for (sample, numbers) in samples.chunks_exact(features).enumerate() {
        for (feature, number) in numbers.iter().enumerate() {
            transposed[feature * stride + sample] = *number;
        }
    }
}
