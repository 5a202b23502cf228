//! Noise levels of DPM-Solver, UniPC and DEIS.

use super::super::flow_times::{shifted, stretched};
use super::super::{FinalSigma, SchedulerClass};
use super::Discrete;
use crate::diffusion::{NoiseLevel, Process, SigmaSpacing, TimestepSpacing, linspace};
use crate::sampler::{Step, Trajectory};
use crate::{Error, Result};

impl Discrete<'_> {
    /// Levels of the exponential integrators: whole timesteps, one more than steps; the last is the end.
    pub(super) fn exponential(&self, steps: usize) -> Result<Trajectory> {
        if self.options.use_flow_sigmas == Some(true) {
            return self.flow(steps);
        }
        let schedule = self.schedule;
        let last = schedule.len() - 1;
        let Some(spacing) = self.options.sigma_spacing(self.class)? else {
            let timesteps = self.whole_timesteps(steps)?;
            let noise_to_signal = |t: usize| schedule.noise_to_signal_at_time(t as f64);
            let levels = timesteps
                .iter()
                .map(|t| (*t as f64, noise_to_signal(*t)))
                .collect();
            return Ok(self.chain(levels, self.end(|| noise_to_signal(0))?));
        };
        let (mut least, mut most) = (
            schedule.noise_to_signal_at_time(0.0),
            schedule.noise_to_signal_at_time(last as f64),
        );
        if self.class == SchedulerClass::UniPc {
            least = self.options.sigma_min.unwrap_or(least);
            most = self.options.sigma_max.unwrap_or(most);
        }
        let ratios = spacing.noise_to_signal_ratios(least, most, steps)?;
        let smallest = ratios[steps - 1];
        let end = self.end(|| match self.class {
            SchedulerClass::UniPc | SchedulerClass::Deis => smallest,
            _ => schedule.noise_to_signal_at_time(0.0),
        })?;
        let time = |noise_to_signal: f64| {
            self.whole(schedule.time_at_noise_to_signal(noise_to_signal), spacing)
        };
        let levels = ratios
            .iter()
            .map(|noise_to_signal| (time(*noise_to_signal), *noise_to_signal))
            .collect();
        Ok(self.chain(levels, end))
    }

    /// End of an exponential integrator, as a noise-to-signal ratio. DEIS has no choice.
    fn end(&self, sigma_min: impl Fn() -> f64) -> Result<f64> {
        let chosen = match self.class {
            SchedulerClass::Deis => FinalSigma::SigmaMin,
            _ => self.options.final_sigma(FinalSigma::Zero)?,
        };
        Ok(match chosen {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => sigma_min(),
        })
    }

    /// The timestep on which diffusers conditions the network: rounded, or truncated.
    fn whole(&self, time: f64, spacing: SigmaSpacing) -> f64 {
        let rounds = matches!(
            spacing,
            SigmaSpacing::Karras { .. } | SigmaSpacing::LuLambdas
        );
        let cosine = self.options.beta_schedule.as_deref() == Some("squaredcos_cap_v2");
        let keeps_fraction = cosine && self.class == SchedulerClass::DpmSolverMultistep;
        if rounds && !keeps_fraction {
            time.round_ties_even()
        } else {
            time.floor()
        }
    }

    /// Decreasing timesteps, excluding the end.
    fn whole_timesteps(&self, steps: usize) -> Result<Vec<usize>> {
        let total = self.schedule.len();
        let clipped = self.clipped_timesteps();
        let spacing = match self.class {
            SchedulerClass::DpmSolverSinglestep => TimestepSpacing::Linspace,
            _ => self.spacing()?,
        };
        let offset = self.options.steps_offset.unwrap_or(0);
        let usable = total - clipped;
        let rounded = |time: f64| time.round_ties_even() as usize;
        let ascending: Vec<usize> = match spacing {
            TimestepSpacing::Linspace => linspace(0.0, (usable - 1) as f64, steps + 1)
                .skip(1)
                .map(rounded)
                .collect(),
            TimestepSpacing::Leading => {
                let stride = usable / (steps + 1);
                (1..=steps).map(|i| i * stride + offset).collect()
            }
            TimestepSpacing::Trailing => {
                let stride = total as f64 / steps as f64;
                let down = (0..steps).map(|i| usable as f64 - i as f64 * stride);
                let down: Vec<usize> = down
                    .take_while(|time| *time > 0.0)
                    .map(|time| rounded(time).saturating_sub(1))
                    .collect();
                down.into_iter().rev().collect()
            }
        };
        match ascending.iter().find(|t| **t >= total) {
            Some(_) => {
                let expected = format!("such that no timestep is beyond {}", total - 1);
                Err(Error::invalid("steps_offset", expected, offset))
            }
            None => Ok(ascending.into_iter().rev().collect()),
        }
    }

    /// Number of the noisiest timesteps that `lambda_min_clipped` excludes.
    fn clipped_timesteps(&self) -> usize {
        use SchedulerClass::{DpmSolverMultistep, DpmSolverSinglestep};
        let acts = matches!(self.class, DpmSolverMultistep | DpmSolverSinglestep);
        let least = self.options.lambda_min_clipped.filter(|_| acts);
        let Some(least) = least else { return 0 };
        let below = |t: &usize| -self.schedule.noise_to_signal_at_time(*t as f64).ln() < least;
        (1..self.schedule.len()).filter(below).count()
    }

    /// Levels on the straight line of flow matching, `use_flow_sigmas`.
    fn flow(&self, steps: usize) -> Result<Trajectory> {
        let total = self.options.timesteps() as f64;
        let shift = self.options.flow_shift.unwrap_or(1.0);
        let mut times: Vec<f64> = match self.class {
            SchedulerClass::UniPc => linspace(1.0, 1.0 / total, steps + 1)
                .take(steps)
                .map(|time| shifted(time, shift))
                .collect(),
            _ => linspace(1.0, 1.0 / total, steps + 1)
                .map(|alpha| shifted(1.0 - alpha, shift))
                .skip(1)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
        };
        let spacing = self.options.sigma_spacing(self.class)?;
        if let (SchedulerClass::UniPc, Some(spacing)) = (self.class, spacing) {
            // The spacing of the discrete schedule's noise-to-signal ratios, mapped to the line.
            let [most, least] = self.range();
            let ratios = spacing.noise_to_signal_ratios(least, most, steps)?;
            times = ratios
                .into_iter()
                .map(|noise_to_signal| noise_to_signal / (1.0 + noise_to_signal))
                .collect();
        } else if self.class == SchedulerClass::UniPc {
            times = stretched(times, self.options.shift_terminal);
            // The log-SNR of pure noise is infinite.
            times[0] = times[0].min(1.0 - 1e-6);
        }
        let smallest = times[steps - 1];
        let last = self.end(|| match self.class {
            SchedulerClass::UniPc | SchedulerClass::Deis => smallest,
            _ => self.schedule.noise_to_signal_at_time(0.0),
        })?;
        let level = |time: f64, sigma: f64| NoiseLevel {
            time,
            alpha: 1.0 - sigma,
            sigma,
        };
        let levels: Vec<NoiseLevel> = times
            .iter()
            .map(|sigma| level((sigma * total).floor(), *sigma))
            .chain([level(-1.0, last)])
            .collect();
        let process = Process::FlowMatching { timesteps: total };
        Ok(Trajectory::new(Step::chain(&levels), process))
    }
}
