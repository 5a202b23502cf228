//! Training data.

use burn::tensor::{Device, Tensor, TensorData};

use crate::random::Generator;
use crate::{Error, Result};

/// Clean samples in CPU memory.
///
/// Training visits them in epochs. The order of each epoch depends only on the seed and on the number of the epoch, so
/// that a saved state needs nothing but the step.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples<const D: usize> {
    values: Vec<f32>,
    shape: [usize; D],
    classes: Vec<usize>,
}

impl<const D: usize> Samples<D> {
    /// Samples from values in row-major order; `shape` is `[samples, …]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for no values, for a number of values that does not match the shape, and for a value
    /// that is not finite.
    pub fn new(values: Vec<f32>, shape: [usize; D]) -> Result<Self> {
        let count: usize = shape.iter().product();
        if count == 0 || values.len() != count {
            let expected = format!("at least one number, and {count} for the shape {shape:?}");
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

    /// Adds a class for each sample.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the number of classes differs from the number of samples.
    pub fn with_classes(self, classes: Vec<usize>) -> Result<Self> {
        if classes.len() != self.len() {
            let expected = format!("one for each of the {} samples", self.len());
            return Err(Error::invalid("classes", expected, classes.len()));
        }
        Ok(Self { classes, ..self })
    }

    /// Removes the classes.
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

    /// Class of each sample; empty for unlabelled data.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// All values in row-major order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The samples with these indices.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for no index, and for an index out of range.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|row| **row >= self.len()) {
            return Err(Error::invalid("row", format!("below {}", self.len()), row));
        }
        let mut shape = self.shape;
        shape[0] = rows.len();
        let values = rows.iter().flat_map(|row| self.row(*row)).copied();
        let classes = rows.iter().filter_map(|row| self.class(*row)).collect();
        let selected = Self::new(values.collect(), shape)?;
        if self.classes.is_empty() {
            Ok(selected)
        } else {
            selected.with_classes(classes)
        }
    }

    /// All samples as a tensor on a device.
    pub fn to_tensor(&self, device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(self.values.clone(), self.shape), device)
    }

    pub(super) fn row_size(&self) -> usize {
        self.values.len() / self.len()
    }

    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.row_size()..][..self.row_size()]
    }

    pub(super) fn class(&self, index: usize) -> Option<usize> {
        self.classes.get(index).copied()
    }
}

/// Random order of the samples in each epoch.
#[derive(Clone, Debug)]
pub(crate) struct Shuffle {
    seed: u32,
    epoch: Option<u64>,
    rows: Vec<usize>,
}

impl Shuffle {
    pub fn new(seed: u32, samples: usize) -> Self {
        Self {
            seed,
            epoch: None,
            rows: (0..samples).collect(),
        }
    }

    /// Writes the indices of the samples of batch `number`, counted from 0, to `rows`.
    pub fn batch(&mut self, number: usize, size: usize, rows: &mut Vec<usize>) {
        rows.clear();
        let count = self.rows.len() as u64;
        let first = number as u64 * size as u64;
        for index in first..first + size as u64 {
            self.shuffle(index / count);
            rows.push(self.rows[(index % count) as usize]);
        }
    }

    /// Shuffles the indices for an epoch (Fisher & Yates; Durstenfeld 1964).
    fn shuffle(&mut self, epoch: u64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.epoch = Some(epoch);
        let mut generator = Generator::new(fold_in(self.seed, Stream::Shuffle, epoch));
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

/// Purpose of a stream of random numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    /// The order of an epoch.
    Shuffle = 1,
    /// The noise levels and the noise of a step.
    Noise = 2,
    /// The augmentation of a step.
    Augmentation = 3,
}

/// Seed of the generator for one step or epoch. All random numbers follow from the seed, the purpose and a number, as
/// with JAX's `fold_in`. The mixing function is that of SplitMix64 (Steele, Lea & Flood 2014, figure 15).
pub(super) fn fold_in(seed: u32, stream: Stream, number: u64) -> u32 {
    let mix = |z: u64| {
        let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (mix(mix(u64::from(seed) << 8 | stream as u64) ^ number) >> 32) as u32
}
