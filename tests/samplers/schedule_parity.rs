//! Noise schedules and timesteps against diffusers'.

use serde_json::{Map, Value};
use tweedie::Error;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Betas, NoiseSchedule, TimestepSpacing};
use tweedie::sampler::Step;

/// The configuration of a fixture, with the name of its class.
fn config(case: &Value) -> SchedulerConfig {
    let mut config = case["config"].as_object().unwrap().clone();
    config.insert("_class_name".into(), case["scheduler"].clone());
    SchedulerConfig::from_json(&config).unwrap_or_else(|error| panic!("{case}: {error}"))
}

#[test]
fn alpha_bars_equal_diffusers() {
    let cases = crate::common::json("schedules.json");
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let config = config(case);
        let indices = case["indices"].as_array().unwrap();
        for (index, expected) in indices
            .iter()
            .zip(case["alphas_cumprod"].as_array().unwrap())
        {
            let found =
                config.process.schedule().unwrap().alpha_bars()[index.as_u64().unwrap() as usize];
            let expected = expected.as_f64().unwrap();
            let error = (found - expected).abs() / expected.max(1e-12);
            assert!(
                error < 1e-9,
                "{}: {found} is not {expected} at {index}",
                case["config"]
            );
        }
        if let Some(expected) = case["final_alpha_cumprod"].as_f64() {
            let end = config.trajectory(1).unwrap().steps[0].to;
            assert!((end.alpha.powi(2) - expected).abs() < 1e-12);
        }
    }
}

#[test]
fn timesteps_equal_diffusers() {
    let cases = crate::common::json("timesteps.json");
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 80);
    for case in cases {
        let config = config(case);
        let steps = case["num_inference_steps"].as_u64().unwrap() as usize;
        let total = config.process.schedule().unwrap().len();
        let found = config.trajectory(steps).map(|trajectory| {
            let time = |step: &Step| step.from.time as usize;
            trajectory.steps.iter().map(time).collect::<Vec<_>>()
        });
        let list = |name: &str| -> Option<Vec<usize>> {
            let values = case[name].as_array()?.iter();
            Some(values.map(|t| t.as_u64().unwrap() as usize).collect())
        };
        // Diffusers returns timesteps that are not in its schedule, and fails at those steps.
        let beyond = |list: Option<Vec<usize>>| list.is_some_and(|list| list[0] >= total);
        if beyond(list("timesteps")) || beyond(list("first")) {
            assert!(found.is_err(), "{case}");
        } else if let Some(expected) = list("timesteps") {
            assert_eq!(found, Ok(expected), "{case}");
        } else if let (Some(first), Some(last)) = (list("first"), list("last")) {
            let found = found.unwrap();
            assert_eq!(found.len(), steps);
            assert_eq!(
                (&found[..5], &found[steps - 5..]),
                (&first[..], &last[..]),
                "{case}"
            );
        } else {
            panic!("a case without timesteps: {case}");
        }
    }
}

#[test]
fn a_cosine_schedule_is_not_computed_in_integers() {
    let schedule = NoiseSchedule::new(&Betas::Cosine, 1000).unwrap();
    let falls = schedule
        .alpha_bars()
        .windows(2)
        .filter(|pair| pair[1] < pair[0])
        .count();
    assert_eq!(falls, 999);
}

#[test]
fn a_constant_schedule_decays_geometrically() {
    let schedule = NoiseSchedule::new(&Betas::Constant { beta: 0.01 }, 100).unwrap();
    assert!((schedule.alpha_bars()[99] - 0.99_f64.powi(100)).abs() < 1e-12);
}

#[test]
fn bad_schedules_are_refused_by_name() {
    let named = |json: Value| {
        let config: Map<String, Value> = json.as_object().unwrap().clone();
        SchedulerConfig::from_json(&config).unwrap_err().to_string()
    };
    let ddpm = |key: &str, value: Value| {
        let mut config = Map::new();
        config.insert("_class_name".into(), "DDPMScheduler".into());
        config.insert(key.into(), value);
        named(Value::Object(config))
    };
    for (key, value) in [
        ("beta_schedule", Value::from("laplace")),
        ("prediction_type", "flow".into()),
        ("variance_type", "huge".into()),
        ("timestep_spacing", "random".into()),
        ("num_train_timesteps", 0.into()),
        ("num_train_timesteps", 1_000_000_000_u64.into()),
        ("clip_sample_range", (-1.0).into()),
        ("trained_betas", vec![0.1, 0.2].into()),
        ("use_carrots", true.into()),
    ] {
        let message = ddpm(key, value);
        assert!(message.contains(key), "{key}: {message}");
    }
    assert!(ddpm("beta_end", 1.5.into()).contains("beta_end"));
    assert!(ddpm("beta_start", Value::from("high")).contains("scheduler_config.json"));
    let message = named(serde_json::json!({"_class_name": "LCMScheduler"}));
    assert!(message.contains("LCMScheduler") && message.contains("DDIMScheduler"));
    assert!(named(serde_json::json!({})).contains("scheduler"));
}

#[test]
fn every_level_holds_signal_and_noise() {
    for betas in [
        Betas::Constant { beta: 1e-17 }, // 1 − beta is 1
        Betas::Constant { beta: 0.9 },   // nothing is left after 1000 steps
    ] {
        let error = NoiseSchedule::new(&betas, 1000).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("beta_end must be such that alpha_bar falls"),
            "{error}"
        );
    }
    let one = NoiseSchedule::new(&Betas::Constant { beta: 0.5 }, 1).unwrap();
    assert_eq!(one.with_zero_terminal_snr().alpha_bars(), [0.0]);
}

#[test]
fn impossible_step_counts_are_refused() {
    for spacing in [
        TimestepSpacing::Leading,
        TimestepSpacing::Linspace,
        TimestepSpacing::Trailing,
    ] {
        for steps in [0, 1001, 1_000_000] {
            let error = spacing.timesteps(1000, steps, 0).unwrap_err();
            assert!(matches!(error, Error::InvalidOption { name, .. } if name == "steps"));
        }
    }
    let error = TimestepSpacing::Leading
        .timesteps(1000, 1000, 1)
        .unwrap_err();
    assert!(error.to_string().contains("steps_offset"));
}

#[test]
fn one_step_of_any_spacing_starts_where_the_default_one_does() {
    let classes = [
        "EulerDiscreteScheduler",
        "HeunDiscreteScheduler",
        "KDPM2DiscreteScheduler",
        "LMSDiscreteScheduler",
    ];
    for class in classes {
        let start = |spacing: Option<&str>| {
            let mut json = Map::new();
            json.insert("_class_name".into(), class.into());
            json.extend(spacing.map(|name| (name.into(), true.into())));
            let trajectory = SchedulerConfig::from_json(&json).unwrap().trajectory(1);
            trajectory.unwrap().steps[0].from.noise_to_signal()
        };
        let expected = start(None);
        for spacing in [
            "use_karras_sigmas",
            "use_exponential_sigmas",
            "use_beta_sigmas",
        ] {
            let error = start(Some(spacing)) / expected - 1.0;
            assert!(error.abs() < 1e-9, "{class}, {spacing}: off by {error}");
        }
    }
}

/// The ten steps of a class with one additional option.
fn steps(class: &str, option: Option<(&str, Value)>) -> Vec<Step> {
    let mut json = Map::new();
    json.insert("_class_name".into(), class.into());
    json.insert("prediction_type".into(), "sample".into());
    json.extend(option.map(|(name, value)| (name.into(), value)));
    let config = SchedulerConfig::from_json(&json).unwrap();
    config.trajectory(10).unwrap().steps
}

#[test]
fn an_option_acts_where_diffusers_scheduler_has_it_and_nowhere_else() {
    for (option, knowing, ignoring) in [
        (
            ("rescale_betas_zero_snr", Value::from(true)),
            "DDIMScheduler EulerDiscreteScheduler UniPCMultistepScheduler",
            "HeunDiscreteScheduler LMSDiscreteScheduler PNDMScheduler DEISMultistepScheduler DPMSolverSinglestepScheduler",
        ),
        (
            ("use_lu_lambdas", Value::from(true)),
            "DPMSolverMultistepScheduler",
            "HeunDiscreteScheduler UniPCMultistepScheduler DPMSolverSinglestepScheduler",
        ),
        (
            ("use_karras_sigmas", Value::from(true)),
            "HeunDiscreteScheduler DEISMultistepScheduler FlowMatchEulerDiscreteScheduler",
            "EulerAncestralDiscreteScheduler DDIMScheduler FlowMatchHeunDiscreteScheduler",
        ),
        (
            ("shift_terminal", Value::from(0.3)),
            "FlowMatchEulerDiscreteScheduler",
            "FlowMatchHeunDiscreteScheduler",
        ),
    ] {
        let acts = |class: &str| steps(class, Some(option.clone())) != steps(class, None);
        for class in knowing.split(' ') {
            assert!(acts(class), "{} does nothing to {class}", option.0);
        }
        for class in ignoring.split(' ') {
            assert!(!acts(class), "{} acts on {class}", option.0);
        }
    }
}

#[test]
fn absurd_step_counts_are_refused_by_every_class() {
    for class in [
        "DDIMScheduler",
        "HeunDiscreteScheduler",
        "IPNDMScheduler",
        "DPMSolverMultistepScheduler",
        "EDMEulerScheduler",
        "ScoreSdeVeScheduler",
        "ScoreSdeVpScheduler",
        "CMStochasticIterativeScheduler",
        "FlowMatchHeunDiscreteScheduler",
    ] {
        let mut json = Map::new();
        json.insert("_class_name".into(), class.into());
        let config = SchedulerConfig::from_json(&json).unwrap();
        for steps in [0, u32::MAX as usize, usize::MAX] {
            let error = config.trajectory(steps).unwrap_err().to_string();
            assert!(error.starts_with("steps must be"), "{class}: {error}");
        }
    }
}
