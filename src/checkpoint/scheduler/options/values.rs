//! The values of options, by the rules of a scheduler's class.

use super::Options;
use crate::checkpoint::scheduler::{FinalSigma, SchedulerClass, Spacing};
use crate::diffusion::{Betas, NoiseSchedule, Prediction, SigmaSpacing, TimestepSpacing};
use crate::sampler::{Clipping, ddpm};
use crate::{Error, Result};

impl Options {
    /// The options of a network trained on this schedule, as a list of betas. Trailing spacing starts at pure noise for
    /// any number of steps (Lin et al. 2024).
    pub fn of(schedule: &NoiseSchedule, prediction: Prediction) -> Self {
        let before = [1.0].iter().chain(schedule.alpha_bars());
        let both = schedule.alpha_bars().iter().zip(before);
        let betas: Vec<f64> = both.map(|(after, before)| 1.0 - after / before).collect();
        let prediction = match prediction {
            Prediction::Clean => "sample",
            Prediction::Velocity => "v_prediction",
            Prediction::FlowVelocity => "flow_prediction",
            // A score is a scaled noise; samplers use neither directly.
            _ => "epsilon",
        };
        Self {
            num_train_timesteps: Some(betas.len()),
            trained_betas: Some(betas),
            prediction_type: Some(prediction.to_owned()),
            clip_sample: Some(false),
            timestep_spacing: Some("trailing".to_owned()),
            ..Self::default()
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
            Heun, RePaint, UniPc,
        };
        let range = self.clip_sample_range.unwrap_or(1.0);
        let clips = match class {
            Ddpm | Ddim | RePaint => self.clip_sample.unwrap_or(true),
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
        use SchedulerClass::{Ddim, Ddpm, Pndm, RePaint};
        let default = match class {
            Ddpm | Ddim | Pndm | RePaint => "leading",
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
                Err(Error::invalid(name, "true for at most one of them", asked))
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
