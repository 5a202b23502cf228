//! Scheduler configurations, samplers and their options, and runs with them.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Map, Value, json};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::checkpoint::scheduler::{FinalSigma, Spacing, SpacingOptions};
use tweedie::cli::TextOptions;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel, Prediction};
use tweedie::random::Generator;
use tweedie::sampler::catalog::{CATALOG, Domain};
use tweedie::sampler::{Clipping, Plan, Sampling};

use super::choices::Choices;

const CLASSES: [&str; 22] = [
    "DDPMScheduler",
    "RePaintScheduler",
    "DDIMScheduler",
    "PNDMScheduler",
    "LMSDiscreteScheduler",
    "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler",
    "HeunDiscreteScheduler",
    "KDPM2DiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "IPNDMScheduler",
    "DPMSolverSinglestepScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
    "DEISMultistepScheduler",
    "EDMEulerScheduler",
    "EDMDPMSolverMultistepScheduler",
    "ScoreSdeVeScheduler",
    "ScoreSdeVpScheduler",
    "CMStochasticIterativeScheduler",
    "FlowMatchEulerDiscreteScheduler",
    "FlowMatchHeunDiscreteScheduler",
];

const WHOLE: [&str; 4] = [
    "num_train_timesteps",
    "steps_offset",
    "solver_order",
    "correct_steps",
];

const NUMBERS: [&str; 18] = [
    "beta_start",
    "beta_end",
    "beta_min",
    "beta_max",
    "sigma_min",
    "sigma_max",
    "sigma_data",
    "rho",
    "snr",
    "sampling_eps",
    "s_noise",
    "shift",
    "flow_shift",
    "shift_terminal",
    "lambda_min_clipped",
    "clip_sample_range",
    "sample_max_value",
    "dynamic_thresholding_ratio",
];

const FLAGS: [&str; 18] = [
    "rescale_betas_zero_snr",
    "predict_epsilon",
    "clip_sample",
    "clip_denoised",
    "thresholding",
    "set_alpha_to_one",
    "skip_prk_steps",
    "use_karras_sigmas",
    "use_exponential_sigmas",
    "use_beta_sigmas",
    "use_lu_lambdas",
    "use_flow_sigmas",
    "lower_order_final",
    "euler_at_final",
    "predict_x0",
    "invert_sigmas",
    "stochastic_sampling",
    "use_dynamic_shifting",
];

const WORDS: [(&str, &[&str]); 10] = [
    (
        "beta_schedule",
        &[
            "linear",
            "constant",
            "scaled_linear",
            "squaredcos_cap_v2",
            "exp",
            "sigmoid",
        ],
    ),
    (
        "prediction_type",
        &["epsilon", "sample", "v_prediction", "flow_prediction"],
    ),
    (
        "variance_type",
        &["fixed_small", "fixed_large", "learned", "learned_range"],
    ),
    ("timestep_spacing", &["leading", "linspace", "trailing"]),
    ("timestep_type", &["discrete", "continuous"]),
    ("interpolation_type", &["linear", "log_linear"]),
    ("final_sigmas_type", &["zero", "sigma_min"]),
    (
        "algorithm_type",
        &[
            "dpmsolver",
            "dpmsolver++",
            "sde-dpmsolver",
            "sde-dpmsolver++",
            "deis",
        ],
    ),
    ("solver_type", &["midpoint", "heun", "logrho", "bh1", "bh2"]),
    ("sigma_schedule", &["karras", "exponential"]),
];

/// Runs with more evaluations are planned, but not computed.
const MAX_EVALUATIONS: usize = 200;

/// A configuration is rejected, or every run with it ends with finite numbers or reports where they are not finite.
pub fn schedulers(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let Ok(config) = SchedulerConfig::from_json(&configuration(&mut choices)) else {
        return;
    };
    let mut given = TextOptions::default();
    let entry = choices.one_of(&CATALOG);
    for option in entry.options {
        let value = match option.domain {
            Domain::Flag { .. } => choices.flag().to_string(),
            Domain::Choice { words, .. } => choices.one_of(words).to_owned(),
            Domain::Whole { .. } => choices.whole().to_string(),
            Domain::Number { .. } => choices.number().to_string(),
        };
        if choices.flag() || option.name == "step_size" {
            let _ = given.insert(option.name, &value);
        }
    }
    let name = (!choices.once_in(3)).then_some(entry.name);
    let method = config.method_named(
        name.filter(|_| entry.options.is_empty() || name.is_some()),
        &mut given,
    );
    let Ok(method) = method else { return };
    let spacing = SpacingOptions {
        spacing: choices
            .once_in(3)
            .then(|| choices.one_of(&Spacing::ALL.map(Spacing::name)))
            .and_then(Spacing::from_name),
        final_sigma: choices
            .once_in(3)
            .then(|| choices.one_of(&FinalSigma::ALL.map(FinalSigma::name)))
            .and_then(FinalSigma::from_name),
    };
    let Ok(config) = config.with_method(&method, spacing) else {
        return;
    };
    let steps = match choices.below(3) {
        0 => config.default_steps(),
        1 => choices.below(60),
        _ => choices.whole() as usize,
    };
    let _ = config.noise_range();
    let Ok(mut trajectory) = config.trajectory(steps) else {
        return;
    };
    if choices.once_in(4) {
        trajectory.begin = choices.below(trajectory.steps.len());
    }
    let Ok(plan) = config.method.plan(&trajectory) else {
        return;
    };
    run(
        plan,
        trajectory.initial_noise,
        config.clipping,
        config.prediction,
    );
}

fn configuration(choices: &mut Choices<'_>) -> Map<String, Value> {
    let mut config = Map::new();
    config.insert("_class_name".into(), choices.one_of(&CLASSES).into());
    for _ in 0..choices.below(6) {
        let (key, value): (&str, Value) = match choices.below(10) {
            0 | 1 => (choices.one_of(&WHOLE), choices.whole().into()),
            2..=5 => (choices.one_of(&NUMBERS), choices.number().into()),
            6 | 7 => (choices.one_of(&FLAGS), choices.flag().into()),
            8 => {
                let (key, words) = choices.one_of(&WORDS);
                (key, choices.one_of(words).into())
            }
            _ if choices.flag() => {
                let betas: Vec<f64> = (0..choices.below(30)).map(|_| choices.number()).collect();
                config.insert("num_train_timesteps".into(), betas.len().into());
                ("trained_betas", betas.into())
            }
            _ => ("disable_corrector", json!([choices.whole(), 0])),
        };
        config.insert(key.into(), value);
    }
    config
}

/// A network with bounded output.
struct Bounded(Prediction);

impl Denoiser<4> for Bounded {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let output = (noisy.clone() * 3.0).sin();
        Estimate {
            variance: Some(output.clone()),
            clean: self.0.clean(noisy, output, level),
        }
    }
}

pub fn run(plan: Plan, initial_noise: f64, clipping: Clipping, prediction: Prediction) {
    if matches!(&plan, Plan::Fixed(evaluations) if evaluations.len() > MAX_EVALUATIONS) {
        return;
    }
    let mut generator = Generator::new(0);
    let noise = TensorData::new(generator.normal(8), [2, 1, 2, 2]);
    let noise = Tensor::<4>::from_data(noise, &Device::flex()) * initial_noise;
    let mut sampling = Sampling::new(noise, plan, clipping, generator);
    for _ in 0..MAX_EVALUATIONS {
        match sampling.step(&Bounded(prediction)) {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(_) => return,
        }
    }
    if sampling.pending_error().is_some() {
        return; // the adaptive solver is within a step
    }
    let sample: Vec<f32> = sampling.noisy().into_data().iter::<f32>().collect();
    assert!(sample.iter().all(|x| x.is_finite()), "{sample:?}");
}
