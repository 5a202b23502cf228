//! Tests with special set-ups.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::json;
use tweedie::diffusion::{NoiseLevel, Prediction, Process, Sde, linspace};
use tweedie::random::Generator;
use tweedie::sampler::{
    Clipping, Combination, Method, Sampling, Step, Trajectory, ddim, reverse_sde,
};

use super::{Toy, published_sample, run_scalars, scheduler};
use crate::common::values;

/// This test runs the list of timesteps twice without resetting the scheduler.
#[test]
fn ipndm() {
    let scheduler = scheduler("IPNDMScheduler", json!({}));
    let mut trajectory = scheduler.trajectory(10).unwrap();
    trajectory.steps.extend_from_within(..);
    let found = run_scalars(&scheduler, &trajectory, |x| x, |x, _| x, |x, _| x);
    let mean = found.iter().map(|x| x.abs()).sum::<f64>() / 768.0;
    // The second run starts with a division by a signal of 1e-8; the published number is computed in `f32`.
    assert!((mean / 2540529.0 - 1.0).abs() < 1e-5, "mean {mean}");
}

/// This test sets the sigmas before the timesteps, so that the model is conditioned on the first three of 2000 times.
#[test]
fn score_sde_ve() {
    let (least, most) = (0.01_f64, 1348.0_f64);
    let table: Vec<f64> = linspace(least.ln(), most.ln(), 3).map(f64::exp).collect();
    let told = linspace(1.0, 1e-5, 2000).map(|t| least * (most / least).powf(t));
    let level = |time: f64, sigma: f64| NoiseLevel {
        time,
        alpha: 1.0,
        sigma,
    };
    let step = |(told, index): (f64, usize)| Step {
        from: level(told, table[index]),
        to: index
            .checked_sub(1)
            .map_or(NoiseLevel::CLEAN, |below| level(0.0, table[below])),
    };
    let steps = told.zip([2, 1, 0]).map(step).collect();
    let process = Process::Sde(Sde::VarianceExploding {
        sigma_min: least,
        sigma_max: most,
    });
    let method = Method::ReverseSde(reverse_sde::Options {
        predictor: reverse_sde::Predictor::ReverseDiffusion,
        corrector: Some(reverse_sde::Corrector {
            steps: 1,
            snr: 0.15,
        }),
    });
    let plan = method.plan(&Trajectory::new(steps, process)).unwrap();
    let noisy = TensorData::new(published_sample(), [4, 3, 8, 8]);
    let noisy = Tensor::from_data(noisy, &Device::flex());
    let mut sampling = Sampling::new(noisy, plan, Clipping::None, Generator::new(0));
    while sampling.step(&Toy(Prediction::Score)).unwrap().is_some() {}
    let sum: f64 = values(sampling.noisy())
        .iter()
        .map(|x| f64::from(x.abs()))
        .sum();
    assert!((sum / 14372758528.0 - 1.0).abs() < 1e-5, "sum {sum}");
}

#[test]
fn ddim_variances() {
    let scheduler = scheduler("DDIMScheduler", json!({}));
    let schedule = scheduler.process.schedule().unwrap();
    let level = |t| schedule.level(t).unwrap();
    for (from, to, expected) in [
        (420, 400, 0.14771),
        (980, 960, 0.32460),
        (487, 486, 0.00979),
        (999, 998, 0.02),
    ] {
        let step = Step {
            from: level(from),
            to: level(to),
        };
        let Combination { noise, .. } = ddim::update(step, 1.0, ddim::NoiseEstimate::FromModel);
        let variance = noise * noise;
        assert!(
            (variance - expected).abs() < 1e-5,
            "({from}, {to}): {variance}"
        );
    }
}
