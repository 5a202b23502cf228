//! Noise schedules of point models.

use serde::{Deserialize, Serialize};

use crate::checkpoint::SchedulerConfig;
use crate::diffusion::{Betas, NoiseLevel, NoiseSchedule, Prediction};
use crate::sampler::dpm_solver;
use crate::{Error, Result};

/// A discrete noise schedule, given by its name and parameters.
///
/// The defaults scale with the number of timesteps `T`, so that the noise at a given fraction of the schedule is nearly
/// independent of it: DDPM's `beta` of 1e-4 to 0.02 for `T = 1000` (Ho et al. 2020, section 4) are `0.1/T` to `20/T`
/// (Song et al. 2021, appendix C).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// Shape of the schedule.
    #[serde(rename = "name")]
    pub fading: Fading,
    /// Number of timesteps, `T`.
    pub timesteps: usize,
    /// `beta` of the first timestep; `None` for `0.1/T`.
    pub beta_start: Option<f64>,
    /// `beta` of the last timestep; `None` for `20/T`, or `10/T` for the constant schedule.
    pub beta_end: Option<f64>,
}

/// Shape of `beta` over the timesteps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fading {
    /// Constant: [`Betas::Constant`].
    Constant,
    /// [`Betas::Linear`]
    Linear,
    /// [`Betas::ScaledLinear`]
    Quadratic,
    /// [`Betas::Cosine`], which has no parameters.
    Cosine,
    /// [`Betas::Sigmoid`]
    Sigmoid,
}

impl Fading {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Constant,
        Self::Linear,
        Self::Quadratic,
        Self::Cosine,
        Self::Sigmoid,
    ];

    /// Name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Quadratic => "quadratic",
            Self::Cosine => "cosine",
            Self::Sigmoid => "sigmoid",
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::of(Fading::Linear)
    }
}

impl Schedule {
    /// The schedule with 1000 timesteps and default parameters.
    pub fn of(fading: Fading) -> Self {
        Self {
            fading,
            timesteps: 1000,
            beta_start: None,
            beta_end: None,
        }
    }

    /// The noise schedule.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than 2 or more than 100,000 timesteps, for parameters that the schedule does
    /// not have, and where a `beta` is not between 0 and 1 or leaves no signal.
    pub fn noise_schedule(&self) -> Result<NoiseSchedule> {
        if self.timesteps < 2 {
            return Err(Error::invalid("timesteps", "at least 2", self.timesteps));
        }
        let [start, end] = self.ends()?;
        let betas = match self.fading {
            Fading::Constant => Betas::Constant { beta: end },
            Fading::Linear => Betas::Linear { start, end },
            Fading::Quadratic => Betas::ScaledLinear { start, end },
            Fading::Cosine => Betas::Cosine,
            Fading::Sigmoid => Betas::Sigmoid { start, end },
        };
        NoiseSchedule::new(&betas, self.timesteps).map_err(|error| match error {
            Error::InvalidOption {
                name,
                expected,
                value,
            } if name == "num_train_timesteps" => Error::InvalidOption {
                name: "timesteps".to_owned(),
                expected,
                value,
            },
            other => other,
        })
    }

    /// The first and the last `beta`.
    fn ends(&self) -> Result<[f64; 2]> {
        let has_no = |name: &str, value: Option<f64>| match value {
            Some(value) => {
                let expected = format!(
                    "left out: a {} schedule has no such parameter",
                    self.fading.name()
                );
                Err(Error::invalid(name, expected, value))
            }
            None => Ok(()),
        };
        if let Fading::Constant | Fading::Cosine = self.fading {
            has_no("beta_start", self.beta_start)?;
        }
        if self.fading == Fading::Cosine {
            has_no("beta_end", self.beta_end)?;
        }
        let per_step = |total: f64| (total / self.timesteps as f64).min(0.999);
        let end = match self.fading {
            Fading::Constant => per_step(10.0),
            _ => per_step(20.0),
        };
        let ends = [
            ("beta_start", self.beta_start.unwrap_or(per_step(0.1))),
            ("beta_end", self.beta_end.unwrap_or(end)),
        ];
        for (name, value) in ends {
            if !(value > 0.0 && value < 1.0) {
                let expected = "between 0 and 1, both excluded";
                return Err(Error::invalid(name, expected, value));
            }
        }
        Ok(ends.map(|(_, value)| value))
    }
}

/// Scheduler configuration for all samplers, with DPM-Solver++(2M) as the default. It is of second order; first-order
/// methods have a far larger bias at a few dozen steps.
pub(super) fn scheduler(
    schedule: &NoiseSchedule,
    prediction: Prediction,
) -> Result<SchedulerConfig> {
    let config = SchedulerConfig::of_schedule(schedule, prediction)?;
    Ok(config.running(dpm_solver::Options::default().into()))
}

/// The level at a time of the schedule, which may be fractional.
///
/// # Errors
/// [`Error::InvalidOption`] for a time that is not between 0 and `T − 1`.
pub(super) fn level_at(schedule: &NoiseSchedule, name: &str, time: f64) -> Result<NoiseLevel> {
    let last = (schedule.len() - 1) as f64;
    if (0.0..=last).contains(&time) {
        Ok(schedule.level_at_time(time))
    } else {
        Err(Error::invalid(name, format!("between 0 and {last}"), time))
    }
}
