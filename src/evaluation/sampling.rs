//! Sampling of more images than fit in memory at once.

use crate::checkpoint::scheduler::SpacingOptions;
use crate::pipeline::{Pipeline, SampleOptions};
use crate::sampler::Method;
use crate::train::Samples;
use crate::{Error, Result};

/// Sampling options.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Method; `None` for the checkpoint's own.
    pub method: Option<Method>,
    /// Number of steps; `None` for the default.
    pub steps: Option<usize>,
    /// Strength of classifier-free guidance; 1 disables it.
    pub guidance_scale: f64,
    /// Number of images.
    pub count: usize,
    /// Class of each image; empty for unconditional sampling.
    pub class_labels: Vec<usize>,
    /// Batch size, which limits the memory.
    pub batch: usize,
    /// Seed of the first batch; it increases by 1 with each batch.
    pub seed: u32,
}

impl Request {
    /// Options of each batch.
    fn batches(&self) -> Result<Vec<SampleOptions>> {
        if self.count == 0 || self.batch == 0 {
            return Err(Error::invalid(
                "count and batch",
                "at least 1",
                [self.count, self.batch],
            ));
        }
        let options = |(index, start): (usize, usize)| {
            let end = self.count.min(start + self.batch);
            let labels = self.class_labels.get(start..end).unwrap_or_default();
            SampleOptions {
                method: self.method.clone(),
                spacing: SpacingOptions::default(),
                steps: self.steps,
                seed: self.seed.wrapping_add(index as u32),
                batch: Some(end - start),
                class_labels: labels.to_vec(),
                guidance_scale: self.guidance_scale,
                ..SampleOptions::default()
            }
        };
        let starts = (0..self.count).step_by(self.batch).enumerate();
        Ok(starts.map(options).collect())
    }

    /// Number of network evaluations per batch.
    ///
    /// # Errors
    /// Those of [`Pipeline::sample`].
    pub fn evaluations(&self, pipeline: &Pipeline) -> Result<usize> {
        match self.batches()?.first() {
            Some(options) => Ok(pipeline.sample(options)?.steps()),
            None => Ok(0),
        }
    }
}

/// Generated images.
#[derive(Clone, Debug)]
pub struct SampledImages {
    /// Images with values in [−1, 1].
    pub images: Samples<4>,
    /// Number of network evaluations per batch; for an adaptive solver the mean over the batches.
    pub evaluations: usize,
}

/// Generates images batch by batch. They are rounded to the 256 levels of a PNG, in [−1, 1]; each batch equals that of
/// the same seed from [`Pipeline::sample`]. `progress` is called with the number of completed images, which increases
/// fractionally within a batch.
///
/// # Errors
/// Those of [`Pipeline::sample`], and [`Error::InvalidOption`] for zero images or an empty batch.
pub fn sample_images(
    pipeline: &Pipeline,
    request: &Request,
    mut progress: impl FnMut(f64),
) -> Result<SampledImages> {
    let range = pipeline.data_range();
    let mut values: Vec<f32> = Vec::new();
    let (mut done, mut evaluations) = (0, 0);
    let batches = request.batches()?;
    for options in &batches {
        let images = options.batch.unwrap_or(1);
        let mut sampling = pipeline.sample(options)?;
        while let Some(step) = sampling.step()? {
            progress(done as f64 + images as f64 * step.step as f64 / step.steps as f64);
        }
        evaluations += sampling.completed_steps();
        done += images;
        let batch = sampling.verified()?.into_data();
        let levels = batch.iter::<f32>().map(|value| range.byte(value));
        values.extend(levels.map(|level| f32::from(level) / 127.5 - 1.0));
    }
    let [height, width] = pipeline.sample_size();
    Ok(SampledImages {
        images: Samples::new(values, [done, pipeline.channels(), height, width])?,
        evaluations: (evaluations as f64 / batches.len() as f64).round() as usize,
    })
}
