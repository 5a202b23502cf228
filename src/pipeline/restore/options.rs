//! Options of restoration and their validation.

use crate::pipeline::likelihood::GRADIENT_MEMORY;
use crate::pipeline::options::most_images;
use crate::pipeline::{Pipeline, SampleOptions};
use crate::restore::{self, Correction, Degradation, METHODS};
use crate::{Error, Result};

/// Upper limit of the noise of an observation, in units of [−1, 1].
const MAX_NOISE: f64 = 100.0;

/// Options of [`Pipeline::restore`].
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// How the observed image was degraded.
    pub degradation: Degradation,
    /// The method; `None` for ΠGDM if the operator is linear, and DPS otherwise.
    pub method: Option<RestoreMethod>,
    /// Standard deviation of the noise of the observation, in units of [−1, 1]; 0 to 100.
    pub noise: f64,
    /// Options of sampling. `batch` is the number of answers; `None` for one per observation or class label.
    pub sample: SampleOptions,
}

/// How an observation is restored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RestoreMethod {
    /// Pseudoinverse-guided diffusion: [`Correction::PiGdm`].
    PiGdm,
    /// Diffusion posterior sampling: [`Correction::Dps`].
    Dps {
        /// `ζ`, 0 to 10,000; 100 suits images.
        step_size: f64,
    },
    /// Denoising diffusion restoration: [`restore::Ddrm`].
    Ddrm {
        /// Amount of fresh noise, 0 to 1.
        eta: f64,
    },
    /// [`restore::RePaint`].
    RePaint(RePaintOptions),
    /// [`Correction::Replacement`].
    Replacement,
}

/// Options of RePaint, by their names in diffusers: `jump_length`, `jump_n_sample`, `eta`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RePaintOptions {
    /// Number of steps by which a jump goes back, 1 to 1000.
    pub jump_length: usize,
    /// Number of times that each part of the run is sampled, 1 to 1000; 1 disables jumps.
    pub jump_samples: usize,
    /// Noise of a step: 0 for DDIM, 1 for DDPM; `None` for that of the checkpoint's `RePaintScheduler`, or 0.
    pub eta: Option<f64>,
}

impl Default for RePaintOptions {
    /// Jumps of 10 steps, each part sampled 10 times, as in diffusers.
    fn default() -> Self {
        Self {
            jump_length: restore::JUMPS,
            jump_samples: restore::JUMPS,
            eta: None,
        }
    }
}

impl RestoreOptions {
    /// Options with the default method, no noise and one answer.
    pub fn new(degradation: Degradation) -> Self {
        Self {
            degradation,
            method: None,
            noise: 0.0,
            sample: SampleOptions::default(),
        }
    }

    /// ΠGDM if the operator is linear, and DPS otherwise.
    pub fn default_method(&self) -> RestoreMethod {
        match self.degradation {
            Degradation::Quantise { .. } => RestoreMethod::default_dps(),
            _ => RestoreMethod::PiGdm,
        }
    }

    /// The chosen method, after the checks that need no pipeline.
    pub(super) fn chosen(&self) -> Result<RestoreMethod> {
        check_noise(self.noise)?;
        let method = self.method.unwrap_or(self.default_method());
        method.check(&self.degradation)?;
        Ok(method)
    }
}

/// Checks the standard deviation of an observation's noise.
pub(super) fn check_noise(noise: f64) -> Result<()> {
    if (0.0..=MAX_NOISE).contains(&noise) {
        Ok(())
    } else {
        let expected = format!("between 0 and {MAX_NOISE}");
        Err(Error::invalid("noise", expected, noise))
    }
}

impl RestoreMethod {
    /// DPS with the default step size.
    pub fn default_dps() -> Self {
        Self::Dps {
            step_size: restore::STEP_SIZE,
        }
    }

    /// Name in JavaScript and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::PiGdm => "pigdm",
            Self::Dps { .. } => "dps",
            Self::Ddrm { .. } => "ddrm",
            Self::RePaint(_) => "repaint",
            Self::Replacement => "replacement",
        }
    }

    /// The method of this name with its default options.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "pigdm" => Self::PiGdm,
            "dps" => Self::default_dps(),
            "ddrm" => Self::Ddrm {
                eta: restore::DDRM_ETA,
            },
            "repaint" => Self::RePaint(RePaintOptions::default()),
            "replacement" => Self::Replacement,
            _ => return None,
        })
    }

    /// The correction of each estimate; `None` for methods with steps of their own.
    pub(super) fn correction(self) -> Option<Correction> {
        match self {
            Self::PiGdm => Some(Correction::PiGdm),
            Self::Dps { step_size } => Some(Correction::Dps { step_size }),
            Self::Replacement => Some(Correction::Replacement),
            Self::Ddrm { .. } | Self::RePaint(_) => None,
        }
    }

    fn check(self, degradation: &Degradation) -> Result<()> {
        self.check_operator(degradation)?;
        match self {
            Self::Dps { step_size } => within("step_size", step_size, restore::MAX_STEP_SIZE),
            Self::Ddrm { eta } => within("eta", eta, 1.0),
            Self::RePaint(options) => {
                within("eta", options.eta.unwrap_or(0.0), 1.0)?;
                count("jump_length", options.jump_length)?;
                count("jump_samples", options.jump_samples)
            }
            Self::PiGdm | Self::Replacement => Ok(()),
        }
    }

    fn check_operator(self, degradation: &Degradation) -> Result<()> {
        let operator = degradation.name();
        let is_own = matches!(degradation, Degradation::Custom(_));
        let supporting: Vec<&str> = METHODS
            .iter()
            .filter(|entry| is_own || entry.operators.contains(&operator))
            .map(|entry| entry.name)
            .collect();
        if supporting.contains(&self.name()) {
            return Ok(());
        }
        let expected = format!(
            "one of {} for the operator {operator}",
            supporting.join(", ")
        );
        Err(Error::invalid("method", expected, self.name()))
    }
}

fn within(name: &str, value: f64, most: f64) -> Result<()> {
    if (0.0..=most).contains(&value) {
        Ok(())
    } else {
        Err(Error::invalid(name, format!("between 0 and {most}"), value))
    }
}

fn count(name: &str, value: usize) -> Result<()> {
    if (1..=restore::MAX_JUMPS).contains(&value) {
        Ok(())
    } else {
        let expected = format!("between 1 and {}", restore::MAX_JUMPS);
        Err(Error::invalid(name, expected, value))
    }
}

/// Checks that the gradients of a batch fit in memory.
pub(super) fn check_gradients(
    pipeline: &Pipeline,
    options: &SampleOptions,
    batch: usize,
) -> Result<()> {
    let most = most_images(&pipeline.config, options.guidance_scale) / GRADIENT_MEMORY;
    if batch <= most {
        return Ok(());
    }
    let expected = match most {
        0 => "another method: the gradient of one image does not fit in memory".to_owned(),
        most => format!("at most {most}, whose gradients fit in memory"),
    };
    Err(Error::invalid("batch", expected, batch))
}
