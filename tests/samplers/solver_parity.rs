//! All schedulers of diffusers with their options and noise levels, against diffusers, with a toy model instead of a
//! network.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction};
use tweedie::random::Generator;
use tweedie::sampler::{Ddim, Lms, Method, Plan, Sampling, Trajectory};

use crate::common::{Tensors, values};

const SHAPE: [usize; 4] = [2, 3, 4, 4];

/// A formula instead of a network, element-wise in the sample `x` and the time `t`.
struct Toy {
    formula: String,
    prediction: Prediction,
}

impl Toy {
    fn output(&self, x: Tensor<4>, t: f64) -> Tensor<4> {
        match self.formula.as_str() {
            "x * t / (t + 1)" => x * (t / (t + 1.0)),
            "x * (t + 1) / (t + 2)" => x * ((t + 1.0) / (t + 2.0)),
            "x * t / (t + 1) + exp(-t / 100) * cos(x)" => {
                x.clone() * (t / (t + 1.0)) + x.cos() * (-t / 100.0).exp()
            }
            "sin(x + t)" => (x + t).sin(),
            "sin(x + t / 1000)" => (x + t / 1000.0).sin(),
            "-x / (1 + t * t)" => -x / (1.0 + t * t),
            other => panic!("no such model: {other}"),
        }
    }
}

impl Denoiser<4> for Toy {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let output = self.output(noisy.clone(), level.time);
        Estimate::from(self.prediction.clean(noisy, output, level))
    }
}

fn cases() -> Vec<Value> {
    let fixture = crate::common::json("solvers.json");
    let cases = fixture["cases"].as_array().unwrap().clone();
    assert!(cases.len() > 500);
    // Inversion has a separate test. Explicit timesteps are an argument of diffusers' call, not an option.
    let elsewhere = |case: &Value| {
        case["scheduler"] == "DDIMInverseScheduler" || case["custom_timesteps"].is_array()
    };
    cases.into_iter().filter(|case| !elsewhere(case)).collect()
}

fn scheduler(case: &Value) -> SchedulerConfig {
    let mut config = case["config"].as_object().unwrap().clone();
    config.insert("_class_name".into(), case["scheduler"].clone());
    let scheduler = SchedulerConfig::from_json(&config);
    let mut scheduler = scheduler.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    if let (Method::Lms(Lms { order }), Some(given)) =
        (&mut scheduler.method, case["step"]["order"].as_u64())
    {
        *order = given as usize;
    }
    if let (Method::Ddim(Ddim { eta, .. }), Some(given)) =
        (&mut scheduler.method, case["step"]["eta"].as_f64())
    {
        *eta = given;
    }
    scheduler
}

fn trajectory(case: &Value, scheduler: &SchedulerConfig) -> Trajectory {
    let steps = case["num_inference_steps"].as_u64().unwrap() as usize;
    let trajectory = scheduler.trajectory(steps);
    let mut trajectory = trajectory.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    trajectory.begin = case["begin"].as_u64().unwrap_or(0) as usize;
    trajectory
}

/// Whether diffusers stores the sample as `x/alpha`.
fn scales_by_alpha(case: &Value) -> bool {
    let family = ["Euler", "LMS", "Heun", "KDPM2", "EDM", "CM"];
    let name = case["scheduler"].as_str().unwrap();
    family.iter().any(|prefix| name.starts_with(prefix))
}

fn sample(case: &Value) -> Vec<f32> {
    let scheduler = scheduler(case);
    let trajectory = trajectory(case, &scheduler);
    let mut generator = Generator::new(0);
    let tensor =
        |values: Vec<f32>| Tensor::<4>::from_data(TensorData::new(values, SHAPE), &Device::flex());
    let noise = tensor(generator.normal(96));
    let plan = scheduler.method.plan(&trajectory);
    let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    let start = plan.first_level().unwrap();
    let noisy = match case["begin"].as_u64() {
        Some(_) => {
            let clean = tensor((0..96).map(|k| (k as f32).sin()).collect());
            clean * start.alpha + noise * start.sigma
        }
        None => noise * trajectory.initial_noise,
    };
    let toy = Toy {
        formula: case["model"].as_str().unwrap().into(),
        prediction: scheduler.prediction,
    };
    let mut sampling = Sampling::new(noisy, plan, scheduler.clipping, generator);
    while sampling.step(&toy).unwrap().is_some() {}
    let end = trajectory.steps.last().unwrap().to;
    let scale = if scales_by_alpha(case) {
        1.0 / end.alpha
    } else {
        1.0
    };
    values(sampling.noisy() * scale)
}

/// The largest difference, relative to the largest value.
fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0_f32, |scale, x| scale.max(x.abs()));
    let error = |(found, expected): (&f32, &f32)| (found - expected).abs() / scale;
    let errors = found.iter().zip(expected).map(error);
    errors.fold(
        0.0,
        |worst, error| if error <= worst { worst } else { error },
    )
}

#[test]
fn every_scheduler_ends_where_diffusers_does() {
    let tensors = Tensors::read("solvers.safetensors");
    let mut failures = Vec::new();
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let expected = tensors.values(&format!("{name}.final"));
        let found = std::panic::catch_unwind(|| sample(&case));
        let error = found.map_or(f32::NAN, |found| relative_error(&found, &expected));
        // NaN is also a failure.
        if error.is_nan() || error > 1e-4 {
            failures.push(format!("{name}: {error:e}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_scheduler_asks_the_network_at_the_same_times() {
    let mut failures = Vec::new();
    for case in cases() {
        let scheduler = scheduler(&case);
        let Ok(Plan::Fixed(evaluations)) = scheduler.method.plan(&trajectory(&case, &scheduler))
        else {
            continue;
        };
        let found: Vec<f64> = evaluations
            .iter()
            .map(|evaluation| evaluation.level.time)
            .collect();
        // ScoreSdeVe conditions the network on its sigmas, at each level in both corrector and predictor steps.
        if case["scheduler"] == "ScoreSdeVeScheduler" {
            continue;
        }
        let expected: Vec<f64> = case["timesteps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t.as_f64().unwrap())
            .collect();
        let close = |(found, expected): (&f64, &f64)| {
            (found - expected).abs() <= 1e-3 * expected.abs().max(1.0)
        };
        if found.len() != expected.len() || !found.iter().zip(&expected).all(close) {
            failures.push(format!("{}: {found:?} are not {expected:?}", case["name"]));
        }
    }
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
