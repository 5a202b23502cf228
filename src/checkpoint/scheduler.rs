//! `scheduler_config.json`: the noise schedule and the sampler that a checkpoint asks for.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::diffusion::{Betas, NoiseLevel, NoiseSchedule, Prediction, TimestepSpacing};
use crate::sampler::{Clipping, Interval, Method, ddpm};
use crate::{Error, Result};

/// Which of diffusers' schedulers a configuration belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SchedulerClass {
    /// Ancestral sampling.
    #[serde(rename = "DDPMScheduler")]
    Ddpm,
    /// Denoising diffusion implicit models.
    #[serde(rename = "DDIMScheduler")]
    Ddim,
}

/// What a `scheduler_config.json` says, with every option understood.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    /// `_class_name`
    pub class: SchedulerClass,
    /// `beta_schedule`, `beta_start`, `beta_end`, `trained_betas`, `num_train_timesteps`, `rescale_betas_zero_snr`
    pub schedule: NoiseSchedule,
    /// `prediction_type`
    pub prediction: Prediction,
    /// `clip_sample`, `clip_sample_range`, `thresholding`, `dynamic_thresholding_ratio`, `sample_max_value`
    pub clipping: Clipping,
    /// `variance_type`
    pub variance: ddpm::Variance,
    /// `timestep_spacing`
    pub spacing: TimestepSpacing,
    /// `steps_offset`
    pub steps_offset: usize,
    /// The level that DDIM ends at: clean, or that of timestep 0 where `set_alpha_to_one` is false.
    pub final_level: NoiseLevel,
}

/// The file as it is written; a missing key takes the default of diffusers' classes.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    num_train_timesteps: usize,
    beta_start: f64,
    beta_end: f64,
    beta_schedule: String,
    trained_betas: Option<Vec<f64>>,
    rescale_betas_zero_snr: bool,
    prediction_type: String,
    /// What `prediction_type` was before it had a name: false means `"sample"`.
    predict_epsilon: Option<bool>,
    /// Says which array library the first versions of diffusers used.
    #[serde(rename = "tensor_format")]
    _tensor_format: IgnoredAny,
    clip_sample: bool,
    clip_sample_range: f64,
    thresholding: bool,
    dynamic_thresholding_ratio: f64,
    sample_max_value: f64,
    variance_type: String,
    timestep_spacing: String,
    steps_offset: usize,
    set_alpha_to_one: bool,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            num_train_timesteps: 1000,
            beta_start: 1e-4,
            beta_end: 0.02,
            beta_schedule: "linear".into(),
            trained_betas: None,
            rescale_betas_zero_snr: false,
            prediction_type: "epsilon".into(),
            predict_epsilon: None,
            _tensor_format: IgnoredAny,
            clip_sample: true,
            clip_sample_range: 1.0,
            thresholding: false,
            dynamic_thresholding_ratio: 0.995,
            sample_max_value: 1.0,
            variance_type: "fixed_small".into(),
            timestep_spacing: "leading".into(),
            steps_offset: 0,
            set_alpha_to_one: true,
        }
    }
}

impl SchedulerConfig {
    /// Reads the contents of a `scheduler_config.json`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] names the option whose value this crate does not know, [`Error::MalformedFile`] an unknown
    /// option, and [`Error::InvalidOption`] the one whose value makes no sense.
    pub fn from_json(json: &Map<String, Value>) -> Result<Self> {
        let class = json.get("_class_name").unwrap_or(&Value::Null);
        let class = SchedulerClass::deserialize(class)
            .map_err(|_| Error::unsupported("scheduler", class, "DDPMScheduler, DDIMScheduler"))?;
        // `null` is how Python says that an option is left at its default.
        let is_option =
            |(key, value): &(&String, &Value)| !key.starts_with('_') && !value.is_null();
        let options = json.iter().filter(is_option);
        let options: Map<_, _> = options
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let raw: Raw = serde_json::from_value(Value::Object(options))
            .map_err(|error| Error::malformed("scheduler_config.json", error))?;
        raw.check()?;
        let schedule = raw.schedule()?;
        Ok(Self {
            class,
            prediction: raw.prediction()?,
            clipping: raw.clipping(),
            variance: raw.variance()?,
            spacing: raw.spacing()?,
            steps_offset: raw.steps_offset,
            final_level: match (raw.set_alpha_to_one, schedule.level(0)) {
                (false, Some(first)) => first,
                _ => NoiseLevel::CLEAN,
            },
            schedule,
        })
    }
}

impl SchedulerConfig {
    /// The steps of a method over `steps` timesteps, from the noisiest level to the last.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of steps that the schedule does not have, and
    /// [`Error::Unsupported`] where the network predicts noise but the first level is nothing but noise.
    pub fn intervals(&self, method: Method, steps: usize) -> Result<Vec<Interval>> {
        let (schedule, total) = (&self.schedule, self.schedule.len());
        let timesteps = self.spacing.timesteps(total, steps, self.steps_offset)?;
        let intervals = match method {
            Method::Ddpm { .. } => Interval::between(schedule, &timesteps, NoiseLevel::CLEAN),
            Method::Ddim { .. } => {
                Interval::strided(schedule, &timesteps, total / steps, self.final_level)
            }
            Method::ProbabilityFlow { .. } => {
                Interval::between(schedule, &timesteps, self.final_level)
            }
        };
        if self.prediction == Prediction::Noise && intervals[0].from.alpha == 0.0 {
            let supported = "sample, v_prediction (the first level has no signal)";
            return Err(Error::unsupported("prediction_type", "epsilon", supported));
        }
        Ok(intervals)
    }
}

impl Raw {
    fn check(&self) -> Result<()> {
        let positive = |name: &str, value: f64| match value.is_finite() && value > 0.0 {
            true => Ok(()),
            false => Err(Error::invalid(name, "a positive number", value)),
        };
        positive("clip_sample_range", self.clip_sample_range)?;
        if self.thresholding {
            let ratio = self.dynamic_thresholding_ratio;
            if !(0.0..=1.0).contains(&ratio) {
                return Err(Error::invalid(
                    "dynamic_thresholding_ratio",
                    "between 0 and 1",
                    ratio,
                ));
            }
            positive("sample_max_value", self.sample_max_value)?;
        }
        Ok(())
    }

    fn schedule(&self) -> Result<NoiseSchedule> {
        let (start, end) = (self.beta_start, self.beta_end);
        let betas = match (&self.trained_betas, self.beta_schedule.as_str()) {
            (Some(betas), _) => Betas::Trained(betas.clone()),
            (None, "constant") => Betas::Constant { beta: end },
            (None, "linear") => Betas::Linear { start, end },
            (None, "scaled_linear") => Betas::ScaledLinear { start, end },
            (None, "squaredcos_cap_v2") => Betas::Cosine,
            (None, "sigmoid") => Betas::Sigmoid { start, end },
            (None, other) => {
                let supported = "constant, linear, scaled_linear, squaredcos_cap_v2, sigmoid";
                return Err(Error::unsupported("beta_schedule", other, supported));
            }
        };
        let schedule = NoiseSchedule::new(&betas, self.num_train_timesteps)?;
        Ok(match self.rescale_betas_zero_snr {
            true => schedule.with_zero_terminal_snr(),
            false => schedule,
        })
    }

    fn prediction(&self) -> Result<Prediction> {
        match self.prediction_type.as_str() {
            "epsilon" if self.predict_epsilon == Some(false) => Ok(Prediction::Clean),
            "epsilon" => Ok(Prediction::Noise),
            "sample" => Ok(Prediction::Clean),
            "v_prediction" => Ok(Prediction::Velocity),
            other => {
                let supported = "epsilon, sample, v_prediction";
                Err(Error::unsupported("prediction_type", other, supported))
            }
        }
    }

    /// As in diffusers, thresholding takes the place of clipping where both are asked for.
    fn clipping(&self) -> Clipping {
        match (self.thresholding, self.clip_sample) {
            (true, _) => Clipping::Dynamic {
                quantile: self.dynamic_thresholding_ratio,
                max: self.sample_max_value,
            },
            (false, true) => Clipping::Range(self.clip_sample_range),
            (false, false) => Clipping::None,
        }
    }

    fn variance(&self) -> Result<ddpm::Variance> {
        match self.variance_type.as_str() {
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

    fn spacing(&self) -> Result<TimestepSpacing> {
        match self.timestep_spacing.as_str() {
            "leading" => Ok(TimestepSpacing::Leading),
            "linspace" => Ok(TimestepSpacing::Linspace),
            "trailing" => Ok(TimestepSpacing::Trailing),
            other => {
                let supported = "leading, linspace, trailing";
                Err(Error::unsupported("timestep_spacing", other, supported))
            }
        }
    }
}
