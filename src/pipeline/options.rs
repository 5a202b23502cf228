//! What a caller may choose about a sampling, and the checks of it.

use super::Pipeline;
use crate::nn::UNet2dConfig;
use crate::sampler::{Interval, Method};
use crate::{Error, Result};

/// The steps of a deterministic sampler when none are given: diffusers' default for DDIM.
const DEFAULT_STEPS: usize = 50;

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
    /// Number of timesteps; `None` for all of training's with DDPM and 50 otherwise.
    pub steps: Option<usize>,
    /// Seed of the initial noise and of all later noise.
    pub seed: u32,
    /// Number of images; `None` for one for each class label, or one.
    pub batch: Option<usize>,
    /// A class for each image, or one for all; empty for no class.
    pub class_labels: Vec<usize>,
    /// Strength of classifier-free guidance; 1 is none.
    pub guidance_scale: f64,
    /// The initial `x_T` in place of the seed's, `[batch, channels, height, width]` in row-major order.
    pub initial_noise: Option<Vec<f32>>,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self {
            method: None,
            steps: None,
            seed: 0,
            batch: None,
            class_labels: Vec::new(),
            guidance_scale: 1.0,
            initial_noise: None,
        }
    }
}

/// Options that were checked against a pipeline.
pub(super) struct Plan {
    pub method: Method,
    pub intervals: Vec<Interval>,
    pub batch: usize,
    /// One for each image, or empty for a network without classes.
    pub class_labels: Vec<usize>,
}

impl SampleOptions {
    pub(super) fn check(&self, pipeline: &Pipeline) -> Result<Plan> {
        let method = self.method.unwrap_or_else(|| pipeline.default_method());
        if let Method::Ddim { eta, .. } = method
            && !(eta.is_finite() && eta >= 0.0)
        {
            return Err(Error::invalid("eta", "a number from 0 up", eta));
        }
        let total = pipeline.scheduler().schedule.len();
        let steps = self.steps.unwrap_or(match method {
            Method::Ddpm { .. } => total,
            _ => DEFAULT_STEPS.min(total),
        });
        let intervals = pipeline.scheduler().intervals(method, steps)?;
        let batch = self.batch(pipeline)?;
        let class_labels = self.class_labels(pipeline, batch)?;
        Ok(Plan {
            method,
            intervals,
            batch,
            class_labels,
        })
    }

    fn batch(&self, pipeline: &Pipeline) -> Result<usize> {
        let batch = self.batch.unwrap_or(self.class_labels.len().max(1));
        let [height, width] = pipeline.sample_size();
        let image = pipeline.channels() * height * width;
        let most = most_images(&pipeline.config, self.guidance_scale);
        if !(1..=most).contains(&batch) {
            return Err(Error::invalid(
                "batch",
                format!("between 1 and {most}"),
                batch,
            ));
        }
        if let Some(noise) = &self.initial_noise {
            let expected = batch * image;
            if noise.len() != expected {
                let expected = format!(
                    "{expected} numbers, [{batch}, {}, {height}, {width}]",
                    pipeline.channels()
                );
                let found = format!("{} numbers", noise.len());
                return Err(Error::invalid("initial_noise", expected, found));
            }
            if let Some(value) = noise.iter().find(|value| !value.is_finite()) {
                return Err(Error::invalid("initial_noise", "finite numbers", value));
            }
        }
        Ok(batch)
    }

    fn class_labels(&self, pipeline: &Pipeline, batch: usize) -> Result<Vec<usize>> {
        let (count, null) = (pipeline.class_count(), pipeline.null_class_label());
        let scale = self.guidance_scale;
        if !scale.is_finite() {
            return Err(Error::invalid("guidance_scale", "a finite number", scale));
        }
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

/// The largest batch that fits in memory; guidance shows each image to the network twice.
pub(super) fn most_images(config: &UNet2dConfig, guidance_scale: f64) -> usize {
    let rows = if guidance_scale == 1.0 { 1 } else { 2 };
    (MAX_FEATURES / (rows * config.largest_feature_map())) as usize
}
