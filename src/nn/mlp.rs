//! A multilayer perceptron for points, conditioned on the noise level.

mod config;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

pub(crate) use config::frequency;
pub use config::{MlpConfig, TimeEmbedding};

use super::cpu::{self, Perceptron};
use super::state_dict;
use crate::diffusion::NoiseLevel;
use crate::random::Generator;
use crate::{Error, Result};

/// A multilayer perceptron for noisy points and their noise level:
///
/// `h_0 = [φ(x_t), e(level)]`, `h_i = act(W_i h_{i−1} + b_i)`, output `W h + b`
///
/// with the [`TimeEmbedding`] `e`, where `φ` consists of the coordinates and their Fourier features
/// ([`MlpConfig::octaves`]). Parameter paths are the keys of its state dict, `layers.0.weight` and so on, like those of
/// a PyTorch module with a `ModuleList` called `layers`.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    #[module(skip)]
    config: MlpConfig,
}

impl Mlp {
    /// A network with PyTorch's initial weights: for each layer the weight, then the bias, both uniform in
    /// ±`1/√fan_in`. They equal those of `torch.nn.Linear` after `torch.manual_seed` with the generator's seed.
    ///
    /// # Errors
    /// Those of [`MlpConfig::validate`].
    pub fn new(config: &MlpConfig, generator: &mut Generator, device: &Device) -> Result<Self> {
        config.validate()?;
        let mut weights = Vec::with_capacity(config.parameter_count());
        for [outputs, inputs] in config.layers() {
            let bound = (1.0 / (inputs as f64).sqrt()) as f32;
            for count in [outputs * inputs, outputs] {
                let uniform = generator.uniform(count).into_iter();
                // Fused, as in PyTorch's AVX2 kernel.
                weights.extend(uniform.map(|u| u.mul_add(2.0 * bound, -bound)));
            }
        }
        Self::from_weights(config, &weights, device)
    }

    /// A network with these parameters: for each layer the weight `[outputs, inputs]` in row-major order, then the
    /// bias.
    ///
    /// # Errors
    /// Those of [`MlpConfig::validate`], and [`Error::InvalidOption`] for another number of parameters.
    pub fn from_weights(config: &MlpConfig, weights: &[f32], device: &Device) -> Result<Self> {
        config.validate()?;
        let count = config.parameter_count();
        if weights.len() != count {
            let expected = format!("{count} numbers, the number of parameters of the network");
            return Err(Error::invalid("weights", expected, weights.len()));
        }
        let mut rest = weights;
        let mut layers = Vec::new();
        for [outputs, inputs] in config.layers() {
            let (weight, after) = rest.split_at(outputs * inputs);
            let (bias, after) = after.split_at(outputs);
            rest = after;
            let weight =
                Tensor::<2>::from_data(TensorData::new(weight.to_vec(), [outputs, inputs]), device);
            let bias = Tensor::from_data(TensorData::new(bias.to_vec(), [outputs]), device);
            layers.push(Linear {
                // Burn multiplies by the weight, PyTorch by its transpose.
                weight: Param::from_tensor(weight.transpose()),
                bias: Some(Param::from_tensor(bias)),
            });
        }
        Ok(Self {
            layers,
            config: *config,
        })
    }

    /// The parameters in the order of [`from_weights`](Self::from_weights), read back from the device.
    pub(crate) fn to_weights(&self) -> Vec<f32> {
        let parameters = state_dict::parameters(self).into_iter();
        let values = parameters.map(|weights| weights.named().values.into_data());
        values
            .flat_map(|data| data.iter::<f32>().collect::<Vec<_>>())
            .collect()
    }

    /// Configuration of the network.
    pub fn config(&self) -> &MlpConfig {
        &self.config
    }

    /// The output for noisy `points`, `[batch, features]`, in the same shape. `levels` has one noise level per point,
    /// or one for all.
    ///
    /// On the CPU, the layers are computed by custom kernels unless gradients are tracked.
    pub fn forward(&self, points: Tensor<2>, levels: &[NoiseLevel]) -> Tensor<2> {
        let embedded = self.embed(levels);
        if self.is_on_cpu(&points) {
            self.on_cpu(points, &embedded, Perceptron::forward)
        } else {
            self.forward_on_device(points, embedded)
        }
    }

    /// Whether all values are in CPU memory and no gradients are tracked.
    fn is_on_cpu(&self, points: &Tensor<2>) -> bool {
        let tracked =
            points.is_autodiff() || self.layers.iter().any(|layer| layer.weight.is_autodiff());
        points.device() == Device::flex() && !tracked
    }

    fn forward_on_device(&self, points: Tensor<2>, embedded: Vec<f32>) -> Tensor<2> {
        let ([rows, _], width) = (points.dims(), self.config.time_embedding.width());
        let embedded = TensorData::new(embedded.clone(), [embedded.len() / width, width]);
        let embedded = Tensor::<2>::from_data(embedded, &points.device()).expand([rows, width]);
        let mut hidden = Tensor::cat(vec![self.features_of(points), embedded], 1);
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                hidden = self.config.activation.forward(hidden);
            }
            hidden = layer.forward(hidden);
        }
        hidden
    }

    /// Input features of points, `[batch, features * coordinate_width]`.
    fn features_of(&self, points: Tensor<2>) -> Tensor<2> {
        if self.config.octaves == 0 {
            return points;
        }
        let mut columns = Vec::new();
        for coordinate in 0..self.config.features {
            let x = points.clone().narrow(1, coordinate, 1);
            columns.push(x.clone());
            for octave in 0..self.config.octaves {
                let angle = x.clone() * frequency(octave);
                columns.extend([angle.clone().sin(), angle.cos()]);
            }
        }
        Tensor::cat(columns, 1)
    }

    /// The output for noisy `points` at one `level`, and the divergence `Σ_i ∂output_i/∂point_i` of each, `[batch]`.
    ///
    /// Forward-mode differentiation: with `h = act(z)` and `z' = W·h + b`, `dz' = W·(act'(z)·dz)`, with one `dz` per
    /// coordinate. The values and all derivatives of a layer are one product.
    pub fn forward_with_divergence(
        &self,
        points: Tensor<2>,
        level: NoiseLevel,
    ) -> (Tensor<2>, Tensor<1>) {
        let embedded = self.embed(&[level]);
        if self.is_on_cpu(&points) {
            let (device, shape) = (points.device(), points.dims());
            let mut divergence = vec![0.0; shape[0]];
            let output = self.on_cpu(points, &embedded, |network, input, output| {
                network.forward_with_divergence(input, output, &mut divergence);
            });
            let divergence = TensorData::new(divergence, [shape[0]]);
            return (output, Tensor::from_data(divergence, &device));
        }
        let rows = points.dims()[0];
        let [first, hidden @ .., last] = self.layers.as_slice() else {
            unreachable!("there is a hidden layer");
        };
        let width = embedded.len();
        let embedded =
            Tensor::<2>::from_data(TensorData::new(embedded, [1, width]), &points.device());
        let features = points.dims()[1];
        let embedded = embedded.expand([rows, width]);
        let inputs = self.features_of(points);
        let mut values = first.forward(Tensor::cat(vec![inputs.clone(), embedded], 1));
        // A unit step in each coordinate.
        let width = self.config.coordinate_width();
        let mut derivatives: Vec<Tensor<2>> = (0..features)
            .map(|feature| {
                let weights = first.weight.val().narrow(0, feature * width, width);
                self.derivatives_of(inputs.clone().narrow(1, feature * width, width))
                    .matmul(weights)
            })
            .collect();
        for layer in hidden {
            let (activated, steps) = self.activate(values, derivatives);
            values = layer.forward(activated);
            let product = |step: Tensor<2>| step.matmul(layer.weight.val());
            derivatives = steps.into_iter().map(product).collect();
        }
        let (activated, steps) = self.activate(values, derivatives);
        // From each derivative of the output, only the component with the same index.
        let weights = last.weight.val().transpose(); // [features, width]
        let terms = steps.into_iter().enumerate();
        let terms = terms.map(|(i, step)| (step * weights.clone().narrow(0, i, 1)).sum_dim(1));
        let divergence = Tensor::cat(terms.collect(), 1).sum_dim(1);
        (last.forward(activated), divergence.squeeze_dim::<1>(1))
    }

    /// Derivatives of the input features of a coordinate with respect to it, computed from the features:
    /// `[batch, coordinate_width]`.
    fn derivatives_of(&self, inputs: Tensor<2>) -> Tensor<2> {
        let mut columns = vec![inputs.clone().narrow(1, 0, 1).ones_like()];
        for octave in 0..self.config.octaves {
            let part = |place| inputs.clone().narrow(1, 1 + 2 * octave + place, 1);
            let (sine, cosine) = (part(0), part(1));
            columns.extend([cosine * frequency(octave), sine * -frequency(octave)]);
        }
        Tensor::cat(columns, 1)
    }

    /// Activations of a layer, and their derivatives along the given steps.
    fn activate(&self, values: Tensor<2>, steps: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        let activation = self.config.activation;
        let slope = activation.derivative(values.clone());
        let after = steps.into_iter().map(|step| step * slope.clone());
        (activation.forward(values), after.collect())
    }

    /// Computes the output with the CPU kernels, after adding the time embedding to the input.
    fn on_cpu(
        &self,
        points: Tensor<2>,
        embedded: &[f32],
        compute: impl FnOnce(&mut Perceptron, &[f32], &mut [f32]),
    ) -> Tensor<2> {
        let (device, shape) = (points.device(), points.dims());
        let points = cpu::numbers(points);
        let rows = points.chunks_exact(self.config.features);
        let times = embedded
            .chunks_exact(self.config.time_embedding.width())
            .cycle();
        let inputs = self.config.inputs();
        let mut input = vec![0.0; rows.len() * inputs];
        for ((row, point), time) in input.chunks_exact_mut(inputs).zip(rows).zip(times) {
            let (coordinates, embedding) = row.split_at_mut(inputs - time.len());
            self.config.write_point(point, coordinates);
            embedding.copy_from_slice(time);
        }
        let mut network = Perceptron::new(&self.config);
        network.load(&self.to_weights());
        let mut output = points;
        compute(&mut network, &input, &mut output);
        Tensor::from_data(TensorData::new(output, shape), &device)
    }

    /// Time embedding of each level, `[levels, embedding]` in row-major order.
    fn embed(&self, levels: &[NoiseLevel]) -> Vec<f32> {
        let width = self.config.time_embedding.width();
        let mut values = vec![0.0; levels.len() * width];
        for (level, row) in levels.iter().zip(values.chunks_exact_mut(width)) {
            self.config.time_embedding.write(*level, row);
        }
        values
    }
}
