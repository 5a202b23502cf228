//! How much each noise level counts in the loss.

use serde::{Deserialize, Serialize};

use crate::diffusion::{NoiseLevel, Prediction};

/// The factor of the squared error of each noise level.
///
/// Squared errors of the noise, the clean sample and the network's output differ by a factor that depends on the level alone:
/// `‖eps − eps_hat‖² = SNR·‖x_0 − x0_hat‖² = SNR·b²·‖target − output‖²`, where `SNR = alpha²/sigma²` and `b` is the factor of the output in
/// [`Prediction::clean_coefficients`]. Each weighting is given here as the factor of `‖eps − eps_hat‖²`:
///
/// | weighting | factor |
/// |---|---|
/// | simple | `1/(SNR·b²)`, that is 1 for the network's own output; for a score 1, see below |
/// | variational | `½·dγ/du`, `γ = −ln SNR`, `u` the quantile of the level among those drawn |
/// | min-SNR | `min(SNR, gamma)/SNR` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// The mean squared error of what the network outputs: `L_simple` for the noise (Ho et al. 2020, eq. 14). Of a score it is `sigma²` times that,
    /// the same number as for the noise (Song & Ermon 2019, section 4.2).
    #[default]
    Simple,
    /// The variational bound on the negative log-likelihood, in nats for each number of a sample, up to what does not depend on the network. For a
    /// discrete process `Σ_t beta_t²/(2·sigma_t²·alpha_t·(1 − ᾱ_t))·‖eps − eps_hat‖²` with `sigma_t² = beta_t` (Ho et al. 2020, eq. 12), for the others its limit of many
    /// steps, `½·∫ γ'(t)·‖eps − eps_hat‖² dt` (Kingma et al. 2021, eq. 17 and 18).
    Variational,
    /// The squared error of the clean sample times `min(SNR, gamma)`, divided by the SNR for the noise (Hang et al. 2023, section 3.4).
    MinSnr {
        /// Where the weight stops to grow; 5 in the paper.
        gamma: f64,
    },
}

impl Weighting {
    /// The factor of `(target − output)²` at a level, where `growth` computes `dγ/du`.
    pub fn weight(
        self,
        prediction: Prediction,
        level: NoiseLevel,
        growth: impl FnOnce() -> f64,
    ) -> f64 {
        let snr = (level.alpha / level.sigma).powi(2);
        let (_, from_output) = prediction.clean_coefficients(level);
        // Of the squared error of the noise in that of the output.
        let of_noise = snr * from_output * from_output;
        match (self, prediction) {
            (Self::Simple, Prediction::Score) => level.sigma * level.sigma,
            (Self::Simple, _) => 1.0,
            (Self::Variational, _) => 0.5 * growth() * of_noise,
            (Self::MinSnr { gamma }, _) => snr.min(gamma) * from_output * from_output,
        }
    }
}
