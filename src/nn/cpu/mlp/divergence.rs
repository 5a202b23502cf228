//! The divergence of a perceptron: derivatives that go forward along with the values.

use super::super::activation::differentiate;
use super::super::matmul::SAMPLES;
use super::{CHUNK, Layer, Perceptron};
use crate::nn::mlp::frequency;

impl Perceptron {
    /// The network's output for `input`, and of each sample the divergence `Σ_i ∂output_i/∂input_i` over the features, without those of the time embedding.
    ///
    /// Where `h = act(z)` and `z' = W·h + b`, `dz' = W·(act'(z)·dz)`: a derivative by each feature goes through the layers as a sample of its own, without the
    /// biases. Of each sample and its derivatives, the columns of a chunk lie one group after the other.
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

    /// The input of a chunk, and its derivatives by each feature.
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

    /// A hidden layer and its activation, with as many slopes as samples.
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

    /// The last layer: of the derivatives by a feature, that of the same output.
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
