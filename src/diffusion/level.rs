//! Noise levels.

/// The noise level of a sample, `x_t = alpha·x_0 + sigma·eps` with `eps ~ N(0, 1)`.
///
/// Levels of a [`NoiseSchedule`](super::NoiseSchedule) satisfy `alpha² + sigma² = 1`; in the notation of Ho et al. 2020
/// (eq. 4), `alpha = √ᾱ_t` and `sigma = √(1 − ᾱ_t)`. Other [processes](super::Process) scale the sample differently.
/// The samplers depend only on `sigma/alpha`, the `sigma` of Karras et al. 2022.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseLevel {
    /// Time that the network is conditioned on: for discrete schedules the timestep, 0 to `T − 1`; −1 for a clean
    /// sample.
    pub time: f64,
    /// Factor of the clean sample.
    pub alpha: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

impl NoiseLevel {
    /// Zero noise, the end of a sampling run.
    pub const CLEAN: Self = Self {
        time: -1.0,
        alpha: 1.0,
        sigma: 0.0,
    };

    /// The level with `alpha² = alpha_bar` and `sigma² = 1 − alpha_bar`.
    pub fn from_alpha_bar(time: f64, alpha_bar: f64) -> Self {
        Self {
            time,
            alpha: alpha_bar.sqrt(),
            sigma: (1.0 - alpha_bar).sqrt(),
        }
    }

    /// The variance-preserving level with `sigma/alpha = noise_to_signal`.
    pub fn from_noise_to_signal(time: f64, noise_to_signal: f64) -> Self {
        let alpha = 1.0 / noise_to_signal.hypot(1.0);
        Self {
            time,
            alpha,
            sigma: if noise_to_signal.is_infinite() {
                1.0
            } else {
                noise_to_signal * alpha
            },
        }
    }

    /// `sigma/alpha`, the noise-to-signal ratio: 0 for a clean sample, infinite for pure noise.
    pub fn noise_to_signal(self) -> f64 {
        self.sigma / self.alpha
    }

    /// `λ = ln(alpha/sigma)`, half the logarithm of the signal-to-noise ratio (Lu et al. 2022; Kingma et al. 2021 use twice it).
    pub fn log_snr(self) -> f64 {
        (self.alpha / self.sigma).ln()
    }
}
