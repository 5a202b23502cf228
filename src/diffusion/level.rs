//! How much signal and how much noise a sample holds.

/// The noise level of a variance-preserving sample, `x_t = alpha·x_0 + sigma·eps` with `eps ~ N(0, 1)`.
///
/// `alpha² + sigma² = 1` for every level of a [`NoiseSchedule`](super::NoiseSchedule). In the
/// notation of Ho et al. 2020 (eq. 4), `alpha = √ᾱ_t` and `sigma = √(1 − ᾱ_t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseLevel {
    /// Timestep that the network is told, 0 to `T − 1`; −1 for a clean sample.
    pub time: f64,
    /// Factor of the clean sample, 0 to 1.
    pub alpha: f64,
    /// Standard deviation of the noise, 0 to 1.
    pub sigma: f64,
}

impl NoiseLevel {
    /// No noise: the end of every sampling.
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
}
