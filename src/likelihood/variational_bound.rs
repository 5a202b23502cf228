//! The variational bound on the likelihood, term by term.

use std::f64::consts::LN_2;

use burn::tensor::{Tensor, TensorData};

use super::decoder::log_mass;
use crate::diffusion::{Denoiser, NoiseLevel, NoiseSchedule};
use crate::random::Generator;
use crate::sampler::ddpm::{self, LearnedVariance, Variance};
use crate::sampler::{Clipping, Progress, Step};
use crate::{Error, Result};

/// The bound `L_T + Σ_t L_{t−1} + L_0 ≥ −log p(x_0)` of images with 256 grey levels in [−1, 1], in bits per dimension
/// (Ho, Jain & Abbeel 2020, eq. 5):
///
/// | term | |
/// |---|---|
/// | `L_T` | `KL(q(x_T \| x_0) ‖ N(0, 1))`: the [prior](Self::prior) |
/// | `L_{t−1}` | `KL(q(x_{t−1} \| x_t, x_0) ‖ p(x_{t−1} \| x_t))`, both normal: the [terms](Self::terms) |
/// | `L_0` | `−log p(x_0 \| x_1)` of the [discretised Gaussian](super::log_mass) (eq. 13): the [decoder](Self::decoder) |
///
/// Each expectation over `q(x_t | x_0)` is estimated from one draw of `x_t`. Each [`step`](Self::step) is one network
/// evaluation and yields one term, in order of decreasing noise; nothing is read back from the device.
///
/// A subset of the training timesteps defines a different process, with longer steps (Nichol & Dhariwal 2021, section
/// 4). Its bound applies to the likelihood under *its* samples, and is looser for a model that was trained on all
/// timesteps.
#[derive(Clone, Debug)]
pub struct VariationalBound<const D: usize> {
    clean: Tensor<D>,
    transitions: Vec<Transition>,
    clipping: Clipping,
    generator: Generator,
    terms: Vec<Tensor<1>>,
}

/// The part of `L_{t−1}`, or of `L_0`, that does not depend on the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// Level of `x_t`.
    pub level: NoiseLevel,
    /// Factor of `x_0` in the mean of `q(x_{t−1} | x_t, x_0)`, and of `x0_hat` in the model's mean; 1 in `L_0`.
    pub clean: f64,
    /// Variance of `q(x_{t−1} | x_t, x_0)`; `None` in `L_0`.
    pub posterior_variance: Option<f64>,
    /// Variance of `p(x_{t−1} | x_t)`.
    pub variance: ReverseVariance,
}

/// Variance of a step of the reverse process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReverseVariance {
    /// A given variance.
    Fixed(f64),
    /// Determined by the network's output.
    Learned(LearnedVariance),
}

/// Lower limit of variances, which keeps their logarithms finite; as in diffusers.
const MIN_VARIANCE: f64 = 1e-20;

/// One transition for each of the (two or more, decreasing) `timesteps`. In `L_0`, where the posterior has zero
/// variance, the variance of the preceding step is used for both fixed variances and for the lower end of a learned
/// range, as in the code of Ho et al. 2020.
pub fn transitions(
    schedule: &NoiseSchedule,
    timesteps: &[usize],
    variance: Variance,
) -> Vec<Transition> {
    let steps = Step::between(schedule, timesteps, NoiseLevel::CLEAN);
    let posterior_variance = |step: &Step| ddpm::posterior(*step).noise.powi(2);
    let transition = |(index, step): (usize, &Step)| {
        let is_decoder = index + 1 == steps.len();
        let lender = &steps[index - usize::from(is_decoder && index > 0)];
        let (small, beta) = (posterior_variance(lender), step.forward_variance());
        Transition {
            level: step.from,
            clean: ddpm::posterior(*step).clean,
            posterior_variance: (!is_decoder).then_some(small),
            variance: match variance {
                Variance::FixedLarge if !is_decoder => ReverseVariance::Fixed(beta),
                Variance::FixedSmall | Variance::FixedLarge => ReverseVariance::Fixed(small),
                Variance::Learned => ReverseVariance::Learned(LearnedVariance::Direct),
                Variance::LearnedRange => ReverseVariance::Learned(LearnedVariance::Between {
                    min: small.max(MIN_VARIANCE).ln(),
                    max: beta.ln(),
                }),
            },
        }
    };
    steps.iter().enumerate().map(transition).collect()
}

impl<const D: usize> VariationalBound<D> {
    /// The bound of `clean`, whose first dimension is the batch, for the process with the given timesteps of
    /// `schedule`, noisiest first. Estimates are clipped as in sampling. The noise of each term is drawn from
    /// `generator` in turn.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than two timesteps, and for timesteps that do not decrease or are not in the
    /// schedule.
    pub fn new(
        clean: Tensor<D>,
        schedule: &NoiseSchedule,
        timesteps: &[usize],
        variance: Variance,
        clipping: Clipping,
        generator: Generator,
    ) -> Result<Self> {
        let falls = timesteps.windows(2).all(|pair| pair[1] < pair[0]);
        if timesteps.len() < 2 || !falls || timesteps[0] >= schedule.len() {
            let last = schedule.len() - 1;
            let expected = format!("two or more, decreasing, starting at {last} or below");
            return Err(Error::invalid("timesteps", expected, timesteps));
        }
        Ok(Self {
            clean,
            transitions: transitions(schedule, timesteps, variance),
            clipping,
            generator,
            terms: Vec::new(),
        })
    }

    /// Number of samples in the batch.
    pub fn batch(&self) -> usize {
        self.clean.dims()[0]
    }

    /// Number of terms that need the network, including `L_0`: one per timestep.
    pub fn steps(&self) -> usize {
        self.transitions.len()
    }

    /// Number of computed terms.
    pub fn completed_steps(&self) -> usize {
        self.terms.len()
    }

    /// Computes the next term; returns `None` once all are computed.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a learned variance with a denoiser that does not predict it.
    pub fn step(&mut self, denoiser: &impl Denoiser<D>) -> Result<Option<Progress>> {
        let Some(transition) = self.transitions.get(self.terms.len()).copied() else {
            return Ok(None);
        };
        let level = transition.level;
        let noisy = self.clean.clone() * level.alpha + self.noise() * level.sigma;
        let estimate = denoiser.denoise(noisy, level);
        let log_variance = self.log_variance(transition.variance, estimate.variance)?;
        let clean = self.clipping.apply(estimate.clean);
        let nats = match transition.posterior_variance {
            None => -log_mass(self.clean.clone(), clean, log_variance),
            Some(variance) => {
                let error = (self.clean.clone() - clean) * transition.clean;
                divergence(variance.max(MIN_VARIANCE).ln(), log_variance, error)
            }
        };
        self.terms.push(bits(nats));
        Ok(Some(Progress {
            step: self.terms.len(),
            steps: self.steps(),
            timestep: level.time,
        }))
    }

    /// `L_T = (alpha²·x_0² + sigma² − 1 − ln sigma²)/2` in bits per dimension, `[batch]`.
    pub fn prior(&self) -> Tensor<1> {
        let signal = self.transitions[0].level.alpha.powi(2);
        let constant = -signal - (-signal).ln_1p();
        bits((self.clean.clone() * self.clean.clone() * signal + constant) * 0.5)
    }

    /// The terms `L_{t−1}` computed so far, in bits per dimension, `[batch, terms]`, noisiest first; in the end one
    /// fewer than [`steps`](Self::steps). `None` before the first step.
    pub fn terms(&self) -> Option<Tensor<2>> {
        let computed = self.terms.len().min(self.steps() - 1);
        (computed > 0).then(|| Tensor::stack(self.terms[..computed].to_vec(), 1))
    }

    /// `L_0` in bits per dimension, `[batch]`; `None` before the last step.
    pub fn decoder(&self) -> Option<Tensor<1>> {
        self.terms.get(self.steps() - 1).cloned()
    }

    /// Timesteps of the network evaluations: those of the terms, then that of `L_0`.
    pub fn timesteps(&self) -> impl Iterator<Item = f64> {
        self.transitions
            .iter()
            .map(|transition| transition.level.time)
    }

    /// Sum of the prior and the terms computed so far, `[batch]`: the bound, once all steps are complete.
    pub fn bits_per_dimension(&self) -> Tensor<1> {
        let terms = self.terms.iter().cloned();
        terms.fold(self.prior(), |sum, term| sum + term)
    }

    /// Standard normal noise in the shape of the images, drawn in row-major order.
    fn noise(&mut self) -> Tensor<D> {
        let shape = self.clean.dims();
        let values = self.generator.normal(shape.iter().product());
        let target = (&self.clean.device(), self.clean.dtype());
        Tensor::from_data(TensorData::new(values, shape), target)
    }

    /// Log-variance of the model's step, in the shape of the images.
    fn log_variance(
        &self,
        variance: ReverseVariance,
        learned: Option<Tensor<D>>,
    ) -> Result<Tensor<D>> {
        match (variance, learned) {
            (ReverseVariance::Fixed(variance), _) => {
                Ok(self.clean.zeros_like() + variance.max(MIN_VARIANCE).ln())
            }
            (ReverseVariance::Learned(LearnedVariance::Direct), Some(variance)) => {
                Ok(variance.clamp_min(MIN_VARIANCE).log())
            }
            (ReverseVariance::Learned(LearnedVariance::Between { min, max }), Some(v)) => {
                Ok((v + 1.0) * ((max - min) / 2.0) + min)
            }
            (ReverseVariance::Learned(_), None) => {
                let expected = "a fixed variance for a model that does not predict it";
                Err(Error::invalid("variance", expected, variance))
            }
        }
    }
}

/// `KL(N(m + error, v) ‖ N(m, w)) = (v/w − 1 − ln(v/w) + error²/w)/2` of each value, from `ln v` and `ln w`.
fn divergence<const D: usize>(
    log_variance: f64,
    model_log_variance: Tensor<D>,
    error: Tensor<D>,
) -> Tensor<D> {
    let log_ratio = -model_log_variance.clone() + log_variance;
    let excess = log_ratio.clone().exp() - 1.0 - log_ratio;
    (excess + error.clone() * error * (-model_log_variance).exp()) * 0.5
}

/// Mean over all dimensions except the batch, converted from nats to bits: `[batch]`.
fn bits<const D: usize>(nats: Tensor<D>) -> Tensor<1> {
    let rows: Tensor<2> = nats.clone().reshape([nats.dims()[0] as i32, -1]);
    rows.mean_dim(1).squeeze_dim::<1>(1) / LN_2
}
