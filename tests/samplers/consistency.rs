//! Multistep sampling from a consistency model.

use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::consistency::{self, Options};
use tweedie::sampler::{Combination, Interval, Route};

use crate::common::scalar;

const OPTIONS: Options = Options {
    sigma_min: 0.002,
    noise_scale: 1.0,
};

fn process() -> Process {
    Process::Consistency { sigma_data: 0.5 }
}

fn route(ratios: &[f64]) -> Route {
    let levels: Vec<NoiseLevel> = ratios
        .iter()
        .map(|ratio| process().at_ratio(*ratio))
        .collect();
    Route::new(Interval::chain(&levels), process())
}

#[test]
fn the_last_step_is_the_estimate_without_noise() {
    let route = route(&[80.0, 3.0, OPTIONS.sigma_min]);
    let stages = consistency::stages(&route, &OPTIONS);
    let end = route.intervals[1].to;
    assert_eq!(stages[1].next, end.alpha * Combination::CLEAN);
    let found = scalar::run(&stages, 40.0, |_, _| 0.7, || 1.0);
    assert!((found / end.alpha - 0.7).abs() < 1e-12);
    // And the same where the route ends at no noise at all.
    let clean = Interval {
        from: process().at_ratio(3.0),
        to: NoiseLevel::CLEAN,
    };
    assert_eq!(consistency::update(clean, &OPTIONS), Combination::CLEAN);
}

#[test]
fn a_step_reaches_the_noise_of_the_next_level_above_the_least() {
    let route = route(&[80.0, 20.0, 1.0, OPTIONS.sigma_min]);
    for Interval { from, to } in &route.intervals[..2] {
        let interval = Interval {
            from: *from,
            to: *to,
        };
        let next = consistency::update(interval, &OPTIONS);
        assert_eq!((next.sample, next.clean), (0.0, to.alpha));
        // What the model returns has s_min of noise left in it.
        let noise = (next.noise / to.alpha).hypot(OPTIONS.sigma_min);
        assert!((noise / to.ratio() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_noise_is_scaled_as_asked_for() {
    let interval = route(&[80.0, 20.0]).intervals[0];
    let half = Options {
        noise_scale: 0.5,
        ..OPTIONS
    };
    let whole = consistency::update(interval, &OPTIONS).noise;
    assert_eq!(consistency::update(interval, &half).noise, 0.5 * whole);
}

#[test]
fn with_flow_matching_it_is_stochastic_sampling() {
    // x' = (1 − t')·x0_hat + t'·z, in diffusers' words.
    let flow = Process::FlowMatching { timesteps: 1000.0 };
    let interval = Interval {
        from: flow.at_ratio(4.0),
        to: flow.at_ratio(0.25),
    };
    let next = consistency::update(interval, &Options::default());
    assert!((next.clean - 0.8).abs() < 1e-12 && (next.noise - 0.2).abs() < 1e-12);
    assert_eq!(next.sample, 0.0);
}
