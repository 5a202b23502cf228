//! The sampling loop of all methods, one network evaluation at a time.

use burn::tensor::{Device, Tensor, TensorData};

use super::ddpm::LearnedVariance;
use super::plan::Correction;
use super::{Clipping, Combination, Evaluation, Plan};
use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::random::Generator;
use crate::{Error, Result};

/// A run that can be stepped, looked at and abandoned at any point.
///
/// It never reads back from the device by itself, but for the adaptive solver: [`noisy`](Self::noisy) and [`clean`](Self::clean)
/// hand out tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use tweedie::diffusion::{Betas, IdealDenoiser, NoiseLevel, NoiseSchedule, Process};
/// use tweedie::random::Generator;
/// use tweedie::sampler::{Clipping, Step, Method, Trajectory, Sampling, ddpm};
///
/// // Data: two points. Their ideal denoiser needs no training.
/// let device = Device::flex();
/// let denoiser = IdealDenoiser::of_points(Tensor::from_floats([[1.0, 0.0], [-1.0, 0.0]], &device));
/// let schedule = NoiseSchedule::new(&Betas::Linear { start: 1e-4, end: 0.02 }, 1000)?;
/// let timesteps: Vec<usize> = (0..1000).step_by(20).rev().collect();
/// let steps = Step::between(&schedule, &timesteps, NoiseLevel::CLEAN);
///
/// let mut generator = Generator::new(0);
/// let noise = Tensor::<1>::from_floats(generator.normal(2 * 5).as_slice(), &device).reshape([5, 2]);
/// let method = Method::Ddpm { variance: ddpm::Variance::FixedSmall };
/// let plan = method.plan(&Trajectory::new(steps, Process::Discrete(schedule)))?;
/// let mut sampling = Sampling::new(noise, plan, Clipping::None, generator);
/// while sampling.step(&denoiser)?.is_some() {}
/// println!("{}", sampling.noisy()); // five points, each at one of the two
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampling<const D: usize> {
    plan: Plan,
    clipping: Clipping,
    generator: Generator,
    noisy: Tensor<D>,
    clean: Option<Tensor<D>>,
    /// Sample at the start of a step with several evaluations.
    start: Option<Tensor<D>>,
    /// Tensors recorded by the evaluations so far, latest first.
    history: Vec<Tensor<D>>,
    /// Number of history entries that the plan uses.
    depth: usize,
    /// Error of a step of the adaptive solver that is neither accepted nor rejected yet.
    error: Option<Tensor<1>>,
    completed: usize,
    /// Last evaluation whose sample is known to be finite.
    finite_until: usize,
    /// Set once the sample is not finite.
    failure: Option<Error>,
}

/// Progress of a run after a network evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Number of completed evaluations, at least 1.
    pub step: usize,
    /// Total number of evaluations; an estimate for the adaptive solver.
    pub steps: usize,
    /// Timestep that the network was conditioned on.
    pub timestep: f64,
}

/// Tensors of an evaluation that a [`Combination`] refers to.
struct Terms<'a, const D: usize> {
    sample: &'a Tensor<D>,
    clipped: &'a Tensor<D>,
    unclipped: &'a Tensor<D>,
    level: NoiseLevel,
}

impl<const D: usize> Sampling<D> {
    /// A run that starts from `noisy`, a sample at the plan's first level. Stochastic methods draw their noise from
    /// `generator`.
    pub fn new(noisy: Tensor<D>, plan: Plan, clipping: Clipping, generator: Generator) -> Self {
        let depth = plan.depth();
        Self {
            plan,
            clipping,
            generator,
            noisy,
            clean: None,
            start: None,
            history: Vec::new(),
            depth,
            error: None,
            completed: 0,
            finite_until: 0,
            failure: None,
        }
    }

    /// The current sample `x_t`.
    pub fn noisy(&self) -> Tensor<D> {
        self.noisy.clone()
    }

    /// The latest estimate of `x_0`, clipped; `None` before the first evaluation.
    pub fn clean(&self) -> Option<Tensor<D>> {
        self.clean.clone()
    }

    /// Total number of network evaluations; an estimate for the adaptive solver.
    pub fn steps(&self) -> usize {
        match &self.plan {
            Plan::Fixed(evaluations) => evaluations.len(),
            Plan::Adaptive(integration) => integration.expected_evaluations(),
        }
    }

    /// Number of completed network evaluations.
    pub fn completed_steps(&self) -> usize {
        self.completed
    }

    /// Evaluates the denoiser once and updates the sample; returns `None` once the run is complete.
    ///
    /// The adaptive solver needs the error of each step before the next one. Where tensors cannot be read
    /// synchronously, on the GPU of a browser, call [`control_step`](Self::control_step) in between.
    ///
    /// # Errors
    /// [`Error::Tolerance`] where the adaptive solver gives up; the sample remains at the last accepted step.
    /// [`Error::NonFinite`] after the first evaluation whose sample is not finite, on the CPU; for GPUs see
    /// [`verify`](Self::verify).
    pub fn step(&mut self, denoiser: &impl Denoiser<D>) -> Result<Option<Progress>> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if let Some(error) = self.error.clone() {
            let unread = |error| Error::Device(format!("the step's error cannot be read: {error}"));
            let error = error.into_data().convert::<f64>();
            self.control_step(error.try_into_vec::<f64>().map_err(unread)?[0]);
        }
        let evaluation = match &self.plan {
            Plan::Fixed(evaluations) => evaluations.get(self.completed).copied(),
            Plan::Adaptive(integration) => integration.evaluation()?,
        };
        let Some(evaluation) = evaluation else {
            return Ok(None);
        };
        let estimate = denoiser.denoise(self.noisy(), evaluation.level);
        self.advance(evaluation, estimate);
        self.completed += 1;
        self.verify_on_cpu()?;
        Ok(Some(Progress {
            step: self.completed,
            steps: self.steps(),
            timestep: evaluation.level.time,
        }))
    }

    /// Checks that a sample read back after `step` evaluations is finite. Runs on a GPU never check by themselves,
    /// since every read waits for the GPU.
    ///
    /// # Errors
    /// [`Error::NonFinite`] with the range of evaluations that may be the first with a sample that is not finite. From
    /// then on [`step`](Self::step) returns the same error.
    pub fn verify(&mut self, step: usize, sample: &[f32]) -> Result<()> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if all_finite(sample) {
            self.finite_until = self.finite_until.max(step);
            return Ok(());
        }
        let failure = Error::NonFinite {
            what: "the sample".to_owned(),
            first: step.min(self.finite_until + 1),
            last: step,
            of: self.steps(),
        };
        self.failure = Some(failure.clone());
        Err(failure)
    }

    /// Samples of the adaptive solver are not checked: it repeats a step whose error is not finite.
    fn verify_on_cpu(&mut self) -> Result<()> {
        let is_on_cpu = self.noisy.device() == Device::flex() && !self.noisy.is_autodiff();
        if !is_on_cpu || matches!(self.plan, Plan::Adaptive(_)) {
            return Ok(());
        }
        let data = self.noisy().into_data();
        match data.as_slice::<f32>() {
            Ok(sample) => self.verify(self.completed, sample),
            Err(_) => Ok(()), // of another precision
        }
    }

    /// Mean squared error, `[1]`, of a step of the adaptive solver that waits for [`control_step`](Self::control_step),
    /// in units of the tolerance.
    pub fn pending_error(&self) -> Option<Tensor<1>> {
        self.error.clone()
    }

    /// Step-size control: accepts or rejects the pending step of the adaptive solver by its mean squared error. Does
    /// nothing where no step is pending.
    pub fn control_step(&mut self, mean_square: f64) {
        let (Plan::Adaptive(integration), Some(_), Some(clean)) =
            (&mut self.plan, self.error.take(), &self.clean)
        else {
            return;
        };
        let control = integration.control_step(mean_square.sqrt());
        let terms = Terms {
            sample: &self.noisy,
            clipped: clean,
            unclipped: clean,
            level: NoiseLevel::CLEAN,
        };
        let next = self.combine(control.next, &terms);
        if control.accepted {
            self.start = Some(self.noisy());
        }
        self.history = vec![self.history[control.first_slope - 1].clone()];
        self.noisy = next.unwrap_or_else(|| self.noisy());
    }

    /// Applies everything that follows an evaluation.
    fn advance(&mut self, evaluation: Evaluation, estimate: Estimate<D>) {
        let clipped = self.clipping.apply(estimate.clean.clone());
        let sample = self.noisy();
        let terms = Terms {
            sample: &sample,
            clipped: &clipped,
            unclipped: &estimate.clean,
            level: evaluation.level,
        };
        let kept = |factors| self.combine(factors, &terms);
        let recorded = evaluation.record.and_then(kept);
        let start = evaluation.start.and_then(kept);
        let next = match evaluation.correction {
            Some(correction) => Some(self.correct(correction, &terms)),
            None => self.combine(evaluation.next, &terms),
        };
        let noise = self.fresh_noise(&evaluation, estimate.variance);
        self.noisy = match (next, noise) {
            (Some(next), Some(noise)) => next + noise,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => sample.zeros_like(),
        };
        self.start = start.or(self.start.take());
        if let Some(recorded) = recorded {
            self.history.insert(0, recorded);
            self.history.truncate(self.depth);
        }
        self.clean = Some(clipped);
        self.complete_adaptive_step();
    }

    /// The combination without its noise term; `None` where all factors are zero.
    fn combine(&self, factors: Combination, terms: &Terms<'_, D>) -> Option<Tensor<D>> {
        // eps_hat = (x − alpha·x0_hat)/sigma, in terms of x and the unclipped x0_hat.
        let eps = match factors.eps {
            0.0 => 0.0,
            eps => eps / terms.level.sigma,
        };
        let held = [
            (factors.sample + eps, Some(terms.sample)),
            (factors.clean, Some(terms.clipped)),
            (-eps * terms.level.alpha, Some(terms.unclipped)),
            (factors.start, self.start.as_ref()),
        ];
        let previous = factors
            .history
            .iter()
            .copied()
            .zip(self.history.iter().map(Some));
        held.into_iter()
            .chain(previous)
            .filter(|(factor, _)| *factor != 0.0)
            .filter_map(|(factor, tensor)| Some(scaled(tensor?.clone(), factor)))
            .reduce(|sum, term| sum + term)
    }

    /// The noise of a step. Numbers are only drawn where the step adds noise, as in diffusers.
    fn fresh_noise(
        &mut self,
        evaluation: &Evaluation,
        variance: Option<Tensor<D>>,
    ) -> Option<Tensor<D>> {
        match (evaluation.learned_variance, variance) {
            (Some(LearnedVariance::Direct), Some(variance)) => {
                Some(self.noise(1.0) * variance.clamp_min(0.0).sqrt())
            }
            (Some(LearnedVariance::Between { min, max }), Some(v)) => {
                let log_variance = (v + 1.0) * ((max - min) / 2.0) + min;
                Some(self.noise(1.0) * (log_variance * 0.5).exp())
            }
            _ => (evaluation.next.noise > 0.0).then(|| self.noise(evaluation.next.noise)),
        }
    }

    /// A Langevin step whose size depends on the norms of the score and the noise (Song et al. 2021, algorithms 4 and
    /// 5).
    fn correct(&mut self, correction: Correction, terms: &Terms<'_, D>) -> Tensor<D> {
        let sample = terms.sample.clone();
        let Some(score) = self.combine(Combination::score(terms.level), terms) else {
            return sample;
        };
        let noise = self.draw();
        let noise_norm = mean_norm(&noise, sample.dims()[0]);
        let ratio = rows(score.clone() * score.clone())
            .sum_dim(1)
            .sqrt()
            .mean_dim(0)
            .recip()
            .reshape([1; D])
            * (correction.snr * noise_norm);
        let size = ratio.clone() * ratio * (2.0 * correction.scale);
        sample + score * size.clone() + self.like_sample(noise) * (size * 2.0).sqrt()
    }

    /// Standard normal noise times a factor. Multiplying on the GPU would need a separate kernel launch.
    fn noise(&mut self, factor: f64) -> Tensor<D> {
        let values = self.draw().into_iter().map(|z| z * factor as f32);
        self.like_sample(values.collect())
    }

    /// Standard normal numbers, one for each number of the sample.
    fn draw(&mut self) -> Vec<f32> {
        self.generator.normal(self.noisy.dims().iter().product())
    }

    /// A tensor in the shape of the sample, from values in row-major order.
    fn like_sample(&self, values: Vec<f32>) -> Tensor<D> {
        let target = (&self.noisy.device(), self.noisy.dtype());
        Tensor::from_data(TensorData::new(values, self.noisy.dims()), target)
    }

    /// After the last slope of an adaptive step: the error in units of the tolerance.
    fn complete_adaptive_step(&mut self) {
        let Plan::Adaptive(integration) = &mut self.plan else {
            return;
        };
        if !integration.advance() {
            return;
        }
        let factors = integration.error();
        let [absolute, from_start, from_end] = integration.tolerances();
        let terms = factors.history.iter().zip(&self.history);
        let error = terms
            .filter(|(factor, _)| **factor != 0.0)
            .map(|(factor, slope)| slope.clone() * *factor)
            .reduce(|sum, term| sum + term)
            // A step of length zero.
            .unwrap_or_else(|| self.noisy.zeros_like());
        let Some(start) = &self.start else { return };
        let allowed = (start.clone().abs() * from_start).max_pair(self.noisy().abs() * from_end);
        let ratio = error / (allowed + absolute);
        // Flattened, since a reduction needs one launch per dimension.
        let all: Tensor<1> = (ratio.clone() * ratio).reshape([-1]);
        self.error = Some(all.mean());
    }
}

/// Branch-free, so that the compiler can vectorise it.
fn all_finite(numbers: &[f32]) -> bool {
    numbers.iter().fold(true, |all, x| all & x.is_finite())
}

fn scaled<const D: usize>(tensor: Tensor<D>, factor: f64) -> Tensor<D> {
    match factor {
        1.0 => tensor,
        _ => tensor * factor,
    }
}

/// Each image or point as a row, `[batch, numbers]`. Channels come last, the layout of network outputs on the GPU, so
/// that no data is moved.
fn rows<const D: usize>(tensor: Tensor<D>) -> Tensor<2> {
    let batch = tensor.dims()[0];
    let channels_last: Tensor<D> = tensor.movedim(1, D - 1);
    channels_last.reshape([batch as i32, -1])
}

/// Mean over the batch of the Euclidean norm of each row.
fn mean_norm(values: &[f32], batch: usize) -> f64 {
    let norm = |row: &[f32]| {
        row.iter()
            .map(|x| f64::from(*x).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let length = values.len() / batch;
    values.chunks(length).map(norm).sum::<f64>() / batch as f64
}
