//! Inverse transform sampling.

use std::ops::Deref;

use super::{Distribution, InverseTable, sample_count};
use crate::Result;
use crate::random::Generator;

/// Number of uniforms drawn at a time, so that they fit in the level 1 cache.
const BLOCK: usize = 1024;

/// Samples by `x = F⁻¹(u)`, one uniform per sample, in order.
///
/// Uniforms have 53 bits. Expensive inverses are tabulated once in an [`InverseTable`]; the samples are then within
/// 1e-9 of the exact ones in u.
///
/// ```
/// use tweedie::distribution::{Cauchy, InverseTransform};
/// use tweedie::random::Generator;
///
/// let cauchy = Cauchy::new(0.0, 1.0)?;
/// let samples = InverseTransform::new(&cauchy).sample(3, &mut Generator::new(0))?;
/// assert_eq!(samples.len(), 3);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct InverseTransform<D> {
    distribution: D,
    table: Option<InverseTable>,
}

impl<D: Deref<Target: Distribution>> InverseTransform<D> {
    /// A sampler for a distribution, given by reference, `Box`, `Rc` or `Arc`.
    pub fn new(distribution: D) -> Self {
        let table = if distribution.inverse_is_cheap() {
            None
        } else {
            Some(InverseTable::new(&*distribution))
        };
        Self {
            distribution,
            table,
        }
    }

    /// Replaces each uniform by the corresponding sample.
    pub fn invert(&self, us: &mut [f64]) {
        match &self.table {
            Some(table) => table.invert(&*self.distribution, us),
            None => self.distribution.invert(us),
        }
    }

    /// Fills a slice with samples.
    pub fn fill(&self, samples: &mut [f64], generator: &mut Generator) {
        for block in samples.chunks_mut(BLOCK) {
            generator.fill_uniform(block);
            self.invert(block);
        }
    }

    /// Independent samples.
    ///
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) for a count of 0 or above [`MAX_SAMPLES`](super::MAX_SAMPLES).
    pub fn sample(&self, count: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        let mut samples = vec![0.0; sample_count(count)?];
        self.fill(&mut samples, generator);
        Ok(samples)
    }
}
