//! Distribution of the noise levels in training.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use std::f64::consts::FRAC_PI_2;

use crate::diffusion::{NoiseLevel, Process};
use crate::random::Generator;

/// How the noise levels of a batch are drawn from the training distribution of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSampling {
    /// Independent draws.
    Uniform,
    /// Evenly spaced with one random offset, `u_i = (u + i/batch) mod 1`. Each is uniform, and the variance of the loss
    /// is lower (Kingma et al. 2021, appendix I.1).
    #[default]
    LowVariance,
    /// Evenly spaced in the log-SNR instead: `ln(alpha/sigma)` is uniform on [−2.5, 3.5], limited to the range of the
    /// process. With common schedules, points in the plane are almost pure noise at half of the timesteps, and the fine
    /// structure of the data is visible only at low noise. Outside the range the network extrapolates. Velocities
    /// change little there, but the error of a noise prediction grows with `sigma/alpha`, which affects densities.
    LogSnr,
}

/// The range of `ln(alpha/sigma)` of [`TimeSampling::LogSnr`].
const LOG_SNR_RANGE: [f64; 2] = [-2.5, 3.5];

impl TimeSampling {
    /// `count` quantiles, each uniform on [0, 1).
    pub fn draw(self, generator: &mut Generator, count: usize) -> Vec<f64> {
        match self {
            Self::Uniform => generator
                .uniform(count)
                .into_iter()
                .map(f64::from)
                .collect(),
            Self::LowVariance | Self::LogSnr => {
                let offset = f64::from(generator.uniform(1)[0]);
                let part = |i: usize| (offset + i as f64 / count as f64).fract();
                (0..count).map(part).collect()
            }
        }
    }

    /// The level at quantile `u` in [0, 1) of the distribution. Discrete processes return one of their timesteps.
    pub fn level(self, process: &Process, u: f64) -> NoiseLevel {
        if self != Self::LogSnr {
            return level_at_quantile(process, u);
        }
        let [low, high] = LOG_SNR_RANGE;
        let noise_to_signal = (u * (high - low) - high).exp(); // noise grows with u
        match process {
            Process::Discrete(schedule) => {
                let timestep = schedule.time_at_noise_to_signal(noise_to_signal).round() as usize;
                schedule.level(timestep).unwrap_or(NoiseLevel::CLEAN)
            }
            _ => process.at_noise_to_signal(noise_to_signal),
        }
    }

    /// `dγ/du` at quantile `u`, where `γ = ln(sigma²/alpha²)`.
    pub fn noise_growth(self, process: &Process, u: f64) -> f64 {
        let [low, high] = LOG_SNR_RANGE;
        if self == Self::LogSnr {
            2.0 * (high - low)
        } else {
            noise_growth(process, u)
        }
    }
}

/// Smallest time of processes in continuous time; some noise is left there (Song et al. 2021, appendix C).
const MIN_TIME: f64 = 1e-5;
/// `ln(s)` is drawn from N(−1.2, 1.2²) (Karras et al. 2022, table 1).
const LOG_NOISE_TO_SIGNAL_MEAN: f64 = -1.2;
const LOG_NOISE_TO_SIGNAL_STD: f64 = 1.2;

/// The level at quantile `u` in [0, 1) of the training distribution of a process:
///
/// | process | distribution |
/// |---|---|
/// | discrete | timesteps 0 … T − 1, uniform (Ho et al. 2020, algorithm 1) |
/// | SDE, flow matching, angular | `t` uniform on [10⁻⁵, 1); for the latter two both ends are cut off, where there is zero or pure noise |
/// | EDM, consistency | `ln(sigma/alpha)` normal with mean −1.2 and standard deviation 1.2 (Karras et al. 2022, table 1) |
fn level_at_quantile(process: &Process, u: f64) -> NoiseLevel {
    let inside = MIN_TIME + (1.0 - 2.0 * MIN_TIME) * u;
    match process {
        Process::Discrete(schedule) => {
            let last = schedule.len() - 1;
            let t = ((u * schedule.len() as f64) as usize).min(last);
            schedule.level(t).unwrap_or(NoiseLevel::CLEAN)
        }
        Process::Sde(sde) => sde.level(MIN_TIME + (1.0 - MIN_TIME) * u),
        Process::Edm { .. } | Process::Consistency { .. } => process.at_noise_to_signal(
            (LOG_NOISE_TO_SIGNAL_MEAN + LOG_NOISE_TO_SIGNAL_STD * normal_quantile(inside)).exp(),
        ),
        Process::FlowMatching { .. } => process.at_noise_to_signal(inside / (1.0 - inside)),
        Process::Angular => process.at_noise_to_signal((inside * FRAC_PI_2).tan()),
    }
}

/// `dγ/du` at quantile `u`, where `γ = ln(sigma²/alpha²)`. For a discrete process it is `T·beta_t/(alpha_t·(1 − ᾱ_t))`
/// with `alpha_t = 1 − beta_t`, the limit for many steps.
fn noise_growth(process: &Process, u: f64) -> f64 {
    let inside = MIN_TIME + (1.0 - 2.0 * MIN_TIME) * u;
    let width = 1.0 - 2.0 * MIN_TIME;
    match process {
        Process::Discrete(schedule) => {
            let alpha_bars = schedule.alpha_bars();
            let t = ((u * alpha_bars.len() as f64) as usize).min(alpha_bars.len() - 1);
            let before = if t == 0 { 1.0 } else { alpha_bars[t - 1] };
            let alpha = alpha_bars[t] / before;
            alpha_bars.len() as f64 * (1.0 - alpha) / (alpha * (1.0 - alpha_bars[t]))
        }
        Process::Sde(sde) => {
            let t = MIN_TIME + (1.0 - MIN_TIME) * u;
            (1.0 - MIN_TIME) * sde.diffusion_squared(t) / sde.level(t).sigma.powi(2)
        }
        Process::Edm { .. } | Process::Consistency { .. } => {
            let z = normal_quantile(inside);
            let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            width * 2.0 * LOG_NOISE_TO_SIGNAL_STD / density
        }
        Process::FlowMatching { .. } => width * 2.0 / (inside * (1.0 - inside)),
        Process::Angular => {
            width * 2.0 * std::f64::consts::PI / (std::f64::consts::PI * inside).sin()
        }
    }
}

fn normal_quantile(u: f64) -> f64 {
    Normal::standard().inverse_cdf(u)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::{Betas, NoiseSchedule, Sde};

    /// `−ln SNR`
    fn gamma(process: &Process, u: f64) -> f64 {
        2.0 * level_at_quantile(process, u).noise_to_signal().ln()
    }

    #[test]
    fn the_growth_of_the_noise_is_the_derivative_by_the_quantile() {
        let vp = Sde::VariancePreserving {
            beta_min: 0.1,
            beta_max: 20.0,
        };
        for process in [
            Process::Sde(vp),
            Process::Edm { sigma_data: 0.5 },
            Process::FlowMatching { timesteps: 1000.0 },
            Process::Angular,
        ] {
            for u in [0.05, 0.3, 0.5, 0.8, 0.97] {
                const STEP: f64 = 1e-5;
                let rise = gamma(&process, u + STEP) - gamma(&process, u - STEP);
                let (found, expected) = (noise_growth(&process, u), rise / (2.0 * STEP));
                let error = (found / expected - 1.0).abs();
                assert!(error < 1e-4, "{process:?} at {u}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn the_growth_of_a_discrete_process_is_the_coefficient_of_ho_et_al_for_each_timestep() {
        let betas = [0.1, 0.2, 0.3, 0.4];
        let schedule = NoiseSchedule::new(&Betas::Trained(betas.to_vec()), 4).unwrap();
        let process = Process::Discrete(schedule);
        let mut alpha_bar = 1.0;
        for (t, beta) in betas.into_iter().enumerate() {
            alpha_bar *= 1.0 - beta;
            let expected = 4.0 * beta / ((1.0 - beta) * (1.0 - alpha_bar));
            for u in [t as f64 / 4.0, (t as f64 + 0.99) / 4.0] {
                assert_eq!(level_at_quantile(&process, u).time, t as f64);
                assert!((noise_growth(&process, u) / expected - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_logarithm_of_edms_noise_is_normal_with_the_published_moments() {
        let process = Process::Edm { sigma_data: 0.5 };
        let logs = (0..10_000).map(|i| gamma(&process, (f64::from(i) + 0.5) / 1e4) / 2.0);
        let logs: Vec<f64> = logs.collect();
        let mean = logs.iter().sum::<f64>() / 1e4;
        let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e4;
        assert!((mean + 1.2).abs() < 1e-3 && (variance.sqrt() - 1.2).abs() < 1e-2);
    }
}
