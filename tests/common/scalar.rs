//! The sampling loop for a single number in `f64`: the result of a method without the rounding of `f32` tensors.

use tweedie::diffusion::NoiseLevel;
use tweedie::sampler::{Combination, Evaluation};

/// Runs the evaluations on one number. `denoise` returns `x0_hat` of a sample at a level, `noise` returns normal
/// numbers in turn.
pub fn run(
    evaluations: &[Evaluation],
    start: f64,
    denoise: impl Fn(f64, NoiseLevel) -> f64,
    noise: impl FnMut() -> f64,
) -> f64 {
    run_prepared(evaluations, start, |x, _| x, denoise, noise)
}

/// As [`run`], but each evaluation applies to the result of `prepare`.
pub fn run_prepared(
    evaluations: &[Evaluation],
    start: f64,
    prepare: impl Fn(f64, NoiseLevel) -> f64,
    denoise: impl Fn(f64, NoiseLevel) -> f64,
    mut noise: impl FnMut() -> f64,
) -> f64 {
    let (mut x, mut kept, mut history) = (start, 0.0, Vec::<f64>::new());
    for evaluation in evaluations {
        x = prepare(x, evaluation.level);
        let clean = denoise(x, evaluation.level);
        let eps = (x - evaluation.level.alpha * clean) / evaluation.level.sigma;
        let value = |c: Combination| {
            let previous = c.history.iter().zip(history.iter().rev());
            c.sample * x
                + c.clean * clean
                + if c.eps == 0.0 { 0.0 } else { c.eps * eps }
                + c.start * kept
                + previous.map(|(factor, m)| factor * m).sum::<f64>()
        };
        let next = value(evaluation.next);
        let (start, record) = (evaluation.start.map(value), evaluation.record.map(value));
        kept = start.unwrap_or(kept);
        history.extend(record);
        x = next;
        if evaluation.next.noise != 0.0 {
            x += evaluation.next.noise * noise();
        }
    }
    x
}

/// `E[x_0 | x]` for data `N(mean, std²)`.
pub fn gaussian(mean: f64, std: f64) -> impl Fn(f64, NoiseLevel) -> f64 {
    move |x, NoiseLevel { alpha, sigma, .. }| {
        let variance = (alpha * std).powi(2) + sigma * sigma;
        mean + alpha * std * std / variance * (x - alpha * mean)
    }
}

/// The probability-flow ODE from one level to another, for data `N(mean, std²)`.
pub fn exact_flow(x: f64, from: NoiseLevel, to: NoiseLevel, mean: f64, std: f64) -> f64 {
    let std = |level: NoiseLevel| (level.alpha * std).hypot(level.sigma);
    to.alpha * mean + std(to) / std(from) * (x - from.alpha * mean)
}

/// The slope of `ln error` against `ln(1/steps)` between two numbers of steps.
pub fn order(error: impl Fn(usize) -> f64, steps: usize) -> f64 {
    (error(steps) / error(2 * steps)).abs().log2()
}
