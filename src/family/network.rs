//! Named parameters with their optimiser, and perceptrons whose weights are among them.

use burn::tensor::{Device, Tensor};

use super::graph::{Graph, Var};
use crate::nn::{NamedTensor, state_dict};
use crate::train::{Flat, Optimizer};
use crate::{Error, Result};

/// Named matrices that one optimiser trains, with the exponential moving average of each and Adam's moments.
#[derive(Clone, Debug)]
pub struct Network {
    name: &'static str,
    entries: Vec<Entry>,
    flat: Flat,
    optimizer: Optimizer,
    updates: usize,
    gradient: Vec<f32>,
}

/// A parameter: where it lies in the flat list, and what a file calls it.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: String,
    shape: [usize; 2],
    /// Files hold a row as a vector.
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

/// All numbers of a network that training changes.
#[derive(Clone, Debug)]
pub(super) struct NetworkState {
    flat: Flat,
    updates: usize,
}

impl Network {
    /// A network without parameters. Its name is the prefix of their names in a file.
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

    /// Adds a parameter, `[rows, columns]`, and returns its index among the [leaves](Self::leaves).
    ///
    /// # Panics
    /// Where the number of values is not that of the shape.
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

    /// Adds a vector, `[1, columns]` in a graph and `[columns]` in a file.
    pub fn add_vector(&mut self, name: impl Into<String>, values: &[f32]) -> usize {
        let index = self.add(name, [1, values.len()], values);
        self.entries[index].is_vector = true;
        index
    }

    /// Sets a parameter, and its average, to one number everywhere.
    pub fn fill(&mut self, index: usize, value: f32) {
        let entry = &self.entries[index];
        let place = entry.first..entry.first + entry.count();
        self.flat.weights[place.clone()].fill(value);
        self.flat.average[place].fill(value);
    }

    /// Number of parameters: of the [leaves](Self::leaves).
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no parameters.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The prefix of its parameters in a file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Number of trained numbers.
    pub fn parameter_count(&self) -> usize {
        self.flat.weights.len()
    }

    /// Adam, its learning rate, clipping and the average.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// Changes the optimiser from the next step on.
    pub fn optimizer_mut(&mut self) -> &mut Optimizer {
        &mut self.optimizer
    }

    /// Steps of the optimiser so far.
    pub fn updates(&self) -> usize {
        self.updates
    }

    /// The trained weights, one parameter after the other.
    pub fn weights(&self) -> &[f32] {
        &self.flat.weights
    }

    /// The exponential moving average of the weights, in the same order.
    pub fn average(&self) -> &[f32] {
        &self.flat.average
    }

    /// The trained weights as matrices in a graph, in the order in which they were added.
    pub fn leaves<'g>(&self, graph: &'g Graph) -> Vec<Var<'g>> {
        self.matrices(graph, &self.flat.weights)
    }

    /// The averaged weights as matrices in a graph, in the same order.
    pub fn average_leaves<'g>(&self, graph: &'g Graph) -> Vec<Var<'g>> {
        self.matrices(graph, &self.flat.average)
    }

    fn matrices<'g>(&self, graph: &'g Graph, flat: &[f32]) -> Vec<Var<'g>> {
        let matrix = |entry: &Entry| {
            let values = &flat[entry.first..][..entry.count()];
            graph.matrix(entry.shape, values)
        };
        self.entries.iter().map(matrix).collect()
    }

    /// One step of Adam along the gradients by the [leaves](Self::leaves), in their order.
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

    /// Starts again from given weights, which become their own average; the optimiser forgets its moments.
    ///
    /// # Panics
    /// Where their number is not [`parameter_count`](Self::parameter_count).
    pub fn start_from(&mut self, weights: &[f32]) {
        assert_eq!(weights.len(), self.parameter_count(), "weights");
        self.flat = Flat::new(weights.to_vec());
        self.updates = 0;
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

    /// The numbers that a file holds of each parameter: weights, averages and Adam's moments.
    pub(super) fn lists(&self) -> [&[f32]; 4] {
        let flat = &self.flat;
        [&flat.weights, &flat.average, &flat.moment_1, &flat.moment_2]
    }

    /// Replaces them all.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for another number of values.
    pub(super) fn set_lists(&mut self, lists: [Vec<f32>; 4], updates: usize) -> Result<()> {
        let count = self.parameter_count();
        if let Some(list) = lists.iter().find(|list| list.len() != count) {
            let name = format!("the weights of {}", self.name);
            return Err(Error::invalid(name, format!("{count} numbers"), list.len()));
        }
        let [weights, average, moment_1, moment_2] = lists;
        self.flat = Flat {
            weights,
            average,
            moment_1,
            moment_2,
        };
        self.updates = updates;
        Ok(())
    }

    /// Cuts a flat list into named tensors, as a file holds them: `{network}.{parameter}`.
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

    /// The inverse of [`cut`](Self::cut).
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
        self.cut(&self.flat.average).map(named).collect()
    }
}
