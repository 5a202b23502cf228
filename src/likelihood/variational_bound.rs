//! The variational bound on the likelihood, term by term.

use std::f64::consts::LN_2;

use burn::tensor::{Tensor, TensorData};

use super::decoder::log_mass;
use crate::diffusion::{Denoiser, NoiseLevel, NoiseSchedule};
use crate::random::Generator;
use crate::sampler::ddpm::{self, LearnedVariance, Variance};
use crate::sampler::{Clipping, Progress, Step};
use crate::{Error, Result};

/// The bound `L_T + Σ_t L_{t−1} + L_0 ≥ −log p(x_0)` of images of 256 grey levels in [−1, 1], in bits for each of their numbers (Ho, Jain &
/// Abbeel 2020, eq. 5):
///
/// | term | |
/// |---|---|
/// | `L_T` | `KL(q(x_T \| x_0) ‖ N(0, 1))`: the [prior](Self::prior) |
/// | `L_{t−1}` | `KL(q(x_{t−1} \| x_t, x_0) ‖ p(x_{t−1} \| x_t))`, both normal: the [terms](Self::terms) |
/// | `L_0` | `−log p(x_0 \| x_1)` of the [discretised Gaussian](super::log_mass) (eq. 13): the [decoder](Self::decoder) |
///
/// Each expectation over `q(x_t | x_0)` is estimated from one draw of `x_t`. Each [`step`](Self::step) is one evaluation of the network and gives one
/// term, from the noisiest on; nothing is read back from the device.
///
/// Fewer timesteps than those of training are a process of their own, with longer steps (Nichol & Dhariwal 2021, section 4): its bound is one on
/// the likelihood under *its* samples, and looser for a model that was trained on all of them.
#[derive(Clone, Debug)]
pub struct VariationalBound<const D: usize> {
    clean: Tensor<D>,
    transitions: Vec<Transition>,
    clipping: Clipping,
    generator: Generator,
    terms: Vec<Tensor<1>>,
}

/// What is known of `L_{t−1}`, or of `L_0`, before the network is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// The level of `x_t`.
    pub level: NoiseLevel,
    /// The factor of `x_0` in the mean of `q(x_{t−1} | x_t, x_0)`, and of `x0_hat` in the model's: 1 in `L_0`.
    pub clean: f64,
    /// The variance of `q(x_{t−1} | x_t, x_0)`; none in `L_0`.
    pub posterior_variance: Option<f64>,
    /// The variance of `p(x_{t−1} | x_t)`.
    pub variance: ReverseVariance,
}

/// The variance of a step of the reverse process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReverseVariance {
    /// This one.
    Fixed(f64),
    /// It follows from what the network says.
    Learned(LearnedVariance),
}

/// Below this a variance counts as this, so that its logarithm is finite; diffusers' clamp.
const MIN_VARIANCE: f64 = 1e-20;

/// One transition for each of the (two or more, falling) `timesteps`. In `L_0`, where the posterior has no variance, the step before lends its own to both
/// fixed variances and to the lower end of a learned range, as in the code of Ho et al. 2020.
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
    /// The bound of `clean`, whose first dimension is the batch, for a process of the given timesteps of `schedule`, the noisiest first.
    /// Estimates are clipped as they are when sampling. The noise of each term is drawn from `generator` in turn.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than two timesteps, and for those that do not fall or are not in the schedule.
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
            let expected = format!("two or more, falling, from at most {last} on");
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

    /// Samples in the batch.
    pub fn batch(&self) -> usize {
        self.clean.dims()[0]
    }

    /// Terms that need the network, `L_0` among them: one for each timestep.
    pub fn steps(&self) -> usize {
        self.transitions.len()
    }

    /// Those that were computed.
    pub fn completed_steps(&self) -> usize {
        self.terms.len()
    }

    /// Computes the next term; `None` when all were computed before.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the variance should be learned but the denoiser says nothing about it.
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

    /// The `L_{t−1}` computed so far in bits per dimension, `[batch, terms]`, from the noisiest timestep on; one fewer than there are
    /// [`steps`](Self::steps) in the end. `None` before the first step.
    pub fn terms(&self) -> Option<Tensor<2>> {
        let computed = self.terms.len().min(self.steps() - 1);
        (computed > 0).then(|| Tensor::stack(self.terms[..computed].to_vec(), 1))
    }

    /// `L_0` in bits per dimension, `[batch]`; `None` before the last step.
    pub fn decoder(&self) -> Option<Tensor<1>> {
        self.terms.get(self.steps() - 1).cloned()
    }

    /// The timesteps at which the network is asked: those of the terms, and at last that of `L_0`.
    pub fn timesteps(&self) -> impl Iterator<Item = f64> {
        self.transitions
            .iter()
            .map(|transition| transition.level.time)
    }

    /// The prior and the terms computed so far together, `[batch]`: the bound, once all steps are done.
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

    /// The logarithm of the variance of the model's step, in the shape of the images.
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
                let expected = "a fixed one for a model that says nothing about it";
                Err(Error::invalid("variance", expected, variance))
            }
        }
    }
}

/// `KL(N(m + error, v) ‖ N(m, w)) = (v/w − 1 − ln(v/w) + error²/w)/2` of each number, from `ln v` and `ln w`.
fn divergence<const D: usize>(
    log_variance: f64,
    model_log_variance: Tensor<D>,
    error: Tensor<D>,
) -> Tensor<D> {
    let log_ratio = -model_log_variance.clone() + log_variance;
    let excess = log_ratio.clone().exp() - 1.0 - log_ratio;
    (excess + error.clone() * error * (-model_log_variance).exp()) * 0.5
}

/// The mean over all but the batch, from nats to bits: `[batch]`.
fn bits<const D: usize>(nats: Tensor<D>) -> Tensor<1> {
    let rows: Tensor<2> = nats.clone().reshape([nats.dims()[0] as i32, -1]);
    rows.mean_dim(1).squeeze_dim::<1>(1) / LN_2
}
