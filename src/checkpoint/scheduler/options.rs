//! Options of `scheduler_config.json`.

use std::ops::RangeInclusive;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use super::{FinalSigma, SchedulerClass, Spacing};
use crate::diffusion::{
    Betas, MAX_TIMESTEPS, NoiseSchedule, Prediction, SigmaSpacing, TimestepSpacing,
};
use crate::sampler::{Clipping, ddpm};
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
    fn numbers(&self) -> [(&'static str, Option<f64>, RangeInclusive<f64>); 17] {
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

    pub fn timesteps(&self) -> usize {
        self.num_train_timesteps.unwrap_or(1000)
    }

    /// The discrete schedule. Some of the classes that support `rescale_betas_zero_snr` keep a little signal at the
    /// last timestep.
    pub fn schedule(&self, class: SchedulerClass) -> Result<NoiseSchedule> {
        use SchedulerClass::{
            Ddim, Ddpm, DpmSolverMultistep, Euler, EulerAncestral, Heun, Kdpm2, Kdpm2Ancestral,
            UniPc,
        };
        let (start, end) = match class {
            Heun | Kdpm2 | Kdpm2Ancestral => (0.00085, 0.012),
            _ => (1e-4, 0.02),
        };
        let (start, end) = (
            self.beta_start.unwrap_or(start),
            self.beta_end.unwrap_or(end),
        );
        let name = self.beta_schedule.as_deref().unwrap_or("linear");
        let betas = match (&self.trained_betas, name) {
            (Some(betas), _) => Betas::Trained(betas.clone()),
            (None, "constant") => Betas::Constant { beta: end },
            (None, "linear") => Betas::Linear { start, end },
            (None, "scaled_linear") => Betas::ScaledLinear { start, end },
            (None, "squaredcos_cap_v2") => Betas::Cosine,
            (None, "exp") => Betas::Exponential,
            (None, "sigmoid") => Betas::Sigmoid { start, end },
            (None, other) => {
                let supported = "constant, linear, scaled_linear, squaredcos_cap_v2, exp, sigmoid";
                return Err(Error::unsupported("beta_schedule", other, supported));
            }
        };
        let schedule = NoiseSchedule::new(&betas, self.timesteps())?;
        Ok(match (self.rescale_betas_zero_snr, class) {
            (Some(true), Ddpm | Ddim) => schedule.with_zero_terminal_snr(),
            (Some(true), DpmSolverMultistep | Euler | EulerAncestral | UniPc) => schedule
                .with_zero_terminal_snr()
                .with_last_alpha_bar(2f64.powi(-24)),
            _ => schedule,
        })
    }

    pub fn prediction(&self) -> Result<Prediction> {
        match self.prediction_type.as_deref().unwrap_or("epsilon") {
            "epsilon" if self.predict_epsilon == Some(false) => Ok(Prediction::Clean),
            "epsilon" => Ok(Prediction::Noise),
            "sample" => Ok(Prediction::Clean),
            "v_prediction" => Ok(Prediction::Velocity),
            "flow_prediction" => Ok(Prediction::FlowVelocity),
            other => {
                let supported = "epsilon, sample, v_prediction, flow_prediction";
                Err(Error::unsupported("prediction_type", other, supported))
            }
        }
    }

    /// As in diffusers, thresholding replaces clipping where both are set.
    pub fn clipping(&self, class: SchedulerClass) -> Clipping {
        use SchedulerClass::{
            Consistency, Ddim, Ddpm, Deis, DpmSolverMultistep, DpmSolverSinglestep, EdmDpmSolver,
            Heun, UniPc,
        };
        let range = self.clip_sample_range.unwrap_or(1.0);
        let clips = match class {
            Ddpm | Ddim => self.clip_sample.unwrap_or(true),
            Heun => self.clip_sample.unwrap_or(false),
            Consistency => self.clip_denoised.unwrap_or(true),
            _ => false,
        };
        let thresholds = match class {
            Ddpm | Ddim | DpmSolverMultistep | DpmSolverSinglestep | UniPc | Deis
            | EdmDpmSolver => self.thresholding.unwrap_or(false),
            _ => false,
        };
        match (thresholds, clips) {
            (true, _) => Clipping::Dynamic {
                quantile: self.dynamic_thresholding_ratio.unwrap_or(0.995),
                max: self.sample_max_value.unwrap_or(1.0).min(f32::MAX.into()),
            },
            (false, true) if class == Consistency => Clipping::Range(1.0),
            (false, true) if range.is_infinite() => Clipping::None,
            (false, true) => Clipping::Range(range),
            (false, false) => Clipping::None,
        }
    }

    pub fn variance(&self) -> Result<ddpm::Variance> {
        match self.variance_type.as_deref().unwrap_or("fixed_small") {
            "fixed_small" | "fixed_small_log" => Ok(ddpm::Variance::FixedSmall),
            "fixed_large" | "fixed_large_log" => Ok(ddpm::Variance::FixedLarge),
            "learned" => Ok(ddpm::Variance::Learned),
            "learned_range" => Ok(ddpm::Variance::LearnedRange),
            other => {
                let supported = "fixed_small, fixed_small_log, fixed_large, fixed_large_log, learned, learned_range";
                Err(Error::unsupported("variance_type", other, supported))
            }
        }
    }

    pub fn spacing(&self, class: SchedulerClass) -> Result<TimestepSpacing> {
        use SchedulerClass::{Ddim, Ddpm, Pndm};
        let default = match class {
            Ddpm | Ddim | Pndm => "leading",
            _ => "linspace",
        };
        match self.timestep_spacing.as_deref().unwrap_or(default) {
            "leading" => Ok(TimestepSpacing::Leading),
            "linspace" => Ok(TimestepSpacing::Linspace),
            "trailing" => Ok(TimestepSpacing::Trailing),
            other => {
                let supported = "leading, linspace, trailing";
                Err(Error::unsupported("timestep_spacing", other, supported))
            }
        }
    }

    /// The spacing of noise levels that replaces the spacing of timesteps, if the class supports it.
    pub fn sigma_spacing(&self, class: SchedulerClass) -> Result<Option<SigmaSpacing>> {
        let asked = [
            (self.use_karras_sigmas, SigmaSpacing::Karras { rho: 7.0 }),
            (self.use_lu_lambdas, SigmaSpacing::LuLambdas),
            (self.use_exponential_sigmas, SigmaSpacing::Exponential),
            (self.use_beta_sigmas, SigmaSpacing::Beta),
        ];
        let asked: Vec<SigmaSpacing> = asked
            .into_iter()
            .filter_map(|(flag, spacing)| (flag == Some(true)).then_some(spacing))
            .filter(|spacing| Spacing::Sigmas(*spacing).is_known_to(class))
            .collect();
        match asked[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => {
                let name =
                    "use_karras_sigmas, use_exponential_sigmas, use_beta_sigmas, use_lu_lambdas";
                Err(Error::invalid(name, "true for one of them at most", asked))
            }
        }
    }

    /// Whether the last step ends at the smallest noise of the schedule instead of zero.
    pub fn final_sigma(&self, default: FinalSigma) -> Result<FinalSigma> {
        match self.final_sigmas_type.as_deref() {
            None => Ok(default),
            Some("zero") => Ok(FinalSigma::Zero),
            Some("sigma_min") => Ok(FinalSigma::SigmaMin),
            Some(other) => Err(Error::unsupported(
                "final_sigmas_type",
                other,
                "zero, sigma_min",
            )),
        }
    }
}
