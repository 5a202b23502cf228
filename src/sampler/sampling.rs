//! The sampling loop of all methods, one network evaluation at a time.

mod update;

use std::fmt::Debug;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};

pub use self::update::Terms;
use super::{Clipping, Plan};
use crate::diffusion::{Denoiser, NoiseLevel};
use crate::random::Generator;
use crate::{Error, Result};

/// A sampling run that can be stepped, inspected and stopped at any point.
///
/// It never reads back from the device, except for the adaptive solver. [`noisy`](Self::noisy) and
/// [`clean`](Self::clean) return tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use tweedie::diffusion::{Betas, IdealDenoiser, NoiseLevel, NoiseSchedule, Process};
/// use tweedie::random::Generator;
/// use tweedie::sampler::{Clipping, Ddpm, Method, Sampling, Step, Trajectory};
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
/// let method = Method::from(Ddpm::default());
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
    /// Replaces the plan's combinations.
    update: Option<Arc<dyn Update<D>>>,
}

/// Updates that no [`Combination`](super::Combination) expresses, such as those that treat pixels differently.
pub trait Update<const D: usize>: Debug + Send + Sync {
    /// The sample after the evaluation with this index, counted from 0. `draw` returns standard normal noise in the shape
    /// of the sample.
    fn next(
        &self,
        index: usize,
        terms: &Terms<'_, D>,
        draw: &mut dyn FnMut() -> Tensor<D>,
    ) -> Tensor<D>;
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
            update: None,
        }
    }

    /// The same run with `update` in place of the combinations of a [`Plan::Fixed`], of which only the levels remain.
    pub fn with_update(self, update: Arc<dyn Update<D>>) -> Self {
        Self {
            update: Some(update),
            ..self
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
}

/// Branch-free, so that the compiler can vectorise it.
fn all_finite(numbers: &[f32]) -> bool {
    numbers.iter().fold(true, |all, x| all & x.is_finite())
}
