//! The trajectory of a run, by the rules of the scheduler.

use super::discrete::Discrete;
use super::{SchedulerClass, SchedulerConfig, continuous};
use crate::diffusion::{Prediction, Process, Sde};
use crate::sampler::{MAX_STEPS, Method, Trajectory};
use crate::{Error, Result};

/// Fraction of the variance at the noisiest level that may be signal. Stable Diffusion's schedule has half of it, and
/// is near the limit.
const MAX_TERMINAL_SIGNAL: f64 = 0.01;
/// The last beta of DDPM's linear schedule (0.02) times its 1000 timesteps, for schedules of any length.
const DDPM_BETAS: f64 = 20.0;

impl SchedulerConfig {
    /// The trajectory of a run with `steps` steps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of steps that the schedule does not support, and [`Error::Unsupported`]
    /// for noise prediction with a first level of pure noise.
    pub fn trajectory(&self, steps: usize) -> Result<Trajectory> {
        check_steps(steps)?;
        let trajectory = match (&self.process, SchedulerClass::of(&self.method)) {
            (Process::Discrete(_), None) => self.trained_trajectory(steps)?,
            _ => self.own_trajectory(steps)?,
        };
        let starts_without_signal = trajectory.start().is_some_and(|level| level.alpha == 0.0);
        if self.prediction == Prediction::Noise && starts_without_signal {
            let supported = "sample, v_prediction (the first level has no signal)";
            return Err(Error::unsupported("prediction_type", "epsilon", supported));
        }
        Ok(trajectory)
    }

    /// Largest and smallest noise-to-signal ratio `sigma/alpha` in training; the largest may be infinite.
    ///
    /// # Errors
    /// Those of [`trajectory`](Self::trajectory).
    pub fn noise_range(&self) -> Result<[f64; 2]> {
        if let Process::Discrete(schedule) = &self.process {
            let last = (schedule.len() - 1) as f64;
            return Ok([last, 0.0].map(|time| schedule.noise_to_signal_at_time(time)));
        }
        let ratios: Vec<f64> = self
            .own_trajectory(self.default_steps())?
            .steps
            .iter()
            .map(|step| step.from.noise_to_signal())
            .collect();
        Ok([ratios[0], ratios[ratios.len() - 1]])
    }

    /// Warnings about options that are valid but incompatible, as sentences: a noisiest level with so much signal that
    /// pure noise is not a valid start (Lin et al. 2024, section 3.1).
    pub fn warnings(&self) -> Vec<String> {
        let Ok([most, _]) = self.noise_range() else {
            return Vec::new();
        };
        let signal = 1.0 / (1.0 + most * most);
        if signal <= MAX_TERMINAL_SIGNAL {
            return Vec::new();
        }
        let (level, remedy) = match &self.process {
            Process::Discrete(schedule) => {
                let (count, last) = (schedule.len(), DDPM_BETAS / schedule.len() as f64);
                let remedy = if last < 1.0 {
                    format!("more timesteps, a larger last beta ({last:.2} for {count} timesteps)")
                } else {
                    "more timesteps".to_owned()
                };
                (
                    format!("The last of the {count} timesteps"),
                    remedy + " or the cosine schedule",
                )
            }
            _ => (
                "The noisiest level".to_owned(),
                "more noise at its end".to_owned(),
            ),
        };
        let part = 100.0 * signal;
        vec![format!(
            "{level} still holds {part:.1} % signal (alpha²), but sampling begins with pure noise, which the network is not trained on: take {remedy}."
        )]
    }

    fn discrete(&self) -> Option<Discrete<'_>> {
        let schedule = self.process.schedule()?;
        Some(Discrete {
            class: self.class,
            options: &self.options,
            schedule,
        })
    }

    /// The trajectory through the checkpoint's timesteps; for the adaptive solver, the whole range.
    fn trained_trajectory(&self, steps: usize) -> Result<Trajectory> {
        let Some(discrete) = self.discrete() else {
            return self.own_trajectory(steps);
        };
        match self.method {
            Method::DormandPrince(_) => discrete.trained(discrete.schedule.len()),
            _ => discrete.trained(steps),
        }
    }

    /// The trajectory by the rules of the class.
    pub(super) fn own_trajectory(&self, steps: usize) -> Result<Trajectory> {
        check_steps(steps)?;
        let (options, process) = (&self.options, &self.process);
        match self.process {
            Process::Discrete(_) => match self.discrete() {
                Some(discrete) => discrete.trajectory(steps),
                None => unreachable!("the process is discrete"),
            },
            Process::Sde(Sde::VarianceExploding { .. }) => {
                continuous::variance_exploding(options, process, steps)
            }
            Process::Sde(sde) => Ok(continuous::variance_preserving(
                options, process, sde, steps,
            )),
            Process::Edm { .. } => continuous::edm(options, process, steps),
            Process::Consistency { .. } => continuous::consistency(options, process, steps),
            Process::FlowMatching { .. } => {
                continuous::flow_matching(self.class, options, process, steps)
            }
            Process::Angular => continuous::angular(options, process, steps),
        }
    }
}

fn check_steps(steps: usize) -> Result<()> {
    if (1..=MAX_STEPS).contains(&steps) {
        return Ok(());
    }
    let expected = format!("between 1 and {MAX_STEPS}");
    Err(Error::invalid("steps", expected, steps))
}
