//! Weighting of the noise levels in the loss.

use serde::{Deserialize, Serialize};

use crate::diffusion::{NoiseLevel, Prediction};

/// Weight of the squared error at each noise level.
///
/// The squared errors of the noise, of the clean sample and of the network's output differ by a factor that depends
/// only on the level: `‖eps − eps_hat‖² = SNR·‖x_0 − x0_hat‖² = SNR·b²·‖target − output‖²`, where `SNR = alpha²/sigma²`
/// and `b` is the factor of the output in [`Prediction::clean_coefficients`]. The table gives each weighting as a
/// factor of `‖eps − eps_hat‖²`:
///
/// | weighting | factor |
/// |---|---|
/// | simple | `1/(SNR·b²)`, which is 1 for the network's own output; 1 for a score, see below |
/// | variational | `½·dγ/du`, `γ = −ln SNR`, `u` the quantile of the level in the training distribution |
/// | min-SNR | `min(SNR, gamma)/SNR` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// Mean squared error of the network's output: `L_simple` for noise prediction (Ho et al. 2020, eq. 14). For score
    /// prediction it is multiplied by `sigma²`, which equals the error of the noise (Song & Ermon 2019, section 4.2).
    #[default]
    Simple,
    /// Variational bound on the negative log-likelihood, in nats per value of a sample, up to terms that do not depend
    /// on the network. For a discrete process `Σ_t beta_t²/(2·sigma_t²·alpha_t·(1 − ᾱ_t))·‖eps − eps_hat‖²` with
    /// `sigma_t² = beta_t` (Ho et al. 2020, eq. 12); for the others its limit for many steps,
    /// `½·∫ γ'(t)·‖eps − eps_hat‖² dt` (Kingma et al. 2021, eq. 17 and 18).
    Variational,
    /// The squared error of the clean sample times `min(SNR, gamma)`, divided by the SNR for the noise (Hang et al. 2023, section 3.4).
    MinSnr {
        /// SNR above which the weight is constant; 5 in the paper.
        gamma: f64,
    },
}

impl Weighting {
    /// Weight of `(target − output)²` at a level; `growth` computes `dγ/du`.
    pub fn weight(
        self,
        prediction: Prediction,
        level: NoiseLevel,
        growth: impl FnOnce() -> f64,
    ) -> f64 {
        let snr = (level.alpha / level.sigma).powi(2);
        let (_, from_output) = prediction.clean_coefficients(level);
        // Ratio of the squared error of the noise to that of the output.
        let of_noise = snr * from_output * from_output;
        match (self, prediction) {
            (Self::Simple, Prediction::Score) => level.sigma * level.sigma,
            (Self::Simple, _) => 1.0,
            (Self::Variational, _) => 0.5 * growth() * of_noise,
            (Self::MinSnr { gamma }, _) => snr.min(gamma) * from_output * from_output,
        }
    }
}
