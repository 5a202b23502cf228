//! Forward processes of trained networks.

use std::f64::consts::FRAC_2_PI;

use super::{NoiseLevel, NoiseSchedule, Sde};

/// The forward process: how data become noise, and how the noise level is encoded for the network. Solvers obtain
/// intermediate levels [by their noise-to-signal ratio](Self::at_noise_to_signal).
#[derive(Clone, Debug, PartialEq)]
pub enum Process {
    /// `T` variance-preserving steps (Ho et al. 2020). Networks are conditioned on the timestep.
    Discrete(NoiseSchedule),
    /// A stochastic differential equation in continuous time (Song et al. 2021).
    Sde(Sde),
    /// Noise added to data of standard deviation `sigma_data`, with the sum scaled to unit variance by
    /// `c_in = 1/√(s² + sigma_data²)`. Networks are conditioned on `c_noise = ln(s)/4` (Karras et al. 2022, table 1).
    Edm {
        /// Standard deviation of the data.
        sigma_data: f64,
    },
    /// `sigma_data` as for [`Edm`](Self::Edm), but networks are conditioned on `250·ln(s)` (Song et al. 2023, appendix
    /// C).
    Consistency {
        /// Standard deviation of the data.
        sigma_data: f64,
    },
    /// The straight line `(1 − t)·x_0 + t·eps`. Networks are conditioned on `timesteps·t` (Lipman et al. 2023; Liu et
    /// al. 2023).
    FlowMatching {
        /// Time of pure noise.
        timesteps: f64,
    },
    /// The angular schedule `sigma = sin²(πt/2)` of v-diffusion, which IPNDM's own scheduler uses. Networks are
    /// conditioned on `2/π·atan(sigma/alpha)`.
    Angular,
}

impl Process {
    /// The level with the noise-to-signal ratio `sigma/alpha = noise_to_signal`.
    pub fn at_noise_to_signal(&self, noise_to_signal: f64) -> NoiseLevel {
        let scaled = |time: f64, alpha: f64| NoiseLevel {
            time,
            alpha,
            sigma: noise_to_signal * alpha,
        };
        match self {
            Self::Discrete(schedule) => NoiseLevel::from_noise_to_signal(
                schedule.time_at_noise_to_signal(noise_to_signal),
                noise_to_signal,
            ),
            Self::Sde(sde) => sde.at_noise_to_signal(noise_to_signal),
            Self::Edm { sigma_data } => scaled(
                noise_to_signal.ln() / 4.0,
                1.0 / noise_to_signal.hypot(*sigma_data),
            ),
            Self::Consistency { sigma_data } => scaled(
                250.0 * noise_to_signal.ln(),
                1.0 / noise_to_signal.hypot(*sigma_data),
            ),
            Self::FlowMatching { timesteps } => {
                let t = noise_to_signal / (1.0 + noise_to_signal);
                scaled(timesteps * t, 1.0 - t)
            }
            Self::Angular => NoiseLevel::from_noise_to_signal(
                FRAC_2_PI * noise_to_signal.atan(),
                noise_to_signal,
            ),
        }
    }

    /// The schedule of a discrete process; `None` for other processes.
    pub fn schedule(&self) -> Option<&NoiseSchedule> {
        match self {
            Self::Discrete(schedule) => Some(schedule),
            _ => None,
        }
    }
}
