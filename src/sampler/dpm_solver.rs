//! DPM-Solver and DPM-Solver++: exponential integrators in the log-SNR.

mod multistep;
mod singlestep;

use super::{Combination, Evaluation, Step, Trajectory};
use crate::diffusion::NoiseLevel;
use crate::{Error, Result};

/// Runs of fewer steps than this end with lower orders, where `lower_order_final` is asked for.
pub(super) const SHORT: usize = 15;

/// Steps that are shorter than this in the log-SNR go nowhere, but for rounding.
const MIN_STEP: f64 = 1e-9;

/// What the solver takes for a polynomial in the log-SNR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The noise `eps_hat`: DPM-Solver (Lu et al. 2022a, <https://arxiv.org/abs/2206.00927>).
    Noise,
    /// The clean sample `x0_hat`: DPM-Solver++ (Lu et al. 2022b, <https://arxiv.org/abs/2211.01095>).
    Clean,
}

impl Target {
    /// The estimate that an evaluation at this level records.
    pub(super) fn estimate(self, level: NoiseLevel) -> Combination {
        match self {
            Self::Noise => Combination::noise_estimate(level),
            Self::Clean => Combination::CLEAN,
        }
    }
}

/// Where the evaluations of a step are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One in each step; earlier ones are looked back at.
    Multistep,
    /// Steps of up to three evaluations each, which do not look back further.
    Singlestep,
}

/// How the derivative is approximated at second order; singlestep at third, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolverType {
    /// `"midpoint"`: with half the first coefficient (Lu et al. 2022b, algorithms 1 and 2).
    Midpoint,
    /// `"heun"`: with the coefficient of the Taylor expansion.
    Heun,
}

/// The equation that is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equation {
    /// The probability-flow ODE.
    Ode,
    /// The reverse-time SDE: the variants `sde-` (Lu et al. 2022b, section 5).
    Sde,
}

/// Options of DPM-Solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// 1 to 3.
    pub order: usize,
    /// `algorithm_type`, with and without `++`
    pub target: Target,
    /// `algorithm_type`, with and without `sde-`
    pub equation: Equation,
    /// Which of diffusers' two schedulers.
    pub mode: Mode,
    /// `solver_type`
    pub solver_type: SolverType,
    /// Multistep: whether the last two steps of a run of fewer than 15 are of lower order. Singlestep: whether the number of evaluations is made up
    /// with lower orders.
    pub lower_order_final: bool,
    /// Whether the last step is of order 1.
    pub euler_at_final: bool,
}

impl Default for Options {
    /// DPM-Solver++(2M), as in diffusers.
    fn default() -> Self {
        Self {
            order: 2,
            target: Target::Clean,
            equation: Equation::Ode,
            mode: Mode::Multistep,
            solver_type: SolverType::Midpoint,
            lower_order_final: true,
            euler_at_final: false,
        }
    }
}

/// The evaluations of the run.
///
/// # Errors
/// [`Error::InvalidOption`] for an order that is not 1 to 3, for combinations of options that have no formula, and for a first or last level
/// that the target has none for.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    options.check(trajectory)?;
    Ok(match options.mode {
        Mode::Multistep => multistep::evaluations(trajectory, options),
        Mode::Singlestep => singlestep::evaluations(trajectory, options),
    })
}

impl Options {
    fn check(&self, trajectory: &Trajectory) -> Result<()> {
        if !(1..=3).contains(&self.order) {
            return Err(Error::invalid("order", "1, 2 or 3", self.order));
        }
        let noise_sde = self.target == Target::Noise && self.equation == Equation::Sde;
        if noise_sde && self.order == 3 {
            let expected = "1 or 2 for the SDE in the noise; the clean sample has 3";
            return Err(Error::invalid("order", expected, self.order));
        }
        if noise_sde && self.mode == Mode::Singlestep {
            let expected = "multistep for the SDE in the noise; the clean sample has both";
            return Err(Error::invalid("mode", expected, self.mode));
        }
        if self.target == Target::Noise && ends_clean(trajectory) {
            let expected = "sigma_min for dpm-solver: its log-SNR must stay finite; dpm-solver++ can end at zero";
            return Err(Error::invalid("final_sigma", expected, "zero"));
        }
        match self.target {
            Target::Noise => trajectory.needs_signal(),
            Target::Clean => Ok(()),
        }
    }
}

/// Whether the run ends at no noise at all, where the log-SNR is infinite.
pub(super) fn ends_clean(trajectory: &Trajectory) -> bool {
    let last = trajectory.steps.last();
    last.is_some_and(|last| last.to.sigma == 0.0)
}

/// Whether the step has a length in the log-SNR, in units of which derivatives can be measured.
pub(super) fn has_length(step: Step) -> bool {
    let h = step.log_snr_step().abs();
    h > MIN_STEP && h.is_finite()
}

/// How many estimates, at most `most`, a polynomial in the log-SNR can go through at the start of step `index`: those of this run, as far back
/// as the log-SNR is finite and differs from each to the next.
pub(super) fn usable_estimates(trajectory: &Trajectory, index: usize, most: usize) -> usize {
    let steps = trajectory.steps[trajectory.begin..=index].windows(2).rev();
    let between = steps.map(|pair| Step {
        from: pair[0].from,
        to: pair[1].from,
    });
    let distinct = between.take_while(|step| has_length(*step));
    1 + distinct.take(most - 1).count()
}

/// The order of a multistep method's step, at most `most`: as many estimates as there are, and in the last two steps of a run of fewer than
/// `lowered_below` at most 2 and 1. To no noise the estimate is all there is; a step of no length has no derivatives.
pub(super) fn order_at(
    trajectory: &Trajectory,
    index: usize,
    most: usize,
    lowered_below: usize,
) -> usize {
    let steps = trajectory.steps.len();
    let most = match (steps - index, steps < lowered_below) {
        (1, true) => 1,
        (2, true) => most.min(2),
        _ if !has_length(trajectory.steps[index]) => 1,
        _ => most,
    };
    usable_estimates(trajectory, index, most)
}

/// What is left of the exponential series after its first `terms` terms beyond 1, in units of the last of them:
///
/// `(exp(z) − 1 − z − … − z^terms/terms!)/z^terms = z/(terms + 1)! + z²/(terms + 2)! + … = z·φ_{terms+1}(z)`
///
/// with the functions `φ_k` of exponential integrators. Exact for small `z`, where the left side cancels.
pub fn exponential_tail(z: f64, terms: usize) -> f64 {
    let factorial: f64 = (1..=terms).map(|i| i as f64).product();
    if z.abs() < 1.0 {
        let next = |term: &mut f64, i: usize| {
            *term *= z / (terms + i) as f64;
            Some(*term)
        };
        return (1..20).scan(1.0 / factorial, next).sum();
    }
    match terms {
        0 => z.exp_m1(),
        _ => exponential_tail(z, terms - 1) / z - 1.0 / factorial,
    }
}

/// The factors of one step, `x' = sample·x + d0·D0 + d1·D1 + d2·D2 + noise·z`, where `D0` is the estimate, and `D1` and `D2` are its first two
/// derivatives in the log-SNR `λ = ln(alpha/sigma)`, in units of the step `h = λ' − λ`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Of the sample.
    pub sample: f64,
    /// Of the estimate.
    pub d0: f64,
    /// Of the first derivative, from the Taylor expansion.
    pub d1: f64,
    /// Of the second derivative.
    pub d2: f64,
    /// Of the noise.
    pub noise: f64,
}

impl Factors {
    /// Those of the exact solution of the semi-linear equation, with a Taylor polynomial in λ for the estimate (Lu et al. 2022a, eq. 3.4 and
    /// 3.6; 2022b, eq. 8, 9 and 13). A step to no noise has `x' = D0`.
    ///
    /// In each of them the factors are multiples of `e_0 = exp(k) − 1` and what is left of its series, `e_1 = e_0/k − 1` and
    /// `e_2 = e_1/k − 1/2`. For the SDE in the clean sample diffusers has `e_2 + 1` in place of `e_2`; so do we, for the same samples. It costs the
    /// multistep solver of order 3 its second order in the variance, and with singlestep Heun it multiplies the noise: the samples
    /// are not the data's there.
    pub fn new(Step { from, to }: Step, target: Target, equation: Equation) -> Self {
        let h = Step { from, to }.log_snr_step();
        let (sample, scale, k, noise) = match (target, equation) {
            (Target::Clean, Equation::Ode) => (to.sigma / from.sigma, -to.alpha, -h, 0.0),
            (Target::Clean, Equation::Sde) => (
                to.sigma / from.sigma * (-h).exp(),
                -to.alpha,
                -2.0 * h,
                to.sigma * (-(-2.0 * h).exp_m1()).max(0.0).sqrt(),
            ),
            (Target::Noise, Equation::Ode) => (to.alpha / from.alpha, -to.sigma, h, 0.0),
            (Target::Noise, Equation::Sde) => (
                to.alpha / from.alpha,
                -2.0 * to.sigma,
                h,
                to.sigma * (2.0 * h).exp_m1().max(0.0).sqrt(),
            ),
        };
        let [e_0, e_1, e_2] = [0, 1, 2].map(|terms| exponential_tail(k, terms));
        let excess = match (target, equation) {
            (Target::Clean, Equation::Sde) => 1.0,
            _ => 0.0,
        };
        Self {
            sample,
            d0: scale * e_0,
            d1: scale * e_1,
            d2: scale * (e_2 + excess),
            noise,
        }
    }

    /// `x'` of order 2 from the start `x`: the midpoint variant takes half of `D0`'s factor for `D1`.
    fn second(&self, x: Combination, [d0, d1]: [Combination; 2], kind: SolverType) -> Combination {
        let factor = match kind {
            SolverType::Midpoint => self.d0 / 2.0,
            SolverType::Heun => self.d1,
        };
        self.first(x, d0) + factor * d1
    }

    /// `x'` of order 1: DDIM's step, with `eta = 1` for the SDE.
    fn first(&self, x: Combination, d0: Combination) -> Combination {
        self.sample * x + self.d0 * d0 + self.noise * Combination::NOISE
    }

    /// `x'` of order 3.
    fn third(&self, x: Combination, [d0, d1, d2]: [Combination; 3]) -> Combination {
        self.first(x, d0) + self.d1 * d1 + self.d2 * d2
    }
}
