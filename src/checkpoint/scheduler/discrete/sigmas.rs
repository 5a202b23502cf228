//! Noise levels of Euler, Heun, KDPM2 and LMS.

use super::super::{FinalSigma, SchedulerClass};
use super::Discrete;
use crate::diffusion::{SigmaSpacing, TimestepSpacing, linspace};
use crate::sampler::Trajectory;
use crate::{Error, Result};

impl Discrete<'_> {
    /// Levels of the schedulers that are based on `sigma/alpha`; timesteps may be fractional.
    pub(super) fn sigmas(&self, steps: usize) -> Result<Trajectory> {
        let schedule = self.schedule;
        let times = self.fractional_timesteps(steps)?;
        let ratios: Vec<f64> = times
            .iter()
            .map(|t| schedule.noise_to_signal_at_time(*t))
            .collect();
        let is_euler = self.class == SchedulerClass::Euler;
        let end = match self.class {
            SchedulerClass::Euler => match self.options.final_sigma(FinalSigma::Zero)? {
                FinalSigma::Zero => 0.0,
                FinalSigma::SigmaMin => schedule.noise_to_signal_at_time(0.0),
            },
            _ => 0.0,
        };
        let spacing = self.options.sigma_spacing(self.class)?;
        let interpolation = self
            .options
            .interpolation_type
            .as_deref()
            .filter(|_| is_euler);
        let log_linear = match interpolation {
            None | Some("linear") => false,
            Some("log_linear") => true,
            Some(other) => {
                return Err(Error::unsupported(
                    "interpolation_type",
                    other,
                    "linear, log_linear",
                ));
            }
        };
        let (levels, end) = match (spacing, log_linear) {
            (Some(spacing), _) => {
                // Log-linear levels cover the whole schedule.
                let [first, last] = if log_linear {
                    self.range()
                } else {
                    [ratios[0], ratios[ratios.len() - 1]]
                };
                let least = self.options.sigma_min.filter(|_| is_euler).unwrap_or(last);
                let most = self.options.sigma_max.filter(|_| is_euler).unwrap_or(first);
                let ratios = spacing.noise_to_signal_ratios(least, most, ratios.len())?;
                (self.timed(&ratios, spacing), end)
            }
            (None, false) => (times.into_iter().zip(ratios).collect(), end),
            (None, true) => self.log_linear(&times, end),
        };
        let mut trajectory = self.chain(levels, end);
        let first = trajectory.steps[0].from;
        trajectory.initial_noise = match self.spacing()? {
            TimestepSpacing::Leading => 1.0,
            TimestepSpacing::Linspace | TimestepSpacing::Trailing => first.sigma,
        };
        if is_euler {
            self.tell_continuous_time(&mut trajectory)?;
        }
        Ok(trajectory)
    }

    /// Pairs of timestep and noise-to-signal ratio. KDPM2 rounds the timesteps of Karras' levels.
    fn timed(&self, ratios: &[f64], spacing: SigmaSpacing) -> Vec<(f64, f64)> {
        use SchedulerClass::{Kdpm2, Kdpm2Ancestral};
        let rounds = matches!(self.class, Kdpm2 | Kdpm2Ancestral)
            && matches!(spacing, SigmaSpacing::Karras { .. });
        let time =
            |noise_to_signal: f64| match self.schedule.time_at_noise_to_signal(noise_to_signal) {
                time if rounds => time.round_ties_even(),
                time => time,
            };
        ratios
            .iter()
            .map(|noise_to_signal| (time(*noise_to_signal), *noise_to_signal))
            .collect()
    }

    /// `interpolation_type: "log_linear"` has one more level than timesteps. It is the end; where the network is
    /// conditioned on the level instead of the timestep, it is an additional step.
    fn log_linear(&self, times: &[f64], end: f64) -> (Vec<(f64, f64)>, f64) {
        let [most, least] = self.range();
        let ratios = linspace(most.ln(), least.ln(), times.len() + 1).map(f64::exp);
        let levels = times.iter().copied().chain([0.0]).zip(ratios);
        if self.is_continuous() {
            (levels.collect(), end)
        } else {
            (levels.take(times.len()).collect(), least)
        }
    }

    /// `timestep_type: "continuous"` only affects velocity-predicting networks.
    fn is_continuous(&self) -> bool {
        self.options.timestep_type.as_deref() == Some("continuous")
            && self.options.prediction_type.as_deref() == Some("v_prediction")
    }

    /// Conditions the network on a quarter of `ln(sigma/alpha)`, for networks trained in continuous time.
    fn tell_continuous_time(&self, trajectory: &mut Trajectory) -> Result<()> {
        let kinds = ["discrete", "continuous"];
        self.options
            .one_of("timestep_type", &self.options.timestep_type, &kinds)?;
        if self.is_continuous() {
            for step in &mut trajectory.steps {
                for level in [&mut step.from, &mut step.to] {
                    if level.sigma > 0.0 {
                        level.time = level.noise_to_signal().ln() / 4.0;
                    }
                }
            }
        }
        Ok(())
    }

    fn fractional_timesteps(&self, steps: usize) -> Result<Vec<f64>> {
        let total = self.schedule.len();
        let offset = self.options.steps_offset.unwrap_or(0);
        let ascending: Vec<f64> = match self.spacing()? {
            TimestepSpacing::Linspace => linspace(0.0, (total - 1) as f64, steps).collect(),
            TimestepSpacing::Leading => {
                let stride = total / steps;
                (0..steps).map(|i| (i * stride + offset) as f64).collect()
            }
            TimestepSpacing::Trailing => {
                let stride = total as f64 / steps as f64;
                let down = (0..steps).rev().map(|i| total as f64 - i as f64 * stride);
                down.map(|t| t.round_ties_even() - 1.0).collect()
            }
        };
        if ascending[0] < 0.0 || ascending.windows(2).any(|pair| pair[0] >= pair[1]) {
            let expected = format!("at most {total}, the timesteps of training");
            return Err(Error::invalid("steps", expected, steps));
        }
        Ok(ascending.into_iter().rev().collect())
    }
}
