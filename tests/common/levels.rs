//! Processes with different scalings, and noise levels for methods on Gaussian data.

use tweedie::diffusion::{NoiseLevel, Process, Sde};
use tweedie::sampler::{Combination, Evaluation, Step, Trajectory};

pub const VP: Sde = Sde::VariancePreserving {
    beta_min: 0.1,
    beta_max: 20.0,
};
pub const SUB_VP: Sde = Sde::SubVariancePreserving {
    beta_min: 0.1,
    beta_max: 20.0,
};
pub const VE: Sde = Sde::VarianceExploding {
    sigma_min: 0.01,
    sigma_max: 50.0,
};
pub const SDES: [Sde; 3] = [VP, SUB_VP, VE];

pub fn variance_preserving() -> Process {
    Process::Sde(VP)
}

pub fn processes() -> [Process; 3] {
    [
        variance_preserving(),
        Process::Edm { sigma_data: 0.5 },
        Process::FlowMatching { timesteps: 1000.0 },
    ]
}

/// These processes, and a sub-variance-preserving one.
pub fn processes_and_sub_vp() -> [Process; 4] {
    let [vp, edm, flow] = processes();
    [vp, Process::Sde(SUB_VP), edm, flow]
}

/// Levels in `ln(sigma/alpha)` at fractions `(i/steps)^grading`. The first steps, of lower order, are short, so that
/// their errors are negligible.
pub fn levels(process: &Process, steps: usize, grading: i32) -> Vec<NoiseLevel> {
    let (start, end) = (5.0_f64, 0.1_f64);
    let part = |i: usize| (i as f64 / steps as f64).powi(grading);
    let noise_to_signal = |i: usize| start * (end / start).powf(part(i));
    (0..=steps)
        .map(|i| process.at_noise_to_signal(noise_to_signal(i)))
        .collect()
}

pub fn through(levels: &[NoiseLevel]) -> Trajectory {
    Trajectory::new(Step::chain(levels), variance_preserving())
}

pub fn even(process: &Process, steps: usize) -> Trajectory {
    through(&levels(process, steps, 1))
}

pub fn ends(trajectory: &Trajectory) -> (NoiseLevel, NoiseLevel) {
    let last = trajectory.steps.last().unwrap();
    (trajectory.steps[0].from, last.to)
}

/// The order of each step: the length of the history that it uses, plus one.
pub fn orders(evaluations: &[Evaluation]) -> Vec<usize> {
    evaluations
        .iter()
        .map(|evaluation| evaluation.next.depth() + 1)
        .collect()
}

pub fn is_same(found: Combination, expected: Combination, tolerance: f64) -> bool {
    let difference = found - expected;
    let factors = [
        difference.sample,
        difference.clean,
        difference.eps,
        difference.start,
        difference.noise,
    ];
    // `max` would ignore NaN.
    let mut factors = factors.iter().chain(&difference.history);
    factors.all(|factor| factor.abs() < tolerance)
}

#[track_caller]
pub fn assert_same(found: Combination, expected: Combination, tolerance: f64) {
    assert!(
        is_same(found, expected, tolerance),
        "{found:?} is not {expected:?}"
    );
}
