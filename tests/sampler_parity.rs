//! DDPM and DDIM against diffusers' schedulers and the published numbers, with a toy model in place of a network.
#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Value, json};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel};
use tweedie::random::Generator;
use tweedie::sampler::{Interval, Method, Sampling, ddim, ddpm, probability_flow};

use common::{Tensors, assert_close, values};

/// `model(x, t) = x·t/(t + 1)`, and what the fixtures take for a learned variance.
struct Toy(SchedulerConfig);

impl Denoiser<4> for Toy {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let output = noisy.clone() * (level.time / (level.time + 1.0));
        let sine = noisy.clone().sin();
        Estimate {
            clean: self.0.prediction.clean(noisy, output, level),
            variance: match self.0.variance {
                ddpm::Variance::Learned => Some((sine.clone() * sine + 1.0) * 0.01),
                ddpm::Variance::LearnedRange => Some(sine * 0.5),
                _ => None,
            },
        }
    }
}

fn scheduler(class: &Value, config: &Value) -> SchedulerConfig {
    let mut config = config.as_object().unwrap().clone();
    config.insert("_class_name".into(), class.clone());
    SchedulerConfig::from_json(&config).unwrap()
}

fn start(
    scheduler: &SchedulerConfig,
    noisy: Tensor<4>,
    method: Method,
    steps: usize,
    generator: Generator,
) -> Sampling<4> {
    let intervals = scheduler.intervals(method, steps).unwrap();
    Sampling::new(noisy, intervals, method, scheduler.clipping, generator)
}

#[test]
fn every_option_equals_diffusers() {
    let fixture = common::json("samplers.json");
    let tensors = Tensors::read("samplers.safetensors");
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let scheduler = scheduler(&case["scheduler"], &case["config"]);
        let method = match case["eta"].as_f64() {
            None => Method::Ddpm {
                variance: scheduler.variance,
            },
            Some(eta) => Method::Ddim {
                eta,
                direction: match case["use_clipped_model_output"] == json!(true) {
                    true => ddim::Direction::FromClipped,
                    false => ddim::Direction::Predicted,
                },
            },
        };
        let mut generator = Generator::new(0);
        let noise = TensorData::new(generator.normal(2 * 3 * 4 * 4), [2, 3, 4, 4]);
        let noise = Tensor::from_data(noise, &Device::flex());
        let steps = case["num_inference_steps"].as_u64().unwrap() as usize;
        let mut sampling = start(&scheduler, noise, method, steps, generator);
        let toy = Toy(scheduler);
        let mut clean = None;
        while let Some(progress) = sampling.step(&toy) {
            if progress.step + 1 == progress.steps || progress.steps == 1 {
                clean = sampling.clean();
            }
        }
        for (what, found) in [("clean", clean.unwrap()), ("final", sampling.noisy())] {
            let expected = tensors.values(&format!("{name}.{what}"));
            let scale = expected.iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
            assert_close(
                &format!("{name}.{what}"),
                &values(found),
                &expected,
                1e-4 * scale,
            );
        }
    }
}

/// `x[b, c, h, w] = (((c·8 + h)·8 + w)·4 + b)/768`, the sample of diffusers' own tests.
fn published_sample() -> Tensor<4> {
    let value = |index: usize| {
        let (b, pixel) = (index / 192, index % 192);
        (pixel * 4 + b) as f32 / 768.0
    };
    let data = TensorData::new((0..768).map(value).collect::<Vec<_>>(), [4, 3, 8, 8]);
    Tensor::from_data(data, &Device::flex())
}

#[track_caller]
fn assert_published(scheduler: SchedulerConfig, method: Method, steps: usize, sum: f32, mean: f32) {
    let mut sampling = start(
        &scheduler,
        published_sample(),
        method,
        steps,
        Generator::new(0),
    );
    let toy = Toy(scheduler);
    while sampling.step(&toy).is_some() {}
    let total: f32 = values(sampling.noisy()).iter().map(|x| x.abs()).sum();
    assert!((total - sum).abs() < 1e-2, "sum {total}, published {sum}");
    assert!(
        (total / 768.0 - mean).abs() < 1e-3,
        "mean {}, published {mean}",
        total / 768.0
    );
}

#[test]
fn the_published_ddpm_and_ddim_loops_are_reproduced() {
    let ddpm = scheduler(&json!("DDPMScheduler"), &json!({}));
    let method = Method::Ddpm {
        variance: ddpm::Variance::FixedSmall,
    };
    assert_published(ddpm, method, 1000, 258.9606, 0.3372);
    let ddim = scheduler(&json!("DDIMScheduler"), &json!({}));
    let method = Method::Ddim {
        eta: 0.0,
        direction: ddim::Direction::Predicted,
    };
    assert_published(ddim, method, 10, 172.0067, 0.223967);
}

#[test]
fn the_published_ddim_variances_are_reproduced() {
    let scheduler = scheduler(&json!("DDIMScheduler"), &json!({}));
    let level = |t| scheduler.schedule.level(t).unwrap();
    for (from, to, expected) in [
        (420, 400, 0.14771),
        (980, 960, 0.32460),
        (487, 486, 0.00979),
        (999, 998, 0.02),
    ] {
        let interval = Interval {
            from: level(from),
            to: level(to),
        };
        let noise = ddim::update(interval, 1.0, ddim::Direction::Predicted).noise;
        assert!(
            (noise * noise - expected).abs() < 1e-5,
            "({from}, {to}): {}",
            noise * noise
        );
    }
}

/// Diffusers' DDIM may end at the level of timestep 0; the network must not be asked for a time beyond it.
#[test]
fn heun_never_asks_for_a_time_that_the_network_does_not_know() {
    for steps_offset in [0, 1] {
        let config = json!({"set_alpha_to_one": false, "steps_offset": steps_offset});
        let scheduler = scheduler(&json!("DDIMScheduler"), &config);
        let method = Method::ProbabilityFlow {
            solver: probability_flow::Solver::Heun,
        };
        let mut sampling = start(
            &scheduler,
            published_sample(),
            method,
            10,
            Generator::new(0),
        );
        // Without an offset the last step starts where it ends; one evaluation is enough.
        assert_eq!(sampling.steps(), 19 + steps_offset);
        let toy = Toy(scheduler);
        while let Some(progress) = sampling.step(&toy) {
            assert!(progress.timestep >= 0.0, "{progress:?}");
        }
        assert!(values(sampling.noisy()).iter().all(|x| x.is_finite()));
    }
}

/// Diffusers' test of its Heun scheduler, "with noise": T = 1100, ten linspaced fractional timesteps, the last two of them.
/// It lives in `y = x/alpha` against `s = sigma/alpha`, and replaces `y` by `alpha·y` before each evaluation.
#[test]
fn the_published_heun_loop_is_reproduced() {
    let config = json!({"num_train_timesteps": 1100});
    let schedule = scheduler(&json!("DDPMScheduler"), &config).schedule;
    let ratio = |t: f64| {
        let at = |t: usize| {
            schedule
                .level(t)
                .map_or(0.0, |level| level.sigma / level.alpha)
        };
        at(t.floor() as usize) * (1.0 - t.fract()) + at(t.ceil() as usize) * t.fract()
    };
    let level = |time: f64, s: f64| {
        let alpha = 1.0 / (1.0 + s * s).sqrt();
        NoiseLevel {
            time,
            alpha,
            sigma: s * alpha,
        }
    };
    let time = |index: usize| 1099.0 * (9 - index) as f64 / 9.0;
    let path = [
        level(time(8), ratio(time(8))),
        level(time(9), ratio(time(9))),
        NoiseLevel::CLEAN,
    ];
    let model = |y: f64, level: NoiseLevel| y * level.time / (level.time + 1.0);
    let loop_over = |(clean, noise): (f64, f64)| {
        let heun = probability_flow::heun(Interval {
            from: path[0],
            to: path[1],
        })
        .unwrap();
        let euler = |y: f64, eps: f64, from: NoiseLevel, to: NoiseLevel| {
            let x = from.alpha * y;
            let estimate = (x - from.sigma * eps) / from.alpha;
            let update = probability_flow::euler(Interval { from, to });
            (update.keep * x + update.clean * estimate) / to.alpha
        };
        let start = clean * ratio(1099.0) + noise * path[0].sigma / path[0].alpha;
        let start = start * path[0].alpha;
        let slope = model(start, path[0]);
        let middle = euler(start, slope, path[0], path[1]) * path[1].alpha;
        let slopes = slope + model(middle, path[1]);
        let y = (heun.keep * path[0].alpha * start + heun.eps * slopes) / path[1].alpha;
        let y = y * path[1].alpha;
        euler(y, model(y, path[1]), path[1], path[2])
    };
    let samples = values(published_sample());
    let sum: f64 = samples
        .iter()
        .map(|x| f64::from(*x))
        .map(|x| loop_over((x, 767.0 / 768.0 - x)).abs())
        .sum();
    assert!((sum / 75074.8906 - 1.0).abs() < 2e-6, "sum {sum}");
    assert!(
        (sum / 768.0 / 97.7538 - 1.0).abs() < 2e-6,
        "mean {}",
        sum / 768.0
    );
}
