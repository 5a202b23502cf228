//! Sampling options and their validation.

use super::{Guidance, Pipeline};
use crate::checkpoint::scheduler::{SchedulerConfig, SpacingOptions};
use crate::nn::UNet2dConfig;
use crate::sampler::{Clipping, Method, Trajectory};
use crate::{Error, Result};

/// Upper limit of the values of the largest feature map of a batch. Larger batches are rejected before anything is
/// allocated: about a dozen such maps exist at a time, and browsers limit memory to 4 GiB.
const MAX_FEATURES: u64 = if cfg!(target_family = "wasm") {
    1 << 25
} else {
    1 << 30
};

/// Options of [`Pipeline::sample`]. By default one image is generated with the checkpoint's scheduler.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleOptions {
    /// The sampler; `None` for the checkpoint's own.
    pub method: Option<Method>,
    /// Spacing of the noise levels, and the noise at the end.
    pub spacing: SpacingOptions,
    /// Whether the clean estimate is clipped to the range of the data; `None` for the default of the sampler's
    /// scheduler.
    pub clip_sample: Option<bool>,
    /// Number of steps. `None` selects all training timesteps for DDPM, and otherwise the default of diffusers'
    /// pipelines, mostly 50.
    pub steps: Option<usize>,
    /// Images to start from, instead of pure noise.
    pub start: Option<Start>,
    /// Seed of the initial noise and of all noise of the run.
    pub seed: u32,
    /// Number of images; `None` for one per class label, or one.
    pub batch: Option<usize>,
    /// A class for each image, or one for all; empty for unconditional sampling.
    pub class_labels: Vec<usize>,
    /// Strength of classifier-free guidance; 1 disables it.
    pub guidance_scale: f64,
    /// Rescaling of the guided prediction to the standard deviation of the conditional one, 0 to 1:
    /// [`Guidance::rescale`].
    pub guidance_rescale: f64,
    /// Range of noise-to-signal ratios `sigma/alpha` in which guidance is applied; `None` for all:
    /// [`Guidance::interval`].
    pub guidance_interval: Option<[f64; 2]>,
    /// Initial `x_T` instead of noise from the seed, `[batch, channels, height, width]` in row-major order.
    pub initial_noise: Option<Vec<f32>>,
}

/// Image-to-image: a run that starts part-way, from noisy images (Meng et al. 2022,
/// <https://arxiv.org/abs/2108.01073>).
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The images, `[batch, channels, height, width]` in row-major order, with values in [−1, 1].
    pub images: Vec<f32>,
    /// Fraction of the steps that is run: of `n` steps the last `⌊n·strength⌋`.
    pub strength: f64,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self {
            method: None,
            spacing: SpacingOptions::default(),
            clip_sample: None,
            steps: None,
            start: None,
            seed: 0,
            batch: None,
            class_labels: Vec::new(),
            guidance_scale: 1.0,
            guidance_rescale: 0.0,
            guidance_interval: None,
            initial_noise: None,
        }
    }
}

/// Options after validation against a pipeline.
pub(super) struct Plan {
    pub scheduler: SchedulerConfig,
    pub trajectory: Trajectory,
    pub batch: usize,
    /// One label per image; empty for an unconditional network.
    pub class_labels: Vec<usize>,
}

impl SampleOptions {
    /// Checks the options for images of this size, which is that of the pipeline or of a canvas.
    pub(super) fn check(&self, pipeline: &Pipeline, size: [usize; 2]) -> Result<Plan> {
        let mut scheduler = match (&self.method, self.spacing == SpacingOptions::default()) {
            (None, true) => pipeline.scheduler().clone(),
            (method, _) => {
                let own = &pipeline.scheduler().method;
                let method = method.as_ref().unwrap_or(own);
                pipeline.scheduler().with_method(method, self.spacing)?
            }
        };
        scheduler.clipping = match (self.clip_sample, scheduler.clipping) {
            (Some(false), _) => Clipping::None,
            (Some(true), Clipping::None) => scheduler.range_clipping(),
            (_, own) => own,
        };
        let steps = scheduler.steps(self.steps)?;
        let mut trajectory = scheduler.trajectory(steps)?;
        let batch = self.batch(pipeline, size)?;
        if let Some(start) = &self.start {
            trajectory.begin = start.begin(trajectory.steps.len())?;
            self.check_values("start.images", &start.images, pipeline, batch, size)?;
        }
        let class_labels = self.class_labels(pipeline, batch)?;
        Ok(Plan {
            scheduler,
            trajectory,
            batch,
            class_labels,
        })
    }

    fn batch(&self, pipeline: &Pipeline, size: [usize; 2]) -> Result<usize> {
        let batch = self.batch.unwrap_or(self.class_labels.len().max(1));
        check_batch(pipeline, self.guidance_scale, batch)?;
        if let Some(noise) = &self.initial_noise {
            self.check_values("initial_noise", noise, pipeline, batch, size)?;
        }
        Ok(batch)
    }

    /// Checks that there is a finite value for each pixel of the batch.
    fn check_values(
        &self,
        name: &str,
        values: &[f32],
        pipeline: &Pipeline,
        batch: usize,
        [height, width]: [usize; 2],
    ) -> Result<()> {
        let channels = pipeline.channels();
        let expected = batch * channels * height * width;
        if values.len() != expected {
            let expected = format!("{expected} numbers, [{batch}, {channels}, {height}, {width}]");
            let found = format!("{} numbers", values.len());
            return Err(Error::invalid(name, expected, found));
        }
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(Error::invalid(name, "finite numbers", value)),
            None => Ok(()),
        }
    }

    /// The guidance options.
    pub(super) fn guidance(&self) -> Guidance {
        Guidance {
            scale: self.guidance_scale,
            rescale: self.guidance_rescale,
            interval: self.guidance_interval,
        }
    }

    pub(super) fn class_labels(&self, pipeline: &Pipeline, batch: usize) -> Result<Vec<usize>> {
        let (count, null) = (pipeline.class_count(), pipeline.null_class_label());
        let scale = self.guidance_scale;
        self.guidance().check()?;
        if scale != 1.0 && (self.class_labels.is_empty() || null.is_none()) {
            let expected = match null {
                Some(_) => "1 where no class labels are given",
                None => "1 for a model without a null class",
            };
            return Err(Error::invalid("guidance_scale", expected, scale));
        }
        match (self.class_labels.as_slice(), count, null) {
            ([], 0, _) => Ok(Vec::new()),
            ([], _, Some(null)) => Ok(vec![null; batch]),
            ([], _, None) => {
                let expected = format!(
                    "given, each between 0 and {}: this model has no null class",
                    count - 1
                );
                Err(Error::invalid(
                    "class_labels",
                    expected,
                    self.class_labels.as_slice(),
                ))
            }
            (labels, 0, _) => Err(Error::invalid(
                "class_labels",
                "left out for a model without classes",
                labels,
            )),
            (labels, ..) if labels.len() != 1 && labels.len() != batch => {
                let expected = format!("one label, or one for each of the {batch} images");
                Err(Error::invalid("class_labels", expected, labels))
            }
            (labels, ..) => match labels.iter().find(|label| **label >= count) {
                Some(label) => {
                    let expected = format!("between 0 and {}", count - 1);
                    Err(Error::invalid("class_labels", expected, label))
                }
                None if labels.len() == 1 => Ok(vec![labels[0]; batch]),
                None => Ok(labels.to_vec()),
            },
        }
    }
}

impl Start {
    /// Index of the first step, out of `steps`, that is run.
    fn begin(&self, steps: usize) -> Result<usize> {
        let taken = (steps as f64 * self.strength) as usize;
        if !(0.0..=1.0).contains(&self.strength) || taken == 0 {
            let expected = format!("at most 1, and enough for one of the {steps} steps");
            return Err(Error::invalid("start.strength", expected, self.strength));
        }
        Ok(steps - taken)
    }
}

/// Checks that a batch fits in memory.
pub(super) fn check_batch(pipeline: &Pipeline, guidance_scale: f64, batch: usize) -> Result<()> {
    let most = most_images(&pipeline.config, guidance_scale);
    if (1..=most).contains(&batch) {
        return Ok(());
    }
    let expected = format!("between 1 and {most}");
    Err(Error::invalid("batch", expected, batch))
}

/// Largest batch that fits in memory. Guidance doubles the batch of the network.
pub(super) fn most_images(config: &UNet2dConfig, guidance_scale: f64) -> usize {
    let rows = if guidance_scale == 1.0 { 1 } else { 2 };
    (MAX_FEATURES / (rows * config.largest_feature_map())) as usize
}
