//! The loop once more for one number in `f64`: what a method computes, without the rounding of `f32` tensors.

use tweedie::diffusion::NoiseLevel;
use tweedie::sampler::{Combination, Stage};

/// Runs the stages on one number; `denoise` is `x0_hat` of a sample at a level, `noise` gives the normals in turn.
pub fn run(
    stages: &[Stage],
    start: f64,
    denoise: impl Fn(f64, NoiseLevel) -> f64,
    noise: impl FnMut() -> f64,
) -> f64 {
    run_prepared(stages, start, |x, _| x, denoise, noise)
}

/// The same, where each evaluation is of what `prepare` makes of the sample.
pub fn run_prepared(
    stages: &[Stage],
    start: f64,
    prepare: impl Fn(f64, NoiseLevel) -> f64,
    denoise: impl Fn(f64, NoiseLevel) -> f64,
    mut noise: impl FnMut() -> f64,
) -> f64 {
    let (mut x, mut kept, mut memory) = (start, 0.0, Vec::<f64>::new());
    for stage in stages {
        x = prepare(x, stage.level);
        let clean = denoise(x, stage.level);
        let eps = (x - stage.level.alpha * clean) / stage.level.sigma;
        let value = |c: Combination| {
            let remembered = c.remembered.iter().zip(memory.iter().rev());
            c.sample * x
                + c.clean * clean
                + if c.eps == 0.0 { 0.0 } else { c.eps * eps }
                + c.start * kept
                + remembered.map(|(factor, m)| factor * m).sum::<f64>()
        };
        let next = value(stage.next);
        let (start, remember) = (stage.start.map(value), stage.remember.map(value));
        kept = start.unwrap_or(kept);
        memory.extend(remember);
        x = next;
        if stage.next.noise != 0.0 {
            x += stage.next.noise * noise();
        }
    }
    x
}

/// `E[x_0 | x]` for data `N(mean, spread²)`.
pub fn gaussian(mean: f64, spread: f64) -> impl Fn(f64, NoiseLevel) -> f64 {
    move |x, NoiseLevel { alpha, sigma, .. }| {
        let variance = (alpha * spread).powi(2) + sigma * sigma;
        mean + alpha * spread * spread / variance * (x - alpha * mean)
    }
}

/// Where the probability-flow ODE takes `x` from one level to another for data `N(mean, spread²)`.
pub fn exact_flow(x: f64, from: NoiseLevel, to: NoiseLevel, mean: f64, spread: f64) -> f64 {
    let deviation = |level: NoiseLevel| (level.alpha * spread).hypot(level.sigma);
    to.alpha * mean + deviation(to) / deviation(from) * (x - from.alpha * mean)
}

/// The slope of `ln error` against `ln(1/steps)` between two numbers of steps.
pub fn order(error: impl Fn(usize) -> f64, steps: usize) -> f64 {
    (error(steps) / error(2 * steps)).abs().log2()
}
