//! DPM-Solver and DPM-Solver++: exponential integrators in the log-SNR.

mod multistep;
mod options;
mod singlestep;

pub use options::{Equation, Mode, Options, SolverType, Target};

use super::{Combination, Evaluation, Step, Trajectory};
use crate::Result;

/// Runs with fewer steps than this lower the order at the end if `lower_order_final` is set.
pub(super) const SHORT: usize = 15;

/// Steps shorter than this in the log-SNR count as having length zero.
const MIN_STEP: f64 = 1e-9;

/// The evaluations of a run.
///
/// # Errors
/// [`Error::InvalidOption`](crate::Error::InvalidOption) for an order outside 1 to 3, for combinations of options
/// without a formula, and for a first or last level at which the target is undefined.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    options.check(trajectory)?;
    Ok(match options.mode {
        Mode::Multistep => multistep::evaluations(trajectory, options),
        Mode::Singlestep => singlestep::evaluations(trajectory, options),
    })
}

/// Whether the run ends at zero noise, where the log-SNR is infinite.
pub(super) fn ends_clean(trajectory: &Trajectory) -> bool {
    let last = trajectory.steps.last();
    last.is_some_and(|last| last.to.sigma == 0.0)
}

/// Whether the step has a nonzero, finite length in the log-SNR, which derivatives are scaled by.
pub(super) fn has_length(step: Step) -> bool {
    let h = step.log_snr_step().abs();
    h > MIN_STEP && h.is_finite()
}

/// Number of estimates, at most `most`, that define a polynomial in the log-SNR at the start of step `index`: the
/// latest estimates of this run whose log-SNRs are finite and distinct.
pub(super) fn usable_estimates(trajectory: &Trajectory, index: usize, most: usize) -> usize {
    let steps = trajectory.steps[trajectory.begin..=index].windows(2).rev();
    let between = steps.map(|pair| Step {
        from: pair[0].from,
        to: pair[1].from,
    });
    let distinct = between.take_while(|step| has_length(*step));
    1 + distinct.take(most - 1).count()
}

/// Order of a multistep method at step `index`, at most `most`: limited by the number of estimates, and in the last two
/// steps of a run of fewer than `lowered_below` steps by 2 and 1. Steps to zero noise and steps of length zero are of
/// order 1.
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

/// Remainder of the exponential series after the first `terms` terms beyond 1, in units of the last of these terms:
///
/// `(exp(z) − 1 − z − … − z^terms/terms!)/z^terms = z/(terms + 1)! + z²/(terms + 2)! + … = z·φ_{terms+1}(z)`
///
/// with the functions `φ_k` of exponential integrators. Accurate for small `z`, where the left side cancels.
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

/// Factors of one step, `x' = sample·x + d0·D0 + d1·D1 + d2·D2 + noise·z`. `D0` is the estimate; `D1` and `D2` are its
/// first two derivatives with respect to the log-SNR `λ = ln(alpha/sigma)`, in units of the step `h = λ' − λ`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Factor of the sample.
    pub sample: f64,
    /// Factor of the estimate.
    pub d0: f64,
    /// Factor of the first derivative, from the Taylor expansion.
    pub d1: f64,
    /// Factor of the second derivative.
    pub d2: f64,
    /// Factor of the noise.
    pub noise: f64,
}

impl Factors {
    /// Factors of the exact solution of the semi-linear equation, with a Taylor polynomial in λ for the estimate (Lu et
    /// al. 2022a, eq. 3.4 and 3.6; 2022b, eq. 8, 9 and 13). A step to zero noise is `x' = D0`.
    ///
    /// All factors are multiples of `e_0 = exp(k) − 1` and of the remainders of its series, `e_1 = e_0/k − 1` and
    /// `e_2 = e_1/k − 1/2`. For the SDE in the clean sample diffusers uses `e_2 + 1` instead of `e_2`; so does this
    /// implementation, to reproduce its samples. As a consequence, the variance of the multistep solver of order 3 does
    /// not converge with second order, and singlestep Heun multiplies the noise, so that its samples do not follow the
    /// data distribution.
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

    /// `x'` of order 2 from the start `x`. The midpoint variant uses half of `D0`'s factor for `D1`.
    fn second(&self, x: Combination, [d0, d1]: [Combination; 2], kind: SolverType) -> Combination {
        let factor = match kind {
            SolverType::Midpoint => self.d0 / 2.0,
            SolverType::Heun => self.d1,
        };
        self.first(x, d0) + factor * d1
    }

    /// `x'` of order 1: the DDIM step, with `eta = 1` for the SDE.
    fn first(&self, x: Combination, d0: Combination) -> Combination {
        self.sample * x + self.d0 * d0 + self.noise * Combination::NOISE
    }

    /// `x'` of order 3.
    fn third(&self, x: Combination, [d0, d1, d2]: [Combination; 3]) -> Combination {
        self.first(x, d0) + self.d1 * d1 + self.d2 * d2
    }
}
