//! `scheduler_config.json`: the noise schedule and the sampler of a checkpoint.

mod class;
mod continuous;
mod discrete;
mod flow_times;
mod model;
mod named;
mod options;
mod spacing;
mod trajectory;

use serde_json::{Map, Value};

pub use class::SchedulerClass;
pub use named::MethodOptions;
pub use spacing::{FinalSigma, Spacing, SpacingOptions};

use self::options::Options;
use crate::diffusion::{NoiseSchedule, Prediction, Process};
use crate::sampler::{Clipping, MAX_STEPS, Method, ddpm, dpm_solver, pndm};
use crate::{Error, Result};

/// A parsed `scheduler_config.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    /// `_class_name`
    pub class: SchedulerClass,
    /// The forward process: `beta_schedule` and related options, or the process of the class.
    pub process: Process,
    /// `prediction_type`
    pub prediction: Prediction,
    /// `clip_sample`, `clip_sample_range`, `thresholding`, `dynamic_thresholding_ratio`, `sample_max_value`, where the
    /// class supports them
    pub clipping: Clipping,
    /// `variance_type`
    pub variance: ddpm::Variance,
    /// The method of the class, with its options.
    pub method: Method,
    options: Options,
}

impl SchedulerConfig {
    /// Parses the contents of a `scheduler_config.json`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] names an option with an unsupported value, [`Error::MalformedFile`] an unknown option,
    /// and [`Error::InvalidOption`] an option with an invalid value.
    pub fn from_json(json: &Map<String, Value>) -> Result<Self> {
        let name = json.get("_class_name").unwrap_or(&Value::Null);
        let class = name.as_str().and_then(SchedulerClass::named);
        let class =
            class.ok_or_else(|| Error::unsupported("scheduler", name, SchedulerClass::names()))?;
        Self::of_class(class, Options::read(json)?)
    }

    /// The configuration of a model with this schedule, which only samplers use.
    ///
    /// # Errors
    /// Those of [`from_json`](Self::from_json).
    pub(crate) fn of_schedule(schedule: &NoiseSchedule, prediction: Prediction) -> Result<Self> {
        Self::of_class(SchedulerClass::Ddim, Options::of(schedule, prediction))
    }

    /// The same options for another class, like diffusers' `from_config`: options that the class does not have are
    /// ignored, and missing ones have their defaults.
    fn of_class(class: SchedulerClass, options: Options) -> Result<Self> {
        let process = model::process(class, &options)?;
        let config = Self {
            class,
            prediction: model::prediction(class, &options)?,
            clipping: options.clipping(class),
            variance: options.variance()?,
            method: class.method(&options)?,
            process,
            options,
        };
        // Invalid options about levels are detected by building any trajectory.
        let own = config.method.clone();
        let config = config.running(own);
        let listed = config.options.trained_betas.is_some() && class == SchedulerClass::Ipndm;
        config.own_trajectory(if listed {
            config.default_steps()
        } else {
            config.default_steps().min(10)
        })?;
        Ok(config)
    }

    /// Default number of steps: that of diffusers' pipelines, or 50 for methods without a scheduler in diffusers; at
    /// most 10,000.
    pub fn default_steps(&self) -> usize {
        let steps = match (self.class, &self.process) {
            (SchedulerClass::Ipndm, _) => {
                let listed = self.options.trained_betas.as_ref();
                listed.map_or(50, |betas| betas.len().saturating_sub(1))
            }
            (SchedulerClass::ScoreSdeVe | SchedulerClass::ScoreSdeVp, _) => {
                self.options.num_train_timesteps.unwrap_or(2000)
            }
            (SchedulerClass::Consistency, _) => 1,
            (_, Process::Discrete(schedule)) => match self.method {
                Method::Ddpm(_) => schedule.len(),
                _ => schedule.len().min(50),
            },
            _ => 50,
        };
        steps.min(MAX_STEPS)
    }

    /// The requested number of steps, or the default.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the number of steps is given for the adaptive solver.
    pub fn steps(&self, asked: Option<usize>) -> Result<usize> {
        match (&self.method, asked) {
            (Method::DormandPrince(_), Some(steps)) => {
                let expected = "left out: the adaptive solver determines its steps";
                Err(Error::invalid("steps", expected, steps))
            }
            _ => Ok(asked.unwrap_or_else(|| self.default_steps())),
        }
    }

    /// The method of another class with the same options.
    ///
    /// # Errors
    /// Those of [`from_json`](Self::from_json) about the method's options.
    pub fn method_of(&self, class: SchedulerClass) -> Result<Method> {
        class.method(&self.options)
    }

    /// The configuration for running a method with this checkpoint. If diffusers has a scheduler for the method and the
    /// network was trained on discrete timesteps, it is the configuration of that scheduler.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the method does not support the network, or where the method's scheduler does not
    /// support `spacing`.
    pub fn with_method(&self, method: &Method, spacing: SpacingOptions) -> Result<Self> {
        let mut options = self.options.clone();
        let discrete = matches!(self.process, Process::Discrete(_));
        let class = match SchedulerClass::of(method) {
            Some(class) if discrete && class != self.class => class,
            _ => self.class,
        };
        let spacing = SpacingOptions {
            final_sigma: spacing
                .final_sigma
                .or_else(|| self.forced_final_sigma(method)),
            ..spacing
        };
        let is_own = SchedulerClass::of(method).is_some() || !discrete;
        spacing.set(class, is_own, &mut options)?;
        let config = Self::of_class(class, options)?;
        self.check_model(method)?;
        Ok(config.running(method.clone()))
    }

    /// The configuration with another method, adapted to the network's prediction.
    pub(crate) fn running(self, mut method: Method) -> Self {
        if let Method::Pndm(options) = &mut method {
            options.target = match self.prediction {
                Prediction::Velocity => pndm::Target::Velocity,
                _ => pndm::Target::Noise,
            };
        }
        Self { method, ..self }
    }

    /// Clipping to `clip_sample_range`, for schedulers that do not clip by default.
    pub fn range_clipping(&self) -> Clipping {
        Clipping::Range(self.options.clip_sample_range.unwrap_or(1.0))
    }

    /// Noise-predicting DPM-Solver cannot end at zero noise, so its default end differs.
    fn forced_final_sigma(&self, method: &Method) -> Option<FinalSigma> {
        match method {
            Method::DpmSolver(options) if options.target == dpm_solver::Target::Noise => {
                Some(FinalSigma::SigmaMin)
            }
            _ => None,
        }
    }

    fn check_model(&self, method: &Method) -> Result<()> {
        let consistency_model = matches!(self.process, Process::Consistency { .. });
        let consistency_method = matches!(method, Method::Consistency(_));
        let expected = match (consistency_model, consistency_method) {
            (true, false) => "consistency, the only one for a consistency model",
            (false, true) if !matches!(self.process, Process::FlowMatching { .. }) => {
                "one for diffusion models, such as ddim (consistency only supports consistency models)"
            }
            _ => return Ok(()),
        };
        Err(Error::invalid("sampler", expected, method.name()))
    }
}
