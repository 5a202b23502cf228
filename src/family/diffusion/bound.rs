//! The variational bound on the log-density, and the variances of the reverse steps.

use std::f64::consts::PI;

use super::options::ReverseVariance;
use crate::diffusion::{NoiseLevel, NoiseSchedule};
use crate::family::DIMENSIONS;
use crate::likelihood::{self, transitions};
use crate::random::Generator;
use crate::sampler::ddpm::LearnedVariance;

/// One term of the bound, as a function of the estimate `x̂_0` and, for a learned variance, of the network's output `o`.
///
/// For each coordinate it is `½·(ln s² + (p + c²·(x_0 − x̂_0)²)/s² + k)` nats, with `ln s²` between `log_variance[0]` at
/// `o = −1` and `log_variance[1]` at `o = 1`:
///
/// | term | `p` | `c` | `k` |
/// |---|---|---|---|
/// | `KL(q(x_{t−1} ∣ x_t, x_0) ‖ p(x_{t−1} ∣ x_t))` | `β̃_t` | factor of `x_0` in the posterior mean | `−ln β̃_t − 1` |
/// | `−ln p(x_0 ∣ x_1)` | 0 | 1 | `ln 2π` |
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub level: NoiseLevel,
    /// `p`
    pub posterior_variance: f64,
    /// `c`
    pub clean: f64,
    /// `k`
    pub constant: f64,
    pub log_variance: [f64; 2],
}

impl Term {
    /// `ln s²` for an output of the network, which is ignored for a fixed variance.
    pub fn log_variance(&self, output: f64) -> f64 {
        let [low, high] = self.log_variance;
        low + 0.5 * (output + 1.0) * (high - low)
    }

    /// The term of a coordinate in nats.
    pub fn nats(&self, error: f64, output: f64) -> f64 {
        let log_variance = self.log_variance(output);
        let square = self.posterior_variance + (self.clean * error).powi(2);
        0.5 * (log_variance + square * libm::exp(-log_variance) + self.constant)
    }
}

/// The terms of the process with the given timesteps, noisiest first. The last one is that of the data.
pub(super) fn terms(
    schedule: &NoiseSchedule,
    timesteps: &[usize],
    variance: ReverseVariance,
) -> Vec<Term> {
    let transitions = transitions(schedule, timesteps, variance.of_sampler());
    let term = |transition: likelihood::Transition| {
        let log_variance = match transition.variance {
            likelihood::ReverseVariance::Fixed(variance) => [libm::log(variance); 2],
            likelihood::ReverseVariance::Learned(LearnedVariance::Between { min, max }) => {
                [min, max]
            }
            likelihood::ReverseVariance::Learned(LearnedVariance::Direct) => {
                unreachable!("no variance of this model is learned directly")
            }
        };
        let posterior = transition.posterior_variance;
        Term {
            level: transition.level,
            posterior_variance: posterior.unwrap_or(0.0),
            clean: transition.clean,
            constant: posterior.map_or(libm::log(2.0 * PI), |p| -libm::log(p) - 1.0),
            log_variance,
        }
    };
    transitions.into_iter().map(term).collect()
}

/// The lower bound `−(L_T + Σ_t L_{t−1} + L_0)` on `ln p(x)` of points `[count, 2]`, in nats, `[count]` (Ho et al. 2020,
/// eq. 5). Each term is the mean over `draws` of the noise. `estimate` returns the estimates of the clean points and the
/// outputs for a learned variance, which are empty for a fixed one.
pub(super) fn of(
    points: &[f32],
    terms: &[Term],
    draws: usize,
    generator: &mut Generator,
    mut estimate: impl FnMut(&[f32], NoiseLevel) -> [Vec<f32>; 2],
) -> Vec<f64> {
    let pairs = points.as_chunks::<DIMENSIONS>().0;
    let mut bounds: Vec<f64> = match terms.first() {
        Some(first) => pairs.iter().map(|x| -prior(x, first.level)).collect(),
        None => vec![0.0; pairs.len()],
    };
    for term in terms {
        let (alpha, sigma) = (term.level.alpha as f32, term.level.sigma as f32);
        for _ in 0..draws {
            let noise = generator.normal(points.len());
            let noisy = points.iter().zip(noise).map(|(x, e)| alpha * x + sigma * e);
            let [clean, outputs] = estimate(&noisy.collect::<Vec<_>>(), term.level);
            for (index, (x, clean)) in points.iter().zip(clean).enumerate() {
                let output = outputs.get(index).copied().unwrap_or(0.0);
                let nats = term.nats(f64::from(x - clean), f64::from(output));
                bounds[index / DIMENSIONS] -= nats / draws as f64;
            }
        }
    }
    bounds
}

/// `L_T = KL(q(x_T ∣ x_0) ‖ N(0, I))` in nats.
fn prior(x: &[f32; DIMENSIONS], NoiseLevel { alpha, sigma, .. }: NoiseLevel) -> f64 {
    let term = |x: &f32| {
        let (signal, variance) = (alpha * f64::from(*x), sigma * sigma);
        0.5 * (signal * signal + variance - 1.0 - libm::log(variance))
    };
    x.iter().map(term).sum()
}
