//! Training steps for point networks on the CPU, with hand-written derivatives.

use burn::tensor::{Device, Tensor};
use serde_json::Value;

use super::adam::Flat;
use super::objective::differentiate_loss;
use super::{Batch, Parameters, TrainableModel, Update};
use crate::Result;
use crate::nn::cpu::Perceptron;
use crate::nn::{Mlp, MlpConfig, NamedTensor, state_dict};

/// A point network with Adam on the CPU. Up to rounding it computes the same as
/// [`AutodiffModel`](super::AutodiffModel), but with hand-written forward and backward passes and without allocations
/// per step.
#[derive(Clone, Debug)]
pub struct CpuModel {
    config: MlpConfig,
    network: Perceptron,
    flat: Flat,
    gradient: Vec<f32>,
    /// Noisy points of a batch, each with its time embedding.
    input: Vec<f32>,
}

impl CpuModel {
    /// An untrained model, whose EMA is initialised with its weights.
    pub fn new(network: &Mlp) -> Self {
        let weights = network.to_weights();
        Self {
            config: *network.config(),
            network: Perceptron::new(network.config()),
            gradient: vec![0.0; weights.len()],
            flat: Flat::new(weights),
            input: Vec::new(),
        }
    }

    /// The network with its current weights.
    pub fn network(&self) -> Mlp {
        self.with(&self.flat.weights)
    }

    /// The network with the EMA of its weights.
    pub fn ema(&self) -> Mlp {
        self.with(&self.flat.ema)
    }

    fn with(&self, weights: &[f32]) -> Mlp {
        let fits = "the weights were those of this configuration";
        Mlp::from_weights(&self.config, weights, &Device::flex()).expect(fits)
    }

    /// Returns the loss of the batch and stores its derivatives with respect to all weights in `gradient`.
    fn differentiate(&mut self, batch: &Batch<2>) -> f64 {
        let embedding = self.config.time_embedding;
        let (features, inputs) = (self.config.features, self.config.inputs());
        self.input.resize(batch.len() * inputs, 0.0);
        let points = batch.noisy.chunks_exact(features).zip(&batch.levels);
        for (input, (point, level)) in self.input.chunks_exact_mut(inputs).zip(points) {
            let (coordinates, time) = input.split_at_mut(inputs - embedding.width());
            self.config.write_point(point, coordinates);
            embedding.write(*level, time);
        }
        self.gradient.fill(0.0);
        self.network.load_for_training(&self.flat.weights);
        let mut sum = 0.0;
        let loss =
            |first: usize, output: &mut [f32]| sum += differentiate_loss(first, output, batch);
        self.network
            .differentiate(&self.input, loss, &mut self.gradient);
        sum / batch.target.len() as f64
    }

    /// Name and shape of each parameter.
    fn shapes(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let layers = self.config.layers().enumerate();
        layers.flat_map(|(index, [outputs, inputs])| {
            [
                (format!("layers.{index}.weight"), vec![outputs, inputs]),
                (format!("layers.{index}.bias"), vec![outputs]),
            ]
        })
    }

    fn named(&self, mut values: &[f32]) -> Vec<NamedTensor> {
        let named = |(name, shape): (String, Vec<usize>)| {
            let (own, rest) = values.split_at(shape.iter().product());
            values = rest;
            let values = Tensor::from_data(own, &Device::flex());
            NamedTensor {
                name,
                shape,
                values,
            }
        };
        self.shapes().map(named).collect()
    }

    fn flat(&self, tensors: &[NamedTensor]) -> Result<Vec<f32>> {
        let mut flat = Vec::with_capacity(self.gradient.len());
        for (name, expected) in self.shapes() {
            let tensor = state_dict::find(tensors, &name, &expected)?;
            flat.extend(tensor.values.to_data().iter::<f32>());
        }
        Ok(flat)
    }
}

impl TrainableModel<2> for CpuModel {
    fn train_step(&mut self, batch: &Batch<2>, update: &Update) -> Tensor<1> {
        let loss = self.differentiate(batch);
        self.flat.step(&self.gradient, update);
        Tensor::from_data([loss as f32], &Device::flex())
    }

    fn parameters(&self) -> Parameters {
        Parameters {
            weights: self.named(&self.flat.weights),
            ema: self.named(&self.flat.ema),
            moment_1: self.named(&self.flat.moment_1),
            moment_2: self.named(&self.flat.moment_2),
        }
    }

    fn restore(&mut self, parameters: &Parameters) -> Result<()> {
        self.flat = Flat {
            weights: self.flat(&parameters.weights)?,
            ema: self.flat(&parameters.ema)?,
            moment_1: self.flat(&parameters.moment_1)?,
            moment_2: self.flat(&parameters.moment_2)?,
        };
        Ok(())
    }

    fn device(&self) -> Device {
        Device::flex()
    }

    fn config(&self) -> Value {
        serde_json::to_value(self.config).unwrap_or_default()
    }
}
