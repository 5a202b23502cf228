//! DDIM inversion against diffusers' `DDIMInverseScheduler`, and round trips.

use std::path::Path;

use crate::common::scalar::{gaussian, run};
use crate::common::{Tensors, assert_close, json, values};
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Betas, Denoiser, Estimate, NoiseLevel, NoiseSchedule, Prediction};
use tweedie::pipeline::{ImageSampling, InversionOptions};
use tweedie::random::Generator;
use tweedie::sampler::ddim::NoiseEstimate;
use tweedie::sampler::{Ddim, Method, Plan, Sampling, Step, ddim, ddim_inversion};
use tweedie::{Checkpoint, Error, Pipeline, SampleOptions};

/// A formula instead of a network.
struct Toy(Prediction);

impl Denoiser<4> for Toy {
    fn denoise(&self, x: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let t = level.time;
        let output = x.clone() * (t / (t + 1.0)) + x.clone().cos() * (-t / 100.0).exp();
        Estimate::from(self.0.clean(x, output, level))
    }
}

fn invert(case: &Value) -> Vec<f32> {
    let mut config = case["config"].as_object().unwrap().clone();
    config.insert("_class_name".into(), "DDIMScheduler".into());
    let scheduler = SchedulerConfig::from_json(&config).unwrap();
    let steps = case["num_inference_steps"].as_u64().unwrap() as usize;
    let trajectory = scheduler.trajectory(steps).unwrap();
    let evaluations = ddim_inversion::evaluations(&trajectory.steps, scheduler.prediction).unwrap();
    let times: Vec<f64> = evaluations
        .iter()
        .map(|evaluation| evaluation.level.time)
        .collect();
    let expected = case["timesteps"].as_array().unwrap().iter();
    let expected: Vec<f64> = expected.map(|t| t.as_f64().unwrap()).collect();
    assert_eq!(times, expected, "{}", case["name"]);

    let clean = (0..96).map(|k| (k as f32).sin()).collect();
    let clean = TensorData::new(clean, [2, 3, 4, 4]);
    let mut sampling = Sampling::new(
        Tensor::from_data(clean, &Device::flex()),
        Plan::Fixed(evaluations),
        scheduler.clipping,
        Generator::new(0),
    );
    let toy = Toy(scheduler.prediction);
    while sampling.step(&toy).unwrap().is_some() {}
    values(sampling.noisy())
}

#[test]
fn it_ends_where_diffusers_does() {
    let fixture = json("solvers.json");
    let tensors = Tensors::read("solvers.safetensors");
    // Clipping also affects the clean sample there.
    let supported = |case: &&Value| {
        case["scheduler"] == "DDIMInverseScheduler" && case["config"]["clip_sample_range"].is_null()
    };
    let cases = fixture["cases"].as_array().unwrap().iter();
    let cases: Vec<&Value> = cases.filter(supported).collect();
    assert!(cases.len() > 10);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let expected = tensors.values(&format!("{name}.final"));
        let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        assert_close(name, &invert(case), &expected, 1e-4 * largest);
    }
}

fn steps(count: usize) -> Vec<Step> {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    let schedule = NoiseSchedule::new(&betas, 1000).unwrap();
    let timesteps: Vec<usize> = (0..1000).step_by(1000 / count).rev().collect();
    Step::between(&schedule, &timesteps, NoiseLevel::CLEAN)
}

#[test]
fn there_and_back_returns_gaussian_data_the_closer_the_more_steps() {
    let error = |count: usize| {
        let steps = steps(count);
        let denoise = gaussian(0.3, 0.5);
        let up = ddim_inversion::evaluations(&steps, Prediction::Noise).unwrap();
        let down = ddim::evaluations(&steps, 0.0, NoiseEstimate::FromModel);
        // The estimate at the level that the network is conditioned on, whatever the level of the sample.
        let noise = |x: f64, told: NoiseLevel| {
            let (a, b) = (told.alpha, told.sigma);
            (x - a * denoise(x, told)) / b
        };
        let at = |time: f64| {
            let told = steps.iter().find(|step| step.from.time == time);
            told.unwrap().from
        };
        let clean =
            |x: f64, level: NoiseLevel| (x - level.sigma * noise(x, at(level.time))) / level.alpha;
        let latent = run(&up, 0.9, clean, || 0.0);
        (run(&down, latent, clean, || 0.0) - 0.9).abs()
    };
    let (some, more) = (error(50), error(500));
    assert!(some < 0.1 && more < some / 5.0, "{some}, then {more}");
}

#[test]
fn a_model_of_the_clean_sample_cannot_start_at_one() {
    let refused = ddim_inversion::evaluations(&steps(10), Prediction::Clean);
    let error = refused.err().unwrap();
    assert!(matches!(error, Error::InvalidOption { name, .. } if name == "set_alpha_to_one"));
}

fn finish(mut sampling: ImageSampling) -> Vec<f32> {
    while sampling.step().unwrap().is_some() {}
    values(sampling.noisy())
}

#[test]
fn the_shipped_model_returns_a_digit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    let pipeline =
        Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex()).unwrap();
    let ddim = SampleOptions {
        method: Some(Method::Ddim(Ddim {
            eta: 0.0,
            noise_estimate: NoiseEstimate::FromModel,
        })),
        steps: Some(100),
        class_labels: vec![3],
        ..SampleOptions::default()
    };
    let digit = finish(pipeline.sample(&ddim).unwrap());
    let options = InversionOptions {
        steps: 100,
        class_labels: vec![3],
    };
    let latent = finish(pipeline.invert(&digit, &options).unwrap());
    let back = SampleOptions {
        initial_noise: Some(latent),
        ..ddim
    };
    let back = finish(pipeline.sample(&back).unwrap());
    let squares = digit.iter().zip(&back).map(|(a, b)| (a - b).powi(2));
    let error = (squares.sum::<f32>() / digit.len() as f32).sqrt();
    assert!(error < 0.2, "root mean square difference {error}");

    let refused = |options: InversionOptions| {
        let run = pipeline.invert(&digit, &options);
        run.err().unwrap().to_string()
    };
    let none = InversionOptions {
        steps: 0,
        ..options.clone()
    };
    assert!(refused(none).starts_with("steps must be"));
    let other = InversionOptions {
        class_labels: vec![99],
        ..options
    };
    assert!(refused(other).starts_with("class_labels must be"));
}
