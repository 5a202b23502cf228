//! A sampler of your own in twenty lines: `cargo run --release --example sampler_of_your_own`
//!
//! In this crate a sampler is a function from the noise levels of a run to [evaluations](Evaluation) of the network. Each evaluation has the
//! linear combination of tensors that is the next sample. One loop runs the evaluations of every sampler.
//!
//! The sampler here solves the probability-flow ODE `dy/ds = eps` in `y = x/alpha` against `s = sigma/alpha`. DDIM takes Euler's steps of it.
//! This one extrapolates from the last two noise estimates (Adams–Bashforth of order two). The program compares both on a mixture of two
//! Gaussians, where the exact denoiser is known.

use burn::tensor::{Device, Tensor};
use tweedie::Result;
use tweedie::dataset::GaussianMixture;
use tweedie::points::{PointPipeline, Schedule};
use tweedie::random::Generator;
use tweedie::sampler::{
    Clipping, Combination, Evaluation, Plan, Run, Sampling, Step, Trajectory, ddim,
};

const POINTS: usize = 500;

/// One evaluation for each step of the run.
fn adams_bashforth(trajectory: &Trajectory) -> Vec<Evaluation> {
    let steps = trajectory.remaining();
    let evaluation = |index: usize| {
        let Step { from, to } = steps[index];
        let length = to.noise_to_signal() - from.noise_to_signal();
        // The noise in the sample, (x − alpha·x0_hat)/sigma, by the network's estimate of x0.
        let eps = Combination::noise_estimate(from);
        let slope = if index == 0 {
            eps // there is no earlier estimate yet
        } else {
            let previous = steps[index - 1].from;
            let previous_length = from.noise_to_signal() - previous.noise_to_signal();
            eps + length / (2.0 * previous_length) * (eps - Combination::previous(1))
        };
        let y = Combination::SAMPLE / from.alpha;
        Evaluation {
            record: Some(eps), // the next evaluation uses it as `previous(1)`
            ..Evaluation::new(from, to.alpha * (y + length * slope))
        }
    };
    (0..steps.len()).map(evaluation).collect()
}

fn ddim(trajectory: &Trajectory) -> Vec<Evaluation> {
    ddim::evaluations(trajectory.remaining(), 0.0, ddim::NoiseEstimate::FromModel)
}

fn main() -> Result<()> {
    let mixture = GaussianMixture {
        means: vec![-1.0, -0.5, 1.0, 0.5],
        stds: vec![0.4, 0.4],
        weights: vec![1.0, 1.0],
        dimensions: 2,
    };
    let model = PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex())?;
    // Both samplers solve the same ODE from the same noise, so with many small steps they reach the same points.
    let exact = sample(&model, adams_bashforth, 1000)?;
    println!("root mean squared distance to the exact solution\n");
    println!("steps       DDIM   second order");
    // Divisors of the 1000 timesteps, so that all steps have the same length in time.
    for steps in [5, 10, 25, 50, 100] {
        let first = distance(sample(&model, ddim, steps)?, &exact);
        let second = distance(sample(&model, adams_bashforth, steps)?, &exact);
        println!("{steps:5} {first:10.5} {second:14.5}");
    }
    Ok(())
}

/// Draws points with a sampler, always from the same noise.
fn sample(
    model: &PointPipeline,
    sampler: fn(&Trajectory) -> Vec<Evaluation>,
    steps: usize,
) -> Result<Tensor<2>> {
    let trajectory = model.scheduler().trajectory(steps)?;
    let noise = Generator::new(0).normal(2 * POINTS);
    let noise = Tensor::<1>::from_floats(noise.as_slice(), &Device::flex()).reshape([POINTS, 2]);
    let plan = Plan::Fixed(sampler(&trajectory));
    let sampling = Sampling::new(noise, plan, Clipping::None, Generator::new(1));
    let mut run = Run::new(sampling, model.denoiser().clone());
    while run.step()?.is_some() {}
    Ok(run.noisy())
}

fn distance(points: Tensor<2>, exact: &Tensor<2>) -> f32 {
    (points - exact.clone())
        .square()
        .mean()
        .sqrt()
        .into_scalar()
}
