//! Multistep consistency sampling.

use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::consistency::{self, Options};
use tweedie::sampler::{Combination, Step, Trajectory};

use crate::common::scalar;

const OPTIONS: Options = Options {
    sigma_min: 0.002,
    noise_scale: 1.0,
};

fn process() -> Process {
    Process::Consistency { sigma_data: 0.5 }
}

fn trajectory(ratios: &[f64]) -> Trajectory {
    let levels: Vec<NoiseLevel> = ratios
        .iter()
        .map(|noise_to_signal| process().at_noise_to_signal(*noise_to_signal))
        .collect();
    Trajectory::new(Step::chain(&levels), process())
}

#[test]
fn the_last_step_is_the_estimate_without_noise() {
    let trajectory = trajectory(&[80.0, 3.0, OPTIONS.sigma_min]);
    let evaluations = consistency::evaluations(&trajectory, &OPTIONS);
    let end = trajectory.steps[1].to;
    assert_eq!(evaluations[1].next, end.alpha * Combination::CLEAN);
    let found = scalar::run(&evaluations, 40.0, |_, _| 0.7, || 1.0);
    assert!((found / end.alpha - 0.7).abs() < 1e-12);
    // Also where the trajectory ends at zero noise.
    let clean = Step {
        from: process().at_noise_to_signal(3.0),
        to: NoiseLevel::CLEAN,
    };
    assert_eq!(consistency::update(clean, &OPTIONS), Combination::CLEAN);
}

#[test]
fn a_step_reaches_the_noise_of_the_next_level_above_the_least() {
    let trajectory = trajectory(&[80.0, 20.0, 1.0, OPTIONS.sigma_min]);
    for Step { from, to } in &trajectory.steps[..2] {
        let step = Step {
            from: *from,
            to: *to,
        };
        let next = consistency::update(step, &OPTIONS);
        assert_eq!((next.sample, next.clean), (0.0, to.alpha));
        // The model's output still contains the noise s_min.
        let noise = (next.noise / to.alpha).hypot(OPTIONS.sigma_min);
        assert!((noise / to.noise_to_signal() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_noise_is_scaled_by_the_option() {
    let step = trajectory(&[80.0, 20.0]).steps[0];
    let half = Options {
        noise_scale: 0.5,
        ..OPTIONS
    };
    let whole = consistency::update(step, &OPTIONS).noise;
    assert_eq!(consistency::update(step, &half).noise, 0.5 * whole);
}

#[test]
fn with_flow_matching_it_is_stochastic_sampling() {
    // x' = (1 − t')·x0_hat + t'·z, in diffusers' notation.
    let flow = Process::FlowMatching { timesteps: 1000.0 };
    let step = Step {
        from: flow.at_noise_to_signal(4.0),
        to: flow.at_noise_to_signal(0.25),
    };
    let next = consistency::update(step, &Options::default());
    assert!((next.clean - 0.8).abs() < 1e-12 && (next.noise - 0.2).abs() < 1e-12);
    assert_eq!(next.sample, 0.0);
}
