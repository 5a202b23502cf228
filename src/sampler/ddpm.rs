//! DDPM: draw from the posterior of the forward process.

use burn::tensor::Tensor;

use super::{Interval, Update};

/// The variance of the reverse step, where `beta = 1 − (alpha/alpha')²` is that of the forward one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// `sigma'²/sigma²·beta`, the posterior's own: `"fixed_small"` and, computed in logarithms,
    /// `"fixed_small_log"` (Ho et al. 2020, eq. 7).
    FixedSmall,
    /// `beta`: `"fixed_large"` and `"fixed_large_log"` (Ho et al. 2020, section 3.2).
    FixedLarge,
    /// What the network says: `"learned"`.
    Learned,
    /// `exp(f·ln beta + (1 − f)·ln fixed_small)` with `f = (v + 1)/2` from the network's `v` in [−1, 1]:
    /// `"learned_range"` (Nichol & Dhariwal 2021, eq. 15).
    LearnedRange,
}

/// Below this the posterior's variance counts as this (diffusers' clamp), so that its logarithm is finite.
const MIN_VARIANCE: f64 = 1e-20;

/// The posterior `q(x' | x, x_0) = N(keep·x + clean·x_0, noise²)` with the variance
/// [`FixedSmall`](Variance::FixedSmall) (Ho et al. 2020, eq. 6 and 7):
/// `keep = alpha/alpha'·sigma'²/sigma²`, `clean = alpha'·beta/sigma²`.
pub fn posterior(Interval { from, to }: Interval) -> Update {
    let ratio = from.alpha / to.alpha;
    let variance_ratio = (to.sigma / from.sigma).powi(2);
    let beta = 1.0 - ratio * ratio;
    Update {
        keep: ratio * variance_ratio,
        clean: to.alpha * beta / (from.sigma * from.sigma),
        eps: 0.0,
        noise: (variance_ratio * beta).sqrt(),
    }
}

impl Variance {
    /// Whether the network outputs it, in channels of its own after those of the prediction.
    pub fn is_learned(self) -> bool {
        matches!(self, Self::Learned | Self::LearnedRange)
    }

    /// Standard normal noise `z` scaled to this variance. `learned` is the network's answer, which only the learned variances
    /// look at; without it they are [`FixedSmall`](Self::FixedSmall).
    pub(super) fn scale<const D: usize>(
        self,
        z: Tensor<D>,
        interval: Interval,
        learned: Option<Tensor<D>>,
    ) -> Tensor<D> {
        let small = posterior(interval).noise;
        let beta = 1.0 - (interval.from.alpha / interval.to.alpha).powi(2);
        match (self, learned) {
            (Self::FixedLarge, _) => z * beta.sqrt(),
            (Self::Learned, Some(variance)) => z * variance.clamp_min(0.0).sqrt(),
            (Self::LearnedRange, Some(v)) => {
                let min = (small * small).max(MIN_VARIANCE).ln();
                let max = beta.ln();
                let log_variance = (v + 1.0) * ((max - min) / 2.0) + min;
                z * (log_variance * 0.5).exp()
            }
            _ => z * small,
        }
    }
}
