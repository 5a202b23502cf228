//! The keys of a `scheduler_config.json`.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use super::{FinalSigma, SchedulerClass, Spacing};
use crate::diffusion::{Betas, NoiseSchedule, Prediction, SigmaSpacing, TimestepSpacing};
use crate::sampler::{Clipping, ddpm};
use crate::{Error, Result};

/// The options of all schedulers together, as they are written; which of them act, and what a missing one means, depends on the class.
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
    /// What `prediction_type` was before it had a name: false means `"sample"`.
    pub predict_epsilon: Option<bool>,
    /// Says which array library the first versions of diffusers used.
    pub tensor_format: Option<IgnoredAny>,
    pub clip_sample: Option<bool>,
    pub clip_sample_range: Option<f64>,
    pub clip_denoised: Option<bool>,
    pub thresholding: Option<bool>,
    pub dynamic_thresholding_ratio: Option<f64>,
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
    // What dynamic shifting would read.
    pub time_shift_type: Option<IgnoredAny>,
    pub base_shift: Option<IgnoredAny>,
    pub max_shift: Option<IgnoredAny>,
    pub base_image_seq_len: Option<IgnoredAny>,
    pub max_image_seq_len: Option<IgnoredAny>,
}

impl Options {
    pub fn read(json: &Map<String, Value>) -> Result<Self> {
        // `null` is how Python says that an option is left at its default.
        let is_option =
            |(key, value): &(&String, &Value)| !key.starts_with('_') && !value.is_null();
        let options = json.iter().filter(is_option);
        let options: Map<_, _> = options
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let options: Self = serde_json::from_value(Value::Object(options))
            .map_err(|error| Error::malformed("scheduler_config.json", error))?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [
            ("clip_sample_range", self.clip_sample_range),
            ("sigma_min", self.sigma_min),
            ("sigma_max", self.sigma_max),
            ("sigma_data", self.sigma_data),
            ("rho", self.rho),
            ("sampling_eps", self.sampling_eps),
            ("shift", self.shift),
            ("flow_shift", self.flow_shift),
            ("beta_max", self.beta_max),
        ] {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
                return Err(Error::invalid(name, "a positive number", value));
            }
        }
        if self.thresholding == Some(true) {
            let ratio = self.dynamic_thresholding_ratio.unwrap_or(0.995);
            if !(0.0..=1.0).contains(&ratio) {
                let name = "dynamic_thresholding_ratio";
                return Err(Error::invalid(name, "between 0 and 1", ratio));
            }
            let most = self.sample_max_value.unwrap_or(1.0);
            if !(most.is_finite() && most > 0.0) {
                return Err(Error::invalid(
                    "sample_max_value",
                    "a positive number",
                    most,
                ));
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

    /// An error where an option is none of the words.
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

    /// The discrete schedule. Of the classes that know `rescale_betas_zero_snr` some keep a trace of signal where it leaves none.
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

    /// As in diffusers, thresholding takes the place of clipping where both are asked for.
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
                max: self.sample_max_value.unwrap_or(1.0),
            },
            (false, true) if class == Consistency => Clipping::Range(1.0),
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

    /// The spacing of noise levels that takes the place of that of timesteps, of those that the class knows.
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

    /// Whether the last step ends at the least noise of the schedule in place of none.
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
