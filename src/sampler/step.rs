//! A step between two noise levels.

use crate::diffusion::{NoiseLevel, NoiseSchedule};

/// A step from one noise level to another. When sampling, `to` is the less noisy one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Level of the current sample, `(alpha, sigma)`.
    pub from: NoiseLevel,
    /// Level of the next sample, `(alpha', sigma')`.
    pub to: NoiseLevel,
}

impl Step {
    /// The steps between consecutive levels.
    pub fn chain(levels: &[NoiseLevel]) -> Vec<Self> {
        let pair = |pair: &[NoiseLevel]| Self {
            from: pair[0],
            to: pair[1],
        };
        levels.windows(2).map(pair).collect()
    }

    /// The steps through decreasing `timesteps`, each below the length of the schedule, and from the last timestep to
    /// `end`.
    pub fn between(schedule: &NoiseSchedule, timesteps: &[usize], end: NoiseLevel) -> Vec<Self> {
        let levels = timesteps.iter().filter_map(|t| schedule.level(*t));
        Self::chain(&levels.chain([end]).collect::<Vec<_>>())
    }

    /// The steps of diffusers' `DDIMScheduler`: each step goes from `t` to `t − ⌊T/steps⌋`, whatever the next timestep
    /// is, or to `end` where that is negative. With leading spacing these are the steps of [`between`](Self::between).
    pub fn strided(
        schedule: &NoiseSchedule,
        timesteps: &[usize],
        stride: usize,
        end: NoiseLevel,
    ) -> Vec<Self> {
        let target = |t: usize| {
            t.checked_sub(stride)
                .and_then(|t| schedule.level(t))
                .unwrap_or(end)
        };
        let step = |t: &usize| {
            Some(Self {
                from: schedule.level(*t)?,
                to: target(*t),
            })
        };
        timesteps.iter().filter_map(step).collect()
    }

    /// Variance that the forward process adds between the less noisy level `to` and `from`,
    /// `sigma² − (alpha/alpha')²·sigma'²`. For a variance-preserving process it is `1 − (alpha/alpha')²`, the `beta` of
    /// DDPM.
    pub fn forward_variance(self) -> f64 {
        let Self { from, to } = self;
        let ratio = from.alpha / to.alpha;
        from.sigma * from.sigma - (ratio * to.sigma).powi(2)
    }

    /// Increase `λ' − λ` of the half log-SNR `λ = ln(alpha/sigma)`; the `h` of Lu et al. 2022. Infinite for a step to
    /// zero noise.
    pub fn log_snr_step(self) -> f64 {
        self.to.log_snr() - self.from.log_snr()
    }
}
