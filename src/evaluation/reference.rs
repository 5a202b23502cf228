//! Real images to compare samples with.

use super::{FEATURES, FeatureSpace};
use crate::Result;
use crate::distance::{Features, Gaussian, Manifold, NEIGHBOURS};
use crate::train::Samples;

/// The features of real images.
#[derive(Clone, Debug)]
pub struct Reference {
    features: Vec<f32>,
    gaussian: Gaussian,
}

/// How samples compare with real images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// [`Gaussian::frechet_distance`] to all real images.
    pub frechet: f64,
    /// [`Manifold::coverage`] of the samples by as many real images: the part that looks real.
    pub precision: f64,
    /// That of these by the samples: the part of the real images that samples look like.
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

    /// Compares the features of samples, `[count, 64]`. Precision and recall take as many of the real images, evenly chosen, and all of both where there are more samples.
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
