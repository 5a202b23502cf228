//! The data that a network is trained on.

use burn::tensor::{Device, Tensor, TensorData};

use crate::random::Generator;
use crate::{Error, Result};

/// Clean samples in the memory of the CPU.
///
/// Training goes through them in epochs, each in an order of its own that depends on the seed and on the number of the epoch alone: nothing but the step
/// has to be remembered to resume.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples<const D: usize> {
    values: Vec<f32>,
    shape: [usize; D],
    classes: Vec<usize>,
}

impl<const D: usize> Samples<D> {
    /// From numbers in row-major order, `shape` being `[samples, …]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where there is no number, another number of them than the shape implies, or one that is not finite.
    pub fn new(values: Vec<f32>, shape: [usize; D]) -> Result<Self> {
        let count: usize = shape.iter().product();
        if count == 0 || values.len() != count {
            let expected = format!("at least one number, {count} as {shape:?} implies");
            return Err(Error::invalid(
                "the number of values",
                expected,
                values.len(),
            ));
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            let name = format!(
                "value {} of sample {}",
                index % (count / shape[0]),
                index / (count / shape[0])
            );
            return Err(Error::invalid(name, "a finite number", values[index]));
        }
        Ok(Self {
            values,
            shape,
            classes: Vec::new(),
        })
    }

    /// With a class for each sample.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for another number of classes than there are samples.
    pub fn with_classes(self, classes: Vec<usize>) -> Result<Self> {
        if classes.len() != self.len() {
            let expected = format!("one for each of the {} samples", self.len());
            return Err(Error::invalid("classes", expected, classes.len()));
        }
        Ok(Self { classes, ..self })
    }

    /// Without their classes.
    pub fn without_classes(self) -> Self {
        Self {
            classes: Vec::new(),
            ..self
        }
    }

    /// Number of samples, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one sample")]
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// `[samples, …]`
    pub fn shape(&self) -> [usize; D] {
        self.shape
    }

    /// The class of each sample; empty where the data have none.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The numbers in row-major order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The samples of these rows.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for no row, and for one that is not there.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|row| **row >= self.len()) {
            return Err(Error::invalid("row", format!("below {}", self.len()), row));
        }
        let mut shape = self.shape;
        shape[0] = rows.len();
        let values = rows.iter().flat_map(|row| self.row(*row)).copied();
        let classes = rows.iter().filter_map(|row| self.class(*row)).collect();
        let selected = Self::new(values.collect(), shape)?;
        match self.classes.is_empty() {
            true => Ok(selected),
            false => selected.with_classes(classes),
        }
    }

    /// All of them on a device.
    pub fn to_tensor(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.values.clone(), self.shape), device)
    }

    pub(super) fn row_size(&self) -> usize {
        self.values.len() / self.len()
    }

    pub(crate) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.row_size()..][..self.row_size()]
    }

    pub(crate) fn class(&self, index: usize) -> Option<usize> {
        self.classes.get(index).copied()
    }
}

/// The order in which samples are visited.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    seed: u32,
    epoch: Option<u64>,
    rows: Vec<usize>,
}

impl Order {
    pub fn new(seed: u32, samples: usize) -> Self {
        Self {
            seed,
            epoch: None,
            rows: (0..samples).collect(),
        }
    }

    /// The rows of the batch with this number, counted from 0.
    pub fn batch(&mut self, number: usize, size: usize, rows: &mut Vec<usize>) {
        rows.clear();
        let count = self.rows.len() as u64;
        let first = number as u64 * size as u64;
        for index in first..first + size as u64 {
            self.shuffle(index / count);
            rows.push(self.rows[(index % count) as usize]);
        }
    }

    /// Brings the rows into the order of an epoch (Fisher & Yates; Durstenfeld 1964).
    fn shuffle(&mut self, epoch: u64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.epoch = Some(epoch);
        let mut generator = Generator::new(fold_in(self.seed, Stream::Order, epoch));
        let uniforms = generator.uniform(self.rows.len());
        for (index, row) in self.rows.iter_mut().enumerate() {
            *row = index;
        }
        for (last, u) in (1..self.rows.len()).rev().zip(uniforms) {
            let other = (f64::from(u) * (last + 1) as f64) as usize;
            self.rows.swap(last, other);
        }
    }
}

/// What random numbers are drawn for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    /// The order of an epoch.
    Order = 1,
    /// The times and the noise of a step.
    Noise = 2,
    /// The augmentation of a step.
    Augmentation = 3,
    /// The initial weights.
    Weights = 4,
}

/// The seed of the generator for one step or epoch: everything random follows from the seed and a number (as in JAX's `fold_in`). The mixing is that of SplitMix64
/// (Steele, Lea & Flood 2014, figure 15).
pub(crate) fn fold_in(seed: u32, stream: Stream, number: u64) -> u32 {
    let mix = |z: u64| {
        let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (mix(mix(u64::from(seed) << 8 | stream as u64) ^ number) >> 32) as u32
}
