//! The divergence of a perceptron, by forward-mode differentiation.

use super::super::activation::differentiate;
use super::super::matmul::SAMPLES;
use super::{CHUNK, Layer, Perceptron};
use crate::nn::mlp::frequency;

impl Perceptron {
    /// The network's output for `input`, and for each sample the divergence `Σ_i ∂output_i/∂input_i` over the features,
    /// excluding those of the time embedding.
    ///
    /// With `h = act(z)` and `z' = W·h + b`, `dz' = W·(act'(z)·dz)`: the derivative with respect to each feature passes
    /// through the layers like a sample, but without the biases. A chunk contains the samples, followed by their
    /// derivatives, one feature after another.
    pub fn forward_with_divergence(
        &mut self,
        input: &[f32],
        output: &mut [f32],
        divergence: &mut [f32],
    ) {
        let (inputs, features) = (self.config.inputs(), self.config.features);
        let most = CHUNK / (1 + features);
        let mut slopes = vec![0.0; most];
        let outputs = output.chunks_mut(most * features);
        let both = outputs.zip(divergence.chunks_mut(most));
        for (input, (output, divergence)) in input.chunks(most * inputs).zip(both) {
            let samples = divergence.len();
            let stride = self.enter_with_derivatives(input, samples);
            for index in 0..self.config.depth {
                self.pass_with_derivatives(index, stride, &mut slopes[..samples]);
            }
            self.leave_with_divergence(stride, output, divergence);
        }
    }

    /// Loads the input of a chunk, and its derivatives with respect to each feature.
    fn enter_with_derivatives(&mut self, input: &[f32], samples: usize) -> usize {
        let (inputs, features) = (self.config.inputs(), self.config.features);
        let stride = ((1 + features) * samples).next_multiple_of(SAMPLES);
        let Some(first) = self.layers.first_mut() else {
            return stride;
        };
        let columns = &mut first.input[..inputs * stride];
        super::transpose(input, inputs, columns, stride);
        let width = self.config.coordinate_width();
        let coordinates = columns.chunks_exact_mut(width * stride);
        for (feature, block) in coordinates.take(features).enumerate() {
            let own = (1 + feature) * samples..(2 + feature) * samples;
            let (coordinate, waves) = block.split_at_mut(stride);
            coordinate[own.clone()].fill(1.0);
            for (octave, pair) in waves.chunks_exact_mut(2 * stride).enumerate() {
                let (sines, cosines) = pair.split_at_mut(stride);
                for sample in 0..samples {
                    sines[own.start + sample] = frequency(octave) * cosines[sample];
                    cosines[own.start + sample] = -frequency(octave) * sines[sample];
                }
            }
        }
        stride
    }

    /// Computes a hidden layer and its activations, with one slope per sample.
    fn pass_with_derivatives(&mut self, index: usize, stride: usize, slopes: &mut [f32]) {
        let (samples, features) = (slopes.len(), self.config.features);
        let activation = self.config.activation;
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
            sums[row * stride + sample..][..SAMPLES].copy_from_slice(tile);
        });
        for (row, bias) in sums.chunks_exact_mut(stride).zip(bias) {
            let (values, derivatives) = row.split_at_mut(samples);
            values.iter_mut().for_each(|value| *value += bias);
            differentiate(activation, values, slopes);
            for derivatives in derivatives.chunks_exact_mut(samples).take(features) {
                for (derivative, slope) in derivatives.iter_mut().zip(slopes.iter()) {
                    *derivative *= slope;
                }
            }
        }
    }

    /// Computes the last layer; for the derivatives with respect to a feature, only the output of the same index.
    fn leave_with_divergence(&self, stride: usize, output: &mut [f32], divergence: &mut [f32]) {
        let (samples, features) = (divergence.len(), self.config.features);
        let Layer {
            forward,
            bias,
            input,
            ..
        } = &self.layers[self.config.depth];
        divergence.fill(0.0);
        forward.multiply(input, stride, |row, sample, tile| {
            for (column, product) in (sample..).zip(tile) {
                match (column / samples, column % samples) {
                    (0, place) => output[place * features + row] = product + bias[row],
                    (group, place) if group == row + 1 => divergence[place] += product,
                    _ => (),
                }
            }
        });
    }
}
