//! Options of `scheduler_config.json`.

mod values;

use std::ops::RangeInclusive;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::diffusion::MAX_TIMESTEPS;
use crate::{Error, Result, json};

/// Options that may be infinite, with the sign; infinity disables clipping.
const INFINITE: [(&str, f64); 3] = [
    ("clip_sample_range", f64::INFINITY),
    ("lambda_min_clipped", f64::NEG_INFINITY),
    ("sample_max_value", f64::INFINITY),
];

/// Limits of standard deviations and of sample values.
const MIN_SCALE: f64 = 1e-6;
const MAX_SCALE: f64 = 1e6;
/// The remaining signal of the variance-preserving SDE, `exp(−beta_max/4)`, must not vanish in `f32`.
const MAX_SDE_BETA: f64 = 100.0;
const MAX_SOLVER_ORDER: usize = 6;
const MAX_CORRECT_STEPS: usize = 1000;

/// The options of all schedulers, as written in the file. Which of them apply, and their defaults, depend on the class.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
#[rustfmt::skip]
pub(super) struct Options {
    pub num_train_timesteps: Option<usize>,
    pub beta_start: Option<f64>,
    pub beta_end: Option<f64>,
    pub beta_schedule: Option<String>,
    pub trained_betas: Option<Vec<f64>>,
    pub rescale_betas_zero_snr: Option<bool>,
    pub prediction_type: Option<String>,
    /// Predecessor of `prediction_type`: false means `"sample"`.
    pub predict_epsilon: Option<bool>,
    /// Array library of the first versions of diffusers.
    pub tensor_format: Option<IgnoredAny>,
    pub clip_sample: Option<bool>,
    #[serde(deserialize_with = "json::float")]
    pub clip_sample_range: Option<f64>,
    pub clip_denoised: Option<bool>,
    pub thresholding: Option<bool>,
    pub dynamic_thresholding_ratio: Option<f64>,
    #[serde(deserialize_with = "json::float")]
    pub sample_max_value: Option<f64>,
    pub variance_type: Option<String>,
    pub timestep_spacing: Option<String>,
    pub timestep_type: Option<String>,
    pub interpolation_type: Option<String>,
    pub steps_offset: Option<usize>,
    pub set_alpha_to_one: Option<bool>,
    pub skip_prk_steps: Option<bool>,
    pub use_karras_sigmas: Option<bool>,
    pub use_exponential_sigmas: Option<bool>,
    pub use_beta_sigmas: Option<bool>,
    pub use_lu_lambdas: Option<bool>,
    pub use_flow_sigmas: Option<bool>,
    pub final_sigmas_type: Option<String>,
    #[serde(deserialize_with = "json::float")]
    pub lambda_min_clipped: Option<f64>,
    pub solver_order: Option<usize>,
    pub solver_type: Option<String>,
    pub solver_p: Option<IgnoredAny>,
    pub algorithm_type: Option<String>,
    pub lower_order_final: Option<bool>,
    pub euler_at_final: Option<bool>,
    pub predict_x0: Option<bool>,
    pub disable_corrector: Option<Vec<usize>>,
    pub sigma_min: Option<f64>,
    pub sigma_max: Option<f64>,
    pub sigma_data: Option<f64>,
    pub sigma_schedule: Option<String>,
    pub rho: Option<f64>,
    pub snr: Option<f64>,
    pub correct_steps: Option<usize>,
    pub sampling_eps: Option<f64>,
    pub beta_min: Option<f64>,
    pub beta_max: Option<f64>,
    pub s_noise: Option<f64>,
    pub eta: Option<f64>,
    pub shift: Option<f64>,
    pub flow_shift: Option<f64>,
    pub shift_terminal: Option<f64>,
    pub invert_sigmas: Option<bool>,
    pub stochastic_sampling: Option<bool>,
    pub use_dynamic_shifting: Option<bool>,
    // Used by dynamic shifting.
    pub time_shift_type: Option<IgnoredAny>,
    pub base_shift: Option<IgnoredAny>,
    pub max_shift: Option<IgnoredAny>,
    pub base_image_seq_len: Option<IgnoredAny>,
    pub max_image_seq_len: Option<IgnoredAny>,
}

impl Options {
    pub fn read(json: &Map<String, Value>) -> Result<Self> {
        // In Python, `null` selects the default.
        let is_option =
            |(key, value): &(&String, &Value)| !key.starts_with('_') && !value.is_null();
        let options = json.iter().filter(is_option);
        let options: Map<_, _> = options
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in &options {
            if let Some(number) = json::number(value)
                && !INFINITE.contains(&(key.as_str(), number))
            {
                return Err(Error::invalid(key, "a finite number", number));
            }
        }
        let options: Self = serde_json::from_value(Value::Object(options))
            .map_err(|error| Error::malformed("scheduler_config.json", json::message(&error)))?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        for (name, value, range) in self.numbers() {
            // Options that may be infinite were checked when they were read.
            let is_right = |value: &f64| range.contains(value) || value.is_infinite();
            if let Some(value) = value.filter(|value| !is_right(value)) {
                let expected = format!("between {:?} and {:?}", range.start(), range.end());
                return Err(Error::invalid(name, expected, value));
            }
        }
        for (name, value, range) in [
            (
                "num_train_timesteps",
                self.num_train_timesteps,
                1..=MAX_TIMESTEPS,
            ),
            ("steps_offset", self.steps_offset, 0..=self.timesteps()),
            ("solver_order", self.solver_order, 1..=MAX_SOLVER_ORDER),
            ("correct_steps", self.correct_steps, 0..=MAX_CORRECT_STEPS),
        ] {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                let expected = format!("between {} and {}", range.start(), range.end());
                return Err(Error::invalid(name, expected, value));
            }
        }
        for (name, value) in [
            ("use_dynamic_shifting", self.use_dynamic_shifting),
            ("invert_sigmas", self.invert_sigmas),
        ] {
            if value == Some(true) {
                return Err(Error::unsupported(name, true, "false"));
            }
        }
        match self.solver_p {
            Some(_) => Err(Error::unsupported("solver_p", "a scheduler", "null")),
            None => Ok(()),
        }
    }

    /// The numeric options and their ranges, which are wider than those of published checkpoints. Outside them noise
    /// levels overflow `f32`, or become equal.
    fn numbers(&self) -> [(&'static str, Option<f64>, RangeInclusive<f64>); 18] {
        let scale = MIN_SCALE..=MAX_SCALE;
        [
            ("beta_start", self.beta_start, 1e-12..=0.9999),
            ("beta_end", self.beta_end, 1e-12..=0.9999),
            ("beta_min", self.beta_min, MIN_SCALE..=MAX_SDE_BETA),
            ("beta_max", self.beta_max, MIN_SCALE..=MAX_SDE_BETA),
            ("sigma_min", self.sigma_min, scale.clone()),
            ("sigma_max", self.sigma_max, scale.clone()),
            ("sigma_data", self.sigma_data, scale.clone()),
            ("clip_sample_range", self.clip_sample_range, scale.clone()),
            ("sample_max_value", self.sample_max_value, scale),
            (
                "dynamic_thresholding_ratio",
                self.dynamic_thresholding_ratio,
                0.0..=1.0,
            ),
            ("rho", self.rho, 0.1..=1000.0),
            ("sampling_eps", self.sampling_eps, 1e-9..=0.999),
            ("shift", self.shift, 0.01..=100.0),
            ("flow_shift", self.flow_shift, 0.01..=100.0),
            ("shift_terminal", self.shift_terminal, 1e-6..=0.999),
            ("snr", self.snr, 1e-6..=100.0),
            ("s_noise", self.s_noise, 0.0..=100.0),
            ("eta", self.eta, 0.0..=1.0),
        ]
    }

    /// Returns an error where the option is none of the words.
    pub fn one_of(&self, name: &str, value: &Option<String>, words: &[&str]) -> Result<()> {
        match value {
            Some(word) if !words.contains(&word.as_str()) => {
                Err(Error::unsupported(name, word, words.join(", ")))
            }
            _ => Ok(()),
        }
    }
}
