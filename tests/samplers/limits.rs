//! Unusable numbers are rejected with the name and the range, and runs report where values become infinite or NaN.

use burn::tensor::{Device, Tensor};
use serde_json::{Value, json};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel};
use tweedie::random::Generator;
use tweedie::sampler::{Clipping, Plan, Sampling};
use tweedie::{Error, Result};

fn config(json: Value) -> Result<SchedulerConfig> {
    SchedulerConfig::from_json(json.as_object().unwrap())
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn numbers_of_a_configuration_have_limits() {
    for (class, key, value, range) in [
        (
            "ScoreSdeVe",
            "sampling_eps",
            json!(1.5),
            "between 1e-9 and 0.999",
        ),
        (
            "ScoreSdeVe",
            "sigma_min",
            json!(2000),
            "below sigma_max, which is 1348.0",
        ),
        ("ScoreSdeVe", "snr", json!(1e300), "between 1e-6 and 100.0"),
        (
            "ScoreSdeVe",
            "correct_steps",
            json!(1_000_000),
            "between 0 and 1000",
        ),
        (
            "ScoreSdeVp",
            "beta_max",
            json!(1e9),
            "between 1e-6 and 100.0",
        ),
        (
            "ScoreSdeVp",
            "beta_min",
            json!(50),
            "at most beta_max, which is 20.0",
        ),
        (
            "CMStochasticIterative",
            "num_train_timesteps",
            json!(500_000_000),
            "between 1 and 100000",
        ),
        (
            "CMStochasticIterative",
            "s_noise",
            json!(-1),
            "between 0.0 and 100.0",
        ),
        (
            "EDMEuler",
            "sigma_data",
            json!(1e300),
            "between 1e-6 and 1000000.0",
        ),
        (
            "EDMEuler",
            "sigma_max",
            json!(1e300),
            "between 1e-6 and 1000000.0",
        ),
        ("EDMEuler", "rho", json!(1e300), "between 0.1 and 1000.0"),
        (
            "FlowMatchEulerDiscrete",
            "num_train_timesteps",
            json!(0),
            "between 1 and 100000",
        ),
        (
            "FlowMatchEulerDiscrete",
            "shift",
            json!(1e300),
            "between 0.01 and 100.0",
        ),
        (
            "FlowMatchEulerDiscrete",
            "shift_terminal",
            json!(1),
            "between 1e-6 and 0.999",
        ),
        (
            "UniPCMultistep",
            "flow_shift",
            json!(0),
            "between 0.01 and 100.0",
        ),
        (
            "UniPCMultistep",
            "solver_order",
            json!(99),
            "between 1 and 6",
        ),
        (
            "EulerDiscrete",
            "steps_offset",
            json!(1_000_000),
            "between 0 and 1000",
        ),
        (
            "DDPM",
            "beta_start",
            json!(0.5),
            "alpha_bar falls from below 1 to at least 1e-36",
        ),
        (
            "DDPM",
            "beta_start",
            json!(-0.5),
            "between 1e-12 and 0.9999",
        ),
        (
            "DDPM",
            "clip_sample_range",
            json!(1e-300),
            "between 1e-6 and 1000000.0",
        ),
        (
            "DDPM",
            "sample_max_value",
            json!(0),
            "between 1e-6 and 1000000.0",
        ),
        (
            "DDPM",
            "dynamic_thresholding_ratio",
            json!(2),
            "between 0.0 and 1.0",
        ),
    ] {
        let message = refusal(config(
            json!({"_class_name": format!("{class}Scheduler"), key: value}),
        ));
        assert!(
            message.contains(key) && message.contains(range),
            "{key} = {value}: {message}"
        );
    }
}

#[test]
fn steps_have_a_limit_that_the_default_obeys() {
    for class in [
        "KDPM2DiscreteScheduler",
        "DDPMScheduler",
        "EDMEulerScheduler",
        "IPNDMScheduler",
    ] {
        let config = config(json!({"_class_name": class})).unwrap();
        let message = refusal(config.trajectory(100_000));
        assert!(
            message.starts_with("steps must be between 1 and 10000"),
            "{class}: {message}"
        );
    }
    let long =
        json!({"_class_name": "DDPMScheduler", "num_train_timesteps": 50_000, "beta_end": 4e-4});
    let long = config(long).unwrap();
    assert_eq!(long.default_steps(), 10_000);
    assert!(long.trajectory(long.default_steps()).is_ok());
}

#[test]
fn the_longest_runs_are_planned_soon() {
    let began = std::time::Instant::now();
    for (class, key) in [
        ("KDPM2DiscreteScheduler", "use_beta_sigmas"),
        ("KDPM2DiscreteScheduler", "use_karras_sigmas"),
        ("UniPCMultistepScheduler", "use_beta_sigmas"),
        ("LMSDiscreteScheduler", "use_exponential_sigmas"),
    ] {
        let config = config(
            json!({"_class_name": class, key: true, "num_train_timesteps": 10_000, "beta_end": 2e-3}),
        );
        let config = config.unwrap();
        config
            .method
            .plan(&config.trajectory(10_000).unwrap())
            .unwrap();
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn long_values_are_shortened_in_messages() {
    let betas = vec![0.5; 1000];
    let message = refusal(config(
        json!({"_class_name": "IPNDMScheduler", "trained_betas": vec![2.0; 1000]}),
    ));
    assert!(message.len() < 400, "{message}");
    let message = refusal(config(
        json!({"_class_name": "DDPMScheduler", "trained_betas": betas}),
    ));
    assert!(
        message.starts_with("trained_betas must be") && message.len() < 400,
        "{message}"
    );
}

/// Predicts 0 down to a timestep, and values that are not finite below it.
struct Breaks(f64);

impl Denoiser<2> for Breaks {
    fn denoise(&self, noisy: Tensor<2>, level: NoiseLevel) -> Estimate<2> {
        let factor = if level.time < self.0 {
            f32::INFINITY
        } else {
            0.0
        };
        Estimate::from(noisy.ones_like() * factor)
    }
}

fn sampling() -> Sampling<2> {
    let config = config(json!({"_class_name": "DDIMScheduler"})).unwrap();
    let plan = config.method.plan(&config.trajectory(10).unwrap()).unwrap();
    let noise = Tensor::ones([2, 2], &Device::flex());
    Sampling::new(noise, plan, Clipping::None, Generator::new(0))
}

#[test]
fn a_run_on_the_cpu_names_the_first_step_that_is_not_finite() {
    let mut sampling = sampling();
    // The fourth of the timesteps 900, 800, … is below 650.
    let mut steps = 0;
    let error = loop {
        match sampling.step(&Breaks(650.0)) {
            Ok(_) => steps += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(steps, 3);
    let Error::NonFinite {
        first, last, of, ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((*first, *last, *of), (4, 4, 10));
    assert!(
        error
            .to_string()
            .starts_with("the sample of step 4 of 10 is not finite"),
        "{error}"
    );
    assert_eq!(sampling.step(&Breaks(650.0)), Err(error));
}

#[test]
fn a_sample_that_was_read_back_names_the_steps_since_the_last_one() {
    let mut sampling = sampling();
    assert_eq!(sampling.verify(3, &[0.5, 1.0]), Ok(()));
    let error = sampling.verify(7, &[0.5, f32::NAN]).unwrap_err();
    let Error::NonFinite { first, last, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((*first, *last), (4, 7));
    assert!(
        error.to_string().contains("one of the steps 4 to 7 of 10"),
        "{error}"
    );
}

#[test]
fn a_plan_names_the_step_whose_coefficients_overflow() {
    let config = config(json!({"_class_name": "DDIMScheduler"})).unwrap();
    let mut trajectory = config.trajectory(10).unwrap();
    trajectory.steps[4].from.sigma = 0.0;
    let error = config.method.plan(&trajectory).unwrap_err();
    assert!(
        matches!(error, Error::NonFinite { first: 5, .. }),
        "{error}"
    );
    assert_eq!(error.code(), "non-finite");
    assert!(matches!(
        config.method.plan(&config.trajectory(10).unwrap()),
        Ok(Plan::Fixed(_))
    ));
}
