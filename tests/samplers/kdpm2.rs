//! KDPM2 and its ancestral variant on Gaussian data.

use tweedie::diffusion::{NoiseLevel, Process, Sde};
use tweedie::sampler::kdpm2::{self, Noise};
use tweedie::sampler::{Evaluation, Step, Trajectory, euler};

use crate::common::levels::{ends, even, processes};
use crate::common::scalar::{self, exact_flow, order};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

/// Steps evenly spaced in the logarithm of `sigma/alpha`.
fn trajectory(process: &Process, steps: usize) -> Trajectory {
    Trajectory {
        process: process.clone(),
        ..even(process, steps)
    }
}

/// Mean of the result from `x`, for data with a linear denoiser.
fn mean(evaluations: &[Evaluation], x: f64) -> f64 {
    scalar::run(evaluations, x, scalar::gaussian(MEAN, STD), || 0.0)
}

/// Variance at the end of a run that starts from the exact distribution.
fn variance(trajectory: &Trajectory, evaluations: &[Evaluation]) -> f64 {
    let from = trajectory.steps[0].from;
    let start = (from.alpha * STD).powi(2) + from.sigma * from.sigma;
    evaluations.chunks(2).fold(start, |variance, step| {
        let slope = mean(step, 1.0) - mean(step, 0.0);
        slope * slope * variance + step[1].next.noise.powi(2)
    })
}

#[test]
fn kdpm2_is_of_order_two() {
    for process in processes() {
        let error = |steps| {
            let trajectory = trajectory(&process, steps);
            let (from, to) = ends(&trajectory);
            let x = 1.3 * from.sigma;
            let found = mean(&kdpm2::evaluations(&trajectory, Noise::None), x);
            found - exact_flow(x, from, to, MEAN, STD)
        };
        let order = order(error, 128);
        assert!((order - 2.0).abs() < 0.15, "{process:?}: {order}");
    }
}

#[test]
fn the_ancestral_form_reaches_the_variance_and_the_mean_with_order_two() {
    for process in processes() {
        let errors = |steps| {
            let trajectory = trajectory(&process, steps);
            let (from, to) = ends(&trajectory);
            let evaluations = kdpm2::evaluations(&trajectory, Noise::Ancestral);
            let exact = (to.alpha * STD).powi(2) + to.sigma * to.sigma;
            [
                variance(&trajectory, &evaluations) - exact,
                mean(&evaluations, from.alpha * MEAN) - to.alpha * MEAN,
            ]
        };
        let variance = order(|steps| errors(steps)[0], 256);
        assert!((variance - 2.0).abs() < 0.15, "{process:?}: {variance}");
        let [_, mean] = errors(512);
        assert!(mean.abs() < 1e-4, "{process:?}: {mean}");
    }
}

#[test]
fn a_step_takes_two_evaluations_the_second_at_the_geometric_mean() {
    let process = Process::Edm { sigma_data: 0.5 };
    let trajectory = trajectory(&process, 4);
    for (noise, exponent) in [(Noise::None, 0.5), (Noise::Ancestral, 1.0)] {
        let evaluations = kdpm2::evaluations(&trajectory, noise);
        assert_eq!(evaluations.len(), 8);
        for (pair, Step { from, to }) in evaluations.chunks(2).zip(&trajectory.steps) {
            assert_eq!(pair[0].level, *from);
            // For a step down to s'²/s, the midpoint is s'.
            let middle = from.noise_to_signal()
                * (to.noise_to_signal() / from.noise_to_signal()).powf(exponent);
            assert!((pair[1].level.noise_to_signal() / middle - 1.0).abs() < 1e-12);
            assert_eq!(pair[0].next.noise, 0.0);
            assert_eq!(pair[1].next.noise > 0.0, noise == Noise::Ancestral);
        }
    }
}

#[test]
fn steps_to_no_noise_and_from_nothing_else_are_eulers() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    let noise = NoiseLevel {
        time: 1000.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let levels = [noise, process.at_noise_to_signal(2.0), NoiseLevel::CLEAN];
    let trajectory = Trajectory::new(Step::chain(&levels), process);
    let [first, last] = trajectory.steps[..] else {
        unreachable!()
    };
    let evaluations = kdpm2::evaluations(&trajectory, Noise::None);
    assert_eq!(evaluations.len(), 2);
    assert_eq!(evaluations[0].next, euler::euler(first));
    assert_eq!(evaluations[1].next, euler::euler(last));
    let evaluations = kdpm2::evaluations(&trajectory, Noise::Ancestral);
    assert_eq!(evaluations[0].next, euler::ancestral(first));
    assert_eq!(evaluations[1].next.noise, 0.0);
}

#[test]
fn a_step_from_a_huge_noise_to_signal_ratio_is_finite() {
    // The first level of a cosine schedule, at which diffusers' difference of squares is NaN.
    let process = Process::Sde(Sde::VariancePreserving {
        beta_min: 0.1,
        beta_max: 20.0,
    });
    for huge in [1e7, 1e9, 1e12] {
        let levels = [huge, 1.0, 0.5]
            .map(|noise_to_signal| NoiseLevel::from_noise_to_signal(0.0, noise_to_signal));
        let trajectory = Trajectory::new(Step::chain(&levels), process.clone());
        for noise in [Noise::None, Noise::Ancestral] {
            let found = mean(&kdpm2::evaluations(&trajectory, noise), 0.8);
            assert!(found.is_finite(), "{huge} {noise:?}: {found}");
        }
    }
}

#[test]
fn a_run_that_starts_part_way_takes_the_rest_of_the_steps() {
    let process = Process::Edm { sigma_data: 0.5 };
    let mut trajectory = trajectory(&process, 6);
    let whole = kdpm2::evaluations(&trajectory, Noise::Ancestral);
    trajectory.begin = 4;
    assert_eq!(
        kdpm2::evaluations(&trajectory, Noise::Ancestral),
        whole[8..]
    );
}
