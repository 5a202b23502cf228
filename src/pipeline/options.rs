//! What a caller may choose about a sampling, and the checks of it.

use super::{Guidance, Pipeline};
use crate::checkpoint::scheduler::{SchedulerConfig, SpacingOptions};
use crate::nn::UNet2dConfig;
use crate::sampler::{Clipping, Method, Trajectory};
use crate::{Error, Result};

/// A batch whose largest feature map has more numbers than this is refused before anything is allocated: a dozen
/// of them are alive at a time, and a browser gives 4 GiB at most.
const MAX_FEATURES: u64 = if cfg!(target_family = "wasm") {
    1 << 25
} else {
    1 << 30
};

/// Options of [`Pipeline::sample`]; the default draws one image as the checkpoint's scheduler does.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleOptions {
    /// The sampler; `None` for that of the checkpoint.
    pub method: Option<Method>,
    /// How the noise levels of the steps are spread, and where they end.
    pub spacing: SpacingOptions,
    /// Whether the estimate of the clean sample is clipped to the range of the data; `None` for what the sampler's scheduler does.
    pub clip_sample: Option<bool>,
    /// Number of steps; `None` for all of training's timesteps with DDPM, and what diffusers' pipelines take otherwise, 50 for most.
    pub steps: Option<usize>,
    /// What the run starts from in place of noise alone.
    pub start: Option<Start>,
    /// Seed of the initial noise and of all later noise.
    pub seed: u32,
    /// Number of images; `None` for one for each class label, or one.
    pub batch: Option<usize>,
    /// A class for each image, or one for all; empty for no class.
    pub class_labels: Vec<usize>,
    /// Strength of classifier-free guidance; 1 is none.
    pub guidance_scale: f64,
    /// How far guidance is brought back to the conditional standard deviation, 0 to 1: [`Guidance::rescale`].
    pub guidance_rescale: f64,
    /// The noise levels `sigma/alpha` between which guidance acts; `None` for all: [`Guidance::interval`].
    pub guidance_interval: Option<[f64; 2]>,
    /// The initial `x_T` in place of the seed's, `[batch, channels, height, width]` in row-major order.
    pub initial_noise: Option<Vec<f32>>,
}

/// A run that starts part-way, from noisy images: image to image (Meng et al. 2022, <https://arxiv.org/abs/2108.01073>).
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The images, `[batch, channels, height, width]` in row-major order, with values in [−1, 1].
    pub images: Vec<f32>,
    /// How much of the way is taken: of `n` steps the last `⌊n·strength⌋`.
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

/// Options that were checked against a pipeline.
pub(super) struct Plan {
    pub scheduler: SchedulerConfig,
    pub trajectory: Trajectory,
    pub batch: usize,
    /// One for each image, or empty for a network without classes.
    pub class_labels: Vec<usize>,
}

impl SampleOptions {
    pub(super) fn check(&self, pipeline: &Pipeline) -> Result<Plan> {
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
        let batch = self.batch(pipeline)?;
        if let Some(start) = &self.start {
            trajectory.begin = start.begin(trajectory.steps.len())?;
            self.check_values("start.images", &start.images, pipeline, batch)?;
        }
        let class_labels = self.class_labels(pipeline, batch)?;
        Ok(Plan {
            scheduler,
            trajectory,
            batch,
            class_labels,
        })
    }

    fn batch(&self, pipeline: &Pipeline) -> Result<usize> {
        let batch = self.batch.unwrap_or(self.class_labels.len().max(1));
        let most = most_images(&pipeline.config, self.guidance_scale);
        if !(1..=most).contains(&batch) {
            return Err(Error::invalid(
                "batch",
                format!("between 1 and {most}"),
                batch,
            ));
        }
        if let Some(noise) = &self.initial_noise {
            self.check_values("initial_noise", noise, pipeline, batch)?;
        }
        Ok(batch)
    }

    /// Values for all pixels of the batch, all of them finite.
    fn check_values(
        &self,
        name: &str,
        values: &[f32],
        pipeline: &Pipeline,
        batch: usize,
    ) -> Result<()> {
        let [height, width] = pipeline.sample_size();
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

    /// What the options say about guidance.
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
    /// The first of `steps` steps that is taken.
    fn begin(&self, steps: usize) -> Result<usize> {
        let taken = (steps as f64 * self.strength) as usize;
        if !(0.0..=1.0).contains(&self.strength) || taken == 0 {
            let expected = format!("at most 1, and enough for one of the {steps} steps");
            return Err(Error::invalid("start.strength", expected, self.strength));
        }
        Ok(steps - taken)
    }
}

/// The largest batch that fits in memory; guidance shows each image to the network twice.
pub(super) fn most_images(config: &UNet2dConfig, guidance_scale: f64) -> usize {
    let rows = if guidance_scale == 1.0 { 1 } else { 2 };
    (MAX_FEATURES / (rows * config.largest_feature_map())) as usize
}
