//! Named parameters with their optimiser.

use burn::tensor::{Device, Tensor};

use super::graph::{Graph, Var};
use crate::nn::{NamedTensor, state_dict};
use crate::train::{Flat, Optimizer};
use crate::{Error, Result};

/// Named matrices trained by one optimiser, with the EMA of each and Adam's moments.
#[derive(Clone, Debug)]
pub struct Network {
    name: &'static str,
    entries: Vec<Entry>,
    flat: Flat,
    optimizer: Optimizer,
    updates: usize,
    gradient: Vec<f32>,
}

/// A parameter: its position in the flat list and its name in files.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: String,
    shape: [usize; 2],
    /// Whether files store the row as a vector.
    is_vector: bool,
    first: usize,
}

impl Entry {
    fn count(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn file_shape(&self) -> Vec<usize> {
        if self.is_vector {
            vec![self.shape[1]]
        } else {
            self.shape.to_vec()
        }
    }
}

/// The complete training state of a network.
#[derive(Clone, Debug)]
pub(super) struct NetworkState {
    flat: Flat,
    updates: usize,
}

impl Network {
    /// A network without parameters. `name` prefixes the parameters' names in files.
    pub fn new(name: &'static str, optimizer: Optimizer) -> Self {
        Self {
            name,
            entries: Vec::new(),
            flat: Flat::new(Vec::new()),
            optimizer,
            updates: 0,
            gradient: Vec::new(),
        }
    }

    /// Adds a parameter `[rows, columns]` and returns its index among the [leaves](Self::leaves).
    ///
    /// # Panics
    /// If the number of values does not match the shape.
    pub fn add(&mut self, name: impl Into<String>, shape: [usize; 2], values: &[f32]) -> usize {
        assert_eq!(values.len(), shape[0] * shape[1], "values for {shape:?}");
        let mut weights = std::mem::take(&mut self.flat.weights);
        self.entries.push(Entry {
            name: name.into(),
            shape,
            is_vector: false,
            first: weights.len(),
        });
        weights.extend(values);
        self.flat = Flat::new(weights);
        self.entries.len() - 1
    }

    /// Adds a vector: `[1, columns]` in a graph, `[columns]` in a file. Returns its index.
    pub fn add_vector(&mut self, name: impl Into<String>, values: &[f32]) -> usize {
        let index = self.add(name, [1, values.len()], values);
        self.entries[index].is_vector = true;
        index
    }

    /// Fills a parameter and its average with one value.
    pub fn fill(&mut self, index: usize, value: f32) {
        let entry = &self.entries[index];
        let place = entry.first..entry.first + entry.count();
        self.flat.weights[place.clone()].fill(value);
        self.flat.ema[place].fill(value);
    }

    /// Number of parameter matrices, which is that of the [leaves](Self::leaves).
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the network has no parameters.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The prefix of the parameters' names in files.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Total number of trained scalars.
    pub fn parameter_count(&self) -> usize {
        self.flat.weights.len()
    }

    /// The optimiser: Adam with its learning rate, gradient clipping and EMA.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// Mutable access to the optimiser; changes take effect at the next step.
    pub fn optimizer_mut(&mut self) -> &mut Optimizer {
        &mut self.optimizer
    }

    /// Number of optimiser steps so far.
    pub fn updates(&self) -> usize {
        self.updates
    }

    /// The trained weights of all parameters, concatenated.
    pub fn weights(&self) -> &[f32] {
        &self.flat.weights
    }

    /// The EMA of the weights, in the same order.
    pub fn average(&self) -> &[f32] {
        &self.flat.ema
    }

    /// The trained weights as matrices in a graph, in the order in which the parameters were added.
    pub fn leaves<'g>(&self, graph: &'g Graph) -> Vec<Var<'g>> {
        self.matrices(graph, &self.flat.weights)
    }

    /// The averaged weights as matrices in a graph, in the same order.
    pub fn average_leaves<'g>(&self, graph: &'g Graph) -> Vec<Var<'g>> {
        self.matrices(graph, &self.flat.ema)
    }

    fn matrices<'g>(&self, graph: &'g Graph, flat: &[f32]) -> Vec<Var<'g>> {
        let matrix = |entry: &Entry| {
            let values = &flat[entry.first..][..entry.count()];
            graph.matrix(entry.shape, values)
        };
        self.entries.iter().map(matrix).collect()
    }

    /// One Adam step; `gradients` are with respect to the [leaves](Self::leaves), in their order.
    pub fn learn(&mut self, gradients: &[Var]) {
        self.gradient.clear();
        for gradient in gradients {
            gradient.read(|values| self.gradient.extend_from_slice(values));
        }
        debug_assert_eq!(self.gradient.len(), self.flat.weights.len());
        let update = self.optimizer.update(self.updates);
        self.flat.step(&self.gradient, &update);
        self.updates += 1;
    }

    /// Restarts from given weights, which also become the average, and resets the optimiser's moments.
    ///
    /// # Panics
    /// If the number of weights is not [`parameter_count`](Self::parameter_count).
    pub fn start_from(&mut self, weights: &[f32]) {
        assert_eq!(weights.len(), self.parameter_count(), "weights");
        self.flat = Flat::new(weights.to_vec());
        self.updates = 0;
    }

    /// Sets the number of optimiser steps so far.
    pub(super) fn set_updates(&mut self, updates: usize) {
        self.updates = updates;
    }

    /// Whether all weights are finite.
    pub(super) fn is_finite(&self) -> bool {
        self.flat.weights.iter().all(|weight| weight.is_finite())
    }

    pub(super) fn state(&self) -> NetworkState {
        NetworkState {
            flat: self.flat.clone(),
            updates: self.updates,
        }
    }

    pub(super) fn restore(&mut self, state: NetworkState) {
        self.flat = state.flat;
        self.updates = state.updates;
    }

    /// The values that a file stores for the parameters: weights, averages and Adam's two moments.
    pub(super) fn lists(&self) -> [&[f32]; 4] {
        let flat = &self.flat;
        [&flat.weights, &flat.ema, &flat.moment_1, &flat.moment_2]
    }

    /// Replaces all four lists of [`lists`](Self::lists) and the number of optimiser steps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if a list has the wrong length.
    pub(super) fn set_lists(&mut self, lists: [Vec<f32>; 4], updates: usize) -> Result<()> {
        let count = self.parameter_count();
        if let Some(list) = lists.iter().find(|list| list.len() != count) {
            let name = format!("the weights of {}", self.name);
            return Err(Error::invalid(name, format!("{count} numbers"), list.len()));
        }
        let [weights, average, moment_1, moment_2] = lists;
        self.flat = Flat {
            weights,
            ema: average,
            moment_1,
            moment_2,
        };
        self.updates = updates;
        Ok(())
    }

    /// Splits a flat list into named tensors, as stored in a file: `{network}.{parameter}`.
    pub(super) fn cut<'a>(
        &'a self,
        flat: &'a [f32],
    ) -> impl Iterator<Item = (String, Vec<usize>, &'a [f32])> {
        self.entries.iter().map(move |entry| {
            let values = &flat[entry.first..][..entry.count()];
            let name = format!("{}.{}", self.name, entry.name);
            (name, entry.file_shape(), values)
        })
    }

    /// The inverse of [`cut`](Self::cut): concatenates named tensors to a flat list.
    ///
    /// # Errors
    /// [`Error::MissingTensor`] and [`Error::TensorShape`].
    pub(super) fn joined(&self, tensors: &[NamedTensor]) -> Result<Vec<f32>> {
        let mut flat = Vec::with_capacity(self.parameter_count());
        for entry in &self.entries {
            let name = format!("{}.{}", self.name, entry.name);
            let tensor = state_dict::find(tensors, &name, &entry.file_shape())?;
            flat.extend(tensor.values.to_data().iter::<f32>());
        }
        Ok(flat)
    }

    /// The averaged weights by name, `{network}.{parameter}`.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        let named = |(name, shape, values): (String, Vec<usize>, &[f32])| NamedTensor {
            name,
            shape,
            values: Tensor::from_data(values, &Device::flex()),
        };
        self.cut(&self.flat.ema).map(named).collect()
    }
}
