//! The loop that runs any method, one network evaluation at a time.

use burn::tensor::{Tensor, TensorData};

use super::{Clipping, Interval, Method, Update, ddim, ddpm, probability_flow};
use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::random::Generator;

/// A run that can be stepped, looked at and abandoned at any point.
///
/// It never reads back from the device: [`noisy`](Self::noisy) and [`clean`](Self::clean) hand out tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use tweedie::diffusion::{Betas, IdealDenoiser, NoiseLevel, NoiseSchedule};
/// use tweedie::random::Generator;
/// use tweedie::sampler::{Clipping, Interval, Method, Sampling, ddpm};
///
/// // Data: two points. Their ideal denoiser needs no training.
/// let device = Device::flex();
/// let denoiser = IdealDenoiser::of_points(Tensor::from_floats([[1.0, 0.0], [-1.0, 0.0]], &device));
/// let schedule = NoiseSchedule::new(&Betas::Linear { start: 1e-4, end: 0.02 }, 1000)?;
/// let timesteps: Vec<usize> = (0..1000).step_by(20).rev().collect();
///
/// let mut generator = Generator::new(0);
/// let noise = Tensor::<1>::from_floats(generator.normal(2 * 5).as_slice(), &device).reshape([5, 2]);
/// let method = Method::Ddpm { variance: ddpm::Variance::FixedSmall };
/// let intervals = Interval::between(&schedule, &timesteps, NoiseLevel::CLEAN);
/// let mut sampling = Sampling::new(noise, intervals, method, Clipping::None, generator);
/// while sampling.step(&denoiser).is_some() {}
/// println!("{}", sampling.noisy()); // five points, each at one of the two
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampling<const D: usize> {
    method: Method,
    clipping: Clipping,
    intervals: Vec<Interval>,
    generator: Generator,
    noisy: Tensor<D>,
    clean: Option<Tensor<D>>,
    /// Index of the interval that the next evaluation belongs to.
    position: usize,
    /// Where Heun's step started, once its first slope is known.
    half_step: Option<HalfStep<D>>,
    completed: usize,
}

/// A Heun step between its two evaluations.
#[derive(Clone, Debug)]
struct HalfStep<const D: usize> {
    start: Tensor<D>,
    slope: Tensor<D>,
    update: Update,
}

/// Where a sampling stands after a network evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Evaluations done, from 1 on.
    pub step: usize,
    /// Evaluations in all.
    pub steps: usize,
    /// Timestep of the level that the network was shown.
    pub timestep: f64,
}

impl<const D: usize> Sampling<D> {
    /// A run from `noisy`, a sample at the first interval's `from` level, through the `intervals`.
    /// Methods that add noise draw it from `generator`.
    pub fn new(
        noisy: Tensor<D>,
        intervals: Vec<Interval>,
        method: Method,
        clipping: Clipping,
        generator: Generator,
    ) -> Self {
        Self {
            method,
            clipping,
            intervals,
            generator,
            noisy,
            clean: None,
            position: 0,
            half_step: None,
            completed: 0,
        }
    }

    /// The current sample `x_t`.
    pub fn noisy(&self) -> Tensor<D> {
        self.noisy.clone()
    }

    /// The last estimate of `x_0`, clipped; `None` before the first step.
    pub fn clean(&self) -> Option<Tensor<D>> {
        self.clean.clone()
    }

    /// Network evaluations from start to end.
    pub fn steps(&self) -> usize {
        let second = |interval: &&Interval| self.heun(**interval).is_some();
        self.intervals.len() + self.intervals.iter().filter(second).count()
    }

    /// Network evaluations done.
    pub fn completed_steps(&self) -> usize {
        self.completed
    }

    /// Asks the denoiser once and moves the sample on; `None` when the end was reached before.
    pub fn step(&mut self, denoiser: &impl Denoiser<D>) -> Option<Progress> {
        let interval = *self.intervals.get(self.position)?;
        let level = match self.half_step {
            Some(_) => interval.to,
            None => interval.from,
        };
        let estimate = denoiser.denoise(self.noisy(), level);
        let clean = self.clipping.apply(estimate.clean.clone());
        self.clean = Some(clean.clone());
        match (self.half_step.take(), self.heun(interval)) {
            (Some(half), _) => self.finish_heun(half, clean, level),
            (None, Some(update)) => self.begin_heun(interval, update, clean),
            (None, None) => self.advance(interval, estimate, clean),
        }
        self.completed += 1;
        Some(Progress {
            step: self.completed,
            steps: self.steps(),
            timestep: level.time,
        })
    }

    fn heun(&self, interval: Interval) -> Option<Update> {
        match self.method {
            Method::ProbabilityFlow {
                solver: probability_flow::Solver::Heun,
            } => probability_flow::heun(interval),
            _ => None,
        }
    }

    /// Heun's first half: Euler's step, where the second slope is taken.
    fn begin_heun(&mut self, interval: Interval, update: Update, clean: Tensor<D>) {
        let euler = probability_flow::euler(interval);
        let start = self.noisy();
        self.noisy = start.clone() * euler.keep + clean.clone() * euler.clean;
        let slope = noise_estimate(start.clone(), clean, interval.from);
        self.half_step = Some(HalfStep {
            start,
            slope,
            update,
        });
    }

    fn finish_heun(&mut self, half: HalfStep<D>, clean: Tensor<D>, level: NoiseLevel) {
        let slope = half.slope + noise_estimate(self.noisy(), clean, level);
        self.noisy = half.start * half.update.keep + slope * half.update.eps;
        self.position += 1;
    }

    /// A whole step of a method with one evaluation per step.
    fn advance(&mut self, interval: Interval, estimate: Estimate<D>, clipped: Tensor<D>) {
        let update = match self.method {
            Method::Ddpm { .. } => ddpm::posterior(interval),
            Method::Ddim { eta, direction } => ddim::update(interval, eta, direction),
            Method::ProbabilityFlow { .. } => probability_flow::euler(interval),
        };
        // eps·eps_hat with eps_hat = (x − alpha·x0_hat)/sigma, spread over x and the unclipped x0_hat.
        let eps = update.eps / interval.from.sigma;
        let mut next = self.noisy() * (update.keep + eps) + clipped * update.clean;
        if eps != 0.0 {
            next = next - estimate.clean * (eps * interval.from.alpha);
        }
        if let Some(noise) = self.fresh_noise(interval, update, estimate.variance) {
            next = next + noise;
        }
        self.noisy = next;
        self.position += 1;
    }

    /// The noise that a step adds, drawn when it is needed and not otherwise, as diffusers does.
    fn fresh_noise(
        &mut self,
        interval: Interval,
        update: Update,
        learned: Option<Tensor<D>>,
    ) -> Option<Tensor<D>> {
        match self.method {
            // The step from timestep 0 is the mean alone (Ho et al. 2020, algorithm 2).
            Method::Ddpm { variance } => {
                (interval.from.time > 0.0).then(|| variance.scale(self.noise(), interval, learned))
            }
            _ => (update.noise > 0.0).then(|| self.noise() * update.noise),
        }
    }

    /// Standard normal noise in the shape of the sample, drawn in row-major order.
    fn noise(&mut self) -> Tensor<D> {
        let shape = self.noisy.dims();
        let values = self.generator.normal(shape.iter().product());
        let target = (&self.noisy.device(), self.noisy.dtype());
        Tensor::from_data(TensorData::new(values, shape), target)
    }
}

/// `eps_hat = (x − alpha·x0_hat)/sigma`.
fn noise_estimate<const D: usize>(x: Tensor<D>, clean: Tensor<D>, level: NoiseLevel) -> Tensor<D> {
    x * (1.0 / level.sigma) - clean * (level.alpha / level.sigma)
}
