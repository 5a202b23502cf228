//! From one noise level to another.

use crate::diffusion::{NoiseLevel, NoiseSchedule};

/// One step's way: from a noise level to another, which is the cleaner one when sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The level that the sample has, `(alpha, sigma)`.
    pub from: NoiseLevel,
    /// The level that it goes to, `(alpha', sigma')`.
    pub to: NoiseLevel,
}

impl Step {
    /// The steps from each of the levels to the next.
    pub fn chain(levels: &[NoiseLevel]) -> Vec<Self> {
        let pair = |pair: &[NoiseLevel]| Self {
            from: pair[0],
            to: pair[1],
        };
        levels.windows(2).map(pair).collect()
    }

    /// The steps through `timesteps` (falling, each below the schedule's length), and from the last one to `end`.
    pub fn between(schedule: &NoiseSchedule, timesteps: &[usize], end: NoiseLevel) -> Vec<Self> {
        let levels = timesteps.iter().filter_map(|t| schedule.level(*t));
        Self::chain(&levels.chain([end]).collect::<Vec<_>>())
    }

    /// The steps of diffusers' `DDIMScheduler`: each goes down by `stride = ⌊T/steps⌋` whatever the next
    /// timestep is, and to `end` where that is below zero. With leading spacing it is the same as
    /// [`between`](Self::between).
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

    /// The variance that the forward process adds on its way from the cleaner level `to` to `from`,
    /// `sigma² − (alpha/alpha')²·sigma'²`; for a variance-preserving process `1 − (alpha/alpha')²`, the `beta` of DDPM.
    pub fn forward_variance(self) -> f64 {
        let Self { from, to } = self;
        let ratio = from.alpha / to.alpha;
        from.sigma * from.sigma - (ratio * to.sigma).powi(2)
    }

    /// `λ' − λ`, how much the half log-SNR `λ = ln(alpha/sigma)` grows (the `h` of Lu et al. 2022); infinite where the step ends clean.
    pub fn log_snr_step(self) -> f64 {
        self.to.log_snr() - self.from.log_snr()
    }
}
