//! Ideal and trained point models, with any options.

use burn::tensor::Device;
use serde_json::{Map, Value, json};
use tweedie::dataset::GaussianMixture;
use tweedie::diffusion::Quantity;
use tweedie::points::{
    DensityOptions, Fading, FlowOptions, PointPipeline, PointSampleOptions, PointTraining,
    PointTrainingOptions, Schedule, forward, forward_paths,
};
use tweedie::sampler::catalog::CATALOG;
use tweedie::sampler::probability_flow::Solver;

use super::choices::Choices;

/// Points, mixtures and schedules are rejected, or yield finite numbers.
pub fn points(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if choices.once_in(3) {
        return training(&mut choices);
    }
    let schedule = schedule(&mut choices);
    let numbers: Vec<f32> = (0..choices.below(12))
        .map(|_| choices.number() as f32)
        .collect();
    let _ = forward(&numbers, &schedule, choices.number(), 0);
    let times: Vec<f64> = (0..choices.below(5)).map(|_| choices.number()).collect();
    let _ = forward_paths(&numbers, &schedule, &times, 0);
    let device = Device::flex();
    let model = if choices.flag() {
        let mut list = |count: usize| (0..count).map(|_| choices.number()).collect::<Vec<f64>>();
        let mixture = GaussianMixture {
            means: list(4),
            stds: list(2).iter().map(|std| std.abs()).collect(),
            weights: list(2).iter().map(|weight| weight.abs()).collect(),
            dimensions: 2,
        };
        PointPipeline::of_mixture(&mixture, schedule, &device)
    } else {
        let (pairs, _) = numbers.as_chunks::<2>();
        PointPipeline::of_points(pairs, schedule, &device)
    };
    if let Ok(model) = model {
        ask(&model, &mut choices);
    }
}

fn schedule(choices: &mut Choices<'_>) -> Schedule {
    let fading = choices.one_of(&Fading::ALL);
    let mut number = || choices.once_in(3).then(|| choices.number());
    Schedule {
        beta_start: number(),
        beta_end: number(),
        timesteps: match choices.below(3) {
            0 => choices.whole() as usize,
            _ => choices.below(1200),
        },
        ..Schedule::of(fading)
    }
}

fn ask(model: &PointPipeline, choices: &mut Choices<'_>) {
    let finite = |name: &str, values: Vec<f32>| {
        assert!(values.iter().all(|x| x.is_finite()), "{name}: {values:?}");
    };
    let last = model.schedule().len() as f64 - 1.0;
    let time = match choices.below(3) {
        0 => 0.0,
        1 => last,
        _ => choices.number(),
    };
    let points = [0.0, 1.0, -2.0, 0.5];
    for quantity in [
        Quantity::Score,
        Quantity::Velocity,
        Quantity::Clean,
        Quantity::Noise,
    ] {
        if let Ok(field) = model.field(&points, time, quantity) {
            finite("field", field.into_data().iter::<f32>().collect());
        }
    }
    let flow = FlowOptions {
        solver: choices.one_of(&[Solver::Euler, Solver::Heun, Solver::RungeKutta4]),
        steps: choices.below(12),
    };
    let options = DensityOptions { time, flow };
    if let Ok(mut density) = model.log_density(&points, options) {
        while let Ok(Some(_)) = density.step() {}
    }
    let _ = model.path(&points, [time, choices.number()], flow);
    let entry = choices.one_of(&CATALOG);
    let mut given = tweedie::cli::TextOptions::default();
    let size = choices.number().to_string();
    if entry
        .options
        .iter()
        .any(|option| option.name == "step_size")
    {
        let _ = given.insert("step_size", &size);
    }
    let Ok(method) = model.scheduler().method_named(Some(entry.name), &mut given) else {
        return;
    };
    let options = PointSampleOptions {
        method: Some(method),
        steps: choices.flag().then(|| choices.below(40)),
        count: Some(choices.below(5)),
        ..PointSampleOptions::default()
    };
    let Ok(mut sampling) = model.sample(&options) else {
        return;
    };
    for _ in 0..100 {
        match sampling.step() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(_) => return,
        }
    }
    if sampling.pending_error().is_none() {
        finite(
            "sample",
            sampling.noisy().into_data().iter::<f32>().collect(),
        );
    }
}

fn training(choices: &mut Choices<'_>) {
    let default = serde_json::to_value(PointTrainingOptions::default()).unwrap();
    let mut options: Map<String, Value> = default.as_object().unwrap().clone();
    options.insert("width".into(), 4.into());
    options.insert("batch".into(), 4.into());
    let names: Vec<String> = options.keys().cloned().collect();
    for _ in 0..choices.below(4) {
        let name = &names[choices.below(names.len())];
        let value = match choices.below(4) {
            0 => json!(choices.whole()),
            1 => json!(choices.number()),
            2 => json!(choices.one_of(&[
                "tanh",
                "clean",
                "score",
                "variational",
                "uniform",
                "linear"
            ])),
            _ => Value::Null,
        };
        options.insert(name.clone(), value);
    }
    let Ok(options) = serde_json::from_value::<PointTrainingOptions>(Value::Object(options)) else {
        return;
    };
    if options.width.saturating_mul(options.batch) > 1 << 14 || options.depth > 16 {
        return; // it would train for long
    }
    let points = [0.0, 1.0, -1.0, 0.5, 1.0, -1.5];
    if let Ok(mut training) = PointTraining::new(&points, options, &Device::flex()) {
        for _ in 0..3 {
            let _ = training.step();
        }
    }
}
