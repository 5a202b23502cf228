//! Expected values of diffusers' own unit tests (huggingface/diffusers, `tests/schedulers/`, Apache-2.0; values only).

mod particular;

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Value, json};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction};
use tweedie::random::Generator;
use tweedie::sampler::{Clipping, Evaluation, Method, Plan, Sampling, Trajectory};

use crate::common::{scalar, values};

/// `x[b, c, h, w] = (((c·8 + h)·8 + w)·4 + b)/768`, the sample in diffusers' tests.
fn published_sample() -> Vec<f32> {
    let value = |index: usize| {
        let (b, pixel) = (index / 192, index % 192);
        (pixel * 4 + b) as f32 / 768.0
    };
    (0..768).map(value).collect()
}

/// The model in diffusers' tests.
fn model(x: f64, t: f64) -> f64 {
    x * t / (t + 1.0)
}

struct Toy(Prediction);

impl Denoiser<4> for Toy {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let output = noisy.clone() * model(1.0, level.time);
        Estimate::from(self.0.clean(noisy, output, level))
    }
}

fn scheduler(class: &str, config: Value) -> SchedulerConfig {
    let mut config = config.as_object().unwrap().clone();
    config.insert("_class_name".into(), class.into());
    SchedulerConfig::from_json(&config).unwrap()
}

fn evaluations(method: &Method, trajectory: &Trajectory) -> Vec<Evaluation> {
    match method.plan(trajectory).unwrap() {
        Plan::Fixed(evaluations) => evaluations,
        Plan::Adaptive(_) => panic!("the adaptive solver has no published numbers"),
    }
}

/// Start of a run.
#[derive(Clone, Copy, Debug)]
enum Begin {
    /// With the sample unchanged, or scaled to the noise of the first level.
    First,
    /// At this step, with the sample and `1 − 1/768 − x` as noise of its level.
    Noised(usize),
    /// At this step, with the sample unchanged.
    Skipped(usize),
}
use Begin::{First, Noised, Skipped};

impl Begin {
    fn step(self) -> usize {
        match self {
            First => 0,
            Noised(step) | Skipped(step) => step,
        }
    }
}

/// One of diffusers' tests: Σ|x|, where it is published, and mean|x| of the final sample.
struct Row {
    class: &'static str,
    config: Value,
    steps: usize,
    begin: Begin,
    sum: Option<f64>,
    mean: f64,
}

fn row(class: &'static str, config: Value, sum: impl Into<Option<f64>>, mean: f64) -> Row {
    Row {
        class,
        config,
        steps: 10,
        begin: First,
        sum: sum.into(),
        mean,
    }
}

impl Row {
    fn steps(self, steps: usize) -> Self {
        Self { steps, ..self }
    }

    fn begin(self, begin: Begin) -> Self {
        Self { begin, ..self }
    }

    /// Tolerances: 1e-2 for Σ and 1e-3 for the mean, as in diffusers, or 1e-5 relative where that is larger, since
    /// diffusers sums in `f32`.
    fn check(&self, samples: &[f64]) {
        let total: f64 = samples.iter().map(|x| x.abs()).sum();
        let mean = total / samples.len() as f64;
        let name = format!("{} {} {:?}", self.class, self.config, self.begin);
        let published = self.mean;
        let tolerance = 1e-3_f64.max(1e-5 * published);
        assert!(
            (mean - published).abs() < tolerance,
            "{name}: mean {mean}, published {published}"
        );
        if let Some(sum) = self.sum {
            let tolerance = 1e-2_f64.max(1e-5 * sum);
            assert!(
                (total - sum).abs() < tolerance,
                "{name}: sum {total}, published {sum}"
            );
        }
    }

    fn scheduler(&self) -> SchedulerConfig {
        scheduler(self.class, self.config.clone())
    }

    fn trajectory(&self, scheduler: &SchedulerConfig) -> Trajectory {
        let mut trajectory = scheduler.trajectory(self.steps).unwrap();
        trajectory.begin = self.begin.step();
        trajectory
    }
}

/// The noise in the tests that start part-way.
fn published_noise(x: f64) -> f64 {
    767.0 / 768.0 - x
}

#[test]
fn schedulers_of_a_variance_preserving_sample() {
    let sigma_min = json!({"final_sigmas_type": "sigma_min"});
    let with = |base: &Value, more: Value| {
        let mut config = base.as_object().unwrap().clone();
        config.extend(more.as_object().unwrap().clone());
        Value::Object(config)
    };
    let multistep = with(&sigma_min, json!({"lower_order_final": false}));
    let velocity = json!({"prediction_type": "v_prediction"});
    let karras = json!({"use_karras_sigmas": true});
    let thresholding = json!({
        "thresholding": true, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 0.5
    });
    let (multi, single) = (
        "DPMSolverMultistepScheduler",
        "DPMSolverSinglestepScheduler",
    );
    let (unipc, deis) = ("UniPCMultistepScheduler", "DEISMultistepScheduler");
    let karras_velocity = with(&karras, velocity.clone());
    let rows = [
        row("DDPMScheduler", json!({}), 258.9606, 0.3372).steps(1000),
        row("DDIMScheduler", json!({}), 172.0067, 0.223967),
        row("PNDMScheduler", json!({}), 198.1318, 0.2580),
        row("PNDMScheduler", velocity.clone(), 67.3986, 0.0878),
        row(multi, multistep.clone(), None, 0.3301),
        row(multi, with(&multistep, thresholding), None, 1.1364),
        row(multi, with(&multistep, velocity.clone()), None, 0.2251),
        row(multi, multistep, 318.4111, 0.4146).begin(Noised(5)),
        row(single, sigma_min.clone(), None, 0.2791),
        row(single, with(&sigma_min, velocity.clone()), None, 0.1453),
        row(single, with(&sigma_min, karras.clone()), None, 0.2248),
        row(
            single,
            with(&sigma_min, karras_velocity.clone()),
            None,
            0.0649,
        ),
        row(single, sigma_min.clone(), None, 0.2574)
            .steps(50)
            .begin(Skipped(3)),
        row(single, sigma_min.clone(), 269.2187, 0.3505).begin(Noised(5)),
        row(unipc, sigma_min.clone(), None, 0.2464),
        row(unipc, with(&sigma_min, karras), None, 0.2925),
        row(unipc, with(&sigma_min, velocity.clone()), None, 0.1014),
        row(unipc, with(&sigma_min, karras_velocity), None, 0.1966),
        row(unipc, sigma_min, 315.5757, 0.4109).begin(Noised(8)),
        row(deis, json!({}), None, 0.23916),
        row(deis, velocity, None, 0.091),
        row(deis, json!({}), 315.3016, 0.41054).begin(Noised(8)),
    ];
    for row in rows {
        let scheduler = row.scheduler();
        let trajectory = row.trajectory(&scheduler);
        let level = trajectory.start().unwrap();
        let start = |x: f32| match row.begin {
            Noised(_) => {
                let noise = published_noise(f64::from(x));
                (level.alpha * f64::from(x) + level.sigma * noise) as f32
            }
            First | Skipped(_) => x,
        };
        let noisy: Vec<f32> = published_sample().into_iter().map(start).collect();
        let noisy = Tensor::from_data(TensorData::new(noisy, [4, 3, 8, 8]), &Device::flex());
        let plan = Plan::Fixed(evaluations(&scheduler.method, &trajectory));
        let mut sampling = Sampling::new(noisy, plan, scheduler.clipping, Generator::new(0));
        while sampling.step(&Toy(scheduler.prediction)).unwrap().is_some() {}
        let found: Vec<f64> = values(sampling.noisy())
            .into_iter()
            .map(f64::from)
            .collect();
        row.check(&found);
    }
}

/// Runs the evaluations on each value in `f64`. `start` is the first sample; `prepare` is applied to the sample before
/// each evaluation.
fn run_scalars(
    scheduler: &SchedulerConfig,
    trajectory: &Trajectory,
    start: impl Fn(f64) -> f64,
    prepare: fn(f64, NoiseLevel) -> f64,
    shown: fn(f64, NoiseLevel) -> f64,
) -> Vec<f64> {
    let evaluations = evaluations(&scheduler.method, trajectory);
    let mut generator = Generator::new(0);
    let noise: Vec<Vec<f32>> = evaluations.iter().map(|_| generator.normal(768)).collect();
    let denoise = |x: f64, level: NoiseLevel| {
        let (from_noisy, from_output) = scheduler.prediction.clean_coefficients(level);
        let clean = from_noisy * x + from_output * model(shown(x, level), level.time);
        match scheduler.clipping {
            Clipping::Range(range) => clean.clamp(-range, range),
            _ => clean,
        }
    };
    let one = |(index, x): (usize, f32)| {
        let mut draws = noise.iter().map(|step| f64::from(step[index]));
        let noise = || draws.next().unwrap();
        scalar::run_prepared(&evaluations, start(f64::from(x)), prepare, denoise, noise)
    };
    let end = trajectory.steps.last().unwrap().to;
    let samples = published_sample().into_iter().enumerate().map(one);
    samples.map(|x| x / end.alpha).collect()
}

/// Tests of schedulers that store `y = x/alpha` replace it by the scaled input `alpha·y` before both the model and the
/// step, so that each evaluation shrinks the sample.
#[test]
fn schedulers_of_a_variance_exploding_sample() {
    let config = |more: Value| {
        let mut config = more.as_object().unwrap().clone();
        for (name, value) in [("beta_start", 1e-4), ("beta_end", 0.02)] {
            config.insert(name.into(), value.into());
        }
        config.insert("num_train_timesteps".into(), 1100.into());
        Value::Object(config)
    };
    let default = config(json!({}));
    let velocity = config(json!({"prediction_type": "v_prediction"}));
    let karras = config(json!({"use_karras_sigmas": true}));
    let (euler, ancestral) = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler");
    let (heun, lms) = ("HeunDiscreteScheduler", "LMSDiscreteScheduler");
    let (kdpm2, kdpm2_ancestral) = ("KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler");
    let rows = [
        row(euler, default.clone(), 10.0807, 0.0131),
        row(euler, velocity.clone(), 0.0002, 2.2676e-6),
        row(euler, karras.clone(), 124.522995, 0.16213933),
        row(euler, default.clone(), 57062.9297, 74.3007).begin(Noised(8)),
        row(ancestral, default.clone(), 152.3192, 0.1983),
        row(ancestral, velocity.clone(), 108.4439, 0.1412),
        row(ancestral, default.clone(), 56163.0508, 73.1290).begin(Noised(8)),
        row(heun, default.clone(), 0.1233, 0.0002),
        row(heun, velocity.clone(), 4.6934e-7, 6.1112e-10),
        row(heun, karras.clone(), 0.00015, 1.9869e-7),
        row(heun, default.clone(), 75074.8906, 97.7538).begin(Noised(8)),
        row(kdpm2, default.clone(), 20.4125, 0.0266),
        row(kdpm2, velocity.clone(), 4.6934e-7, 6.1112e-10),
        row(kdpm2, default.clone(), 70408.4062, 91.6776).begin(Noised(8)),
        row(kdpm2_ancestral, default.clone(), 13979.9433, 18.2030),
        row(kdpm2_ancestral, velocity.clone(), 331.8133, 0.4320),
        row(kdpm2_ancestral, default.clone(), 93087.3437, 121.2074).begin(Noised(8)),
        row(lms, default.clone(), 1006.388, 1.31),
        row(lms, velocity, 0.0017, 2.2676e-6),
        row(lms, karras, 3812.9927, 4.9648),
        row(lms, default, 27663.6895, 36.0204).begin(Noised(8)),
    ];
    for row in rows {
        let scheduler = row.scheduler();
        let trajectory = row.trajectory(&scheduler);
        let most = trajectory.steps[0].from.noise_to_signal();
        let NoiseLevel { alpha, .. } = trajectory.start().unwrap();
        let ratio = trajectory.start().unwrap().noise_to_signal();
        let start = |x: f64| match row.begin {
            Noised(_) => alpha * (x * most + published_noise(x) * ratio),
            First | Skipped(_) => alpha * x * most,
        };
        let prepare = |x: f64, level: NoiseLevel| level.alpha * x;
        let shown = |x: f64, level: NoiseLevel| x / level.alpha;
        row.check(&run_scalars(&scheduler, &trajectory, start, prepare, shown));
    }
}

/// These tests do not change the sample.
#[test]
fn schedulers_with_preconditioning() {
    let rows = [
        (
            row("EDMEulerScheduler", json!({}), 34.1855, 0.044),
            6401_f64.sqrt(),
        ),
        (
            row(
                "CMStochasticIterativeScheduler",
                json!({"num_train_timesteps": 201}),
                192.7614,
                0.2510,
            )
            .steps(1),
            80.0,
        ),
    ];
    for (row, noise) in rows {
        let scheduler = row.scheduler();
        let trajectory = row.trajectory(&scheduler);
        let first = trajectory.start().unwrap().alpha;
        row.check(&run_scalars(
            &scheduler,
            &trajectory,
            |x| first * x * noise,
            |x, _| x,
            |x, _| x,
        ));
    }
}
