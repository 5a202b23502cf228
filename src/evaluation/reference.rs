//! Comparison of samples with real images.

use super::{FEATURES, FeatureSpace};
use crate::Result;
use crate::distance::{Features, Gaussian, Manifold, NEIGHBOURS};
use crate::train::Samples;

/// Features of real images.
#[derive(Clone, Debug)]
pub struct Reference {
    features: Vec<f32>,
    gaussian: Gaussian,
}

/// Result of a comparison of samples with real images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// [`Gaussian::frechet_distance`] to all real images.
    pub frechet: f64,
    /// Precision: [`Manifold::coverage`] of the samples by equally many real images, the fraction that looks real.
    pub precision: f64,
    /// Recall: coverage of these real images by the samples.
    pub recall: f64,
}

impl Reference {
    /// # Errors
    /// Those of [`FeatureSpace::features`] and [`Features::new`].
    pub fn new(space: &FeatureSpace, images: &Samples<4>) -> Result<Self> {
        let features = space.features(images)?;
        let gaussian = Gaussian::fit(Features::new(&features, FEATURES)?);
        Ok(Self { features, gaussian })
    }

    /// Compares features of samples, `[count, 64]`. Precision and recall use equally many real images, evenly chosen,
    /// or all of both sets where there are more samples than images.
    ///
    /// # Errors
    /// Those of [`Features::new`], and of [`Manifold::new`] for fewer than four samples.
    pub fn compare(&self, samples: &[f32]) -> Result<Comparison> {
        let samples = Features::new(samples, FEATURES)?;
        let (all, count) = (self.features.len() / FEATURES, samples.len());
        let some = count.min(all);
        let row = |index: usize| &self.features[index * all / some * FEATURES..][..FEATURES];
        let real: Vec<f32> = (0..some).flat_map(row).copied().collect();
        let real = Features::new(&real, FEATURES)?;
        Ok(Comparison {
            frechet: self.gaussian.frechet_distance(&Gaussian::fit(samples))?,
            precision: Manifold::new(real, NEIGHBOURS)?.coverage(samples)?,
            recall: Manifold::new(samples, NEIGHBOURS)?.coverage(real)?,
        })
    }
}
