//! Sets of feature vectors.

use crate::{Error, Result};

/// A set of feature vectors, `[count, dimensions]` in row-major order, for instance of images in the feature space of a
/// network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features<'a> {
    values: &'a [f32],
    dimensions: usize,
}

impl<'a> Features<'a> {
    /// # Errors
    /// [`Error::InvalidOption`] for zero dimensions, for fewer than two vectors, for a number of values that is not a
    /// multiple of `dimensions`, and for values that are not finite.
    pub fn new(values: &'a [f32], dimensions: usize) -> Result<Self> {
        if dimensions == 0
            || !values.len().is_multiple_of(dimensions)
            || values.len() < 2 * dimensions
        {
            let expected = format!("at least two vectors of {dimensions} numbers");
            return Err(Error::invalid(
                "features",
                expected,
                format!("{} numbers", values.len()),
            ));
        }
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(Error::invalid("features", "finite numbers", value)),
            None => Ok(Self { values, dimensions }),
        }
    }

    /// Number of vectors, at least two.
    #[expect(clippy::len_without_is_empty, reason = "there are at least two")]
    pub fn len(&self) -> usize {
        self.values.len() / self.dimensions
    }

    /// Dimension of the vectors.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Iterates over the vectors.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f32> {
        self.values.chunks_exact(self.dimensions)
    }

    /// Checks that the set has the same dimension as another.
    pub(super) fn check_same_space(&self, dimensions: usize) -> Result<()> {
        if self.dimensions == dimensions {
            Ok(())
        } else {
            Err(Error::invalid(
                "dimensions",
                format!("{dimensions}, the dimensions of the other set"),
                self.dimensions,
            ))
        }
    }
}
