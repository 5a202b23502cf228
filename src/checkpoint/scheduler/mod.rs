//! `scheduler_config.json`: the noise schedule and the sampler of a checkpoint.

mod class;
mod continuous;
mod discrete;
mod flow_times;
mod model;
mod named;
mod options;
mod spacing;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use class::SchedulerClass;
pub use named::MethodOptions;
pub use spacing::{FinalSigma, Spacing, SpacingOptions};

use self::discrete::Discrete;
use self::options::Options;
use crate::diffusion::{Prediction, Process, Sde};
use crate::sampler::{Clipping, MAX_STEPS, Method, Trajectory, ddpm, dpm_solver, pndm};
use crate::{Error, Result};

/// Fraction of the variance at the noisiest level that may be signal. Stable Diffusion's schedule has half of it, and
/// is near the limit.
const MAX_TERMINAL_SIGNAL: f64 = 0.01;
/// The last beta of DDPM's linear schedule (0.02) times its 1000 timesteps, for schedules of any length.
const DDPM_BETAS: f64 = 20.0;

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
    json: Map<String, Value>,
}

impl SchedulerConfig {
    /// Parses the contents of a `scheduler_config.json`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] names an option with an unsupported value, [`Error::MalformedFile`] an unknown option,
    /// and [`Error::InvalidOption`] an option with an invalid value.
    pub fn from_json(json: &Map<String, Value>) -> Result<Self> {
        let class = json.get("_class_name").unwrap_or(&Value::Null);
        let class = SchedulerClass::deserialize(class)
            .map_err(|_| Error::unsupported("scheduler", class, class::NAMES))?;
        Self::of_class(class, json.clone())
    }

    /// Parses the same options for another class, like diffusers' `from_config`: unknown options are ignored, and
    /// missing ones have their defaults.
    fn of_class(class: SchedulerClass, json: Map<String, Value>) -> Result<Self> {
        let options = Options::read(&json)?;
        let process = model::process(class, &options)?;
        let config = Self {
            class,
            prediction: model::prediction(class, &options)?,
            clipping: options.clipping(class),
            variance: options.variance()?,
            method: class.method(&options)?,
            process,
            options,
            json,
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
                Method::Ddpm { .. } => schedule.len(),
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
                let expected = "left out: the solver chooses its steps by their error";
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
        let mut json = self.json.clone();
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
        spacing.write(
            class,
            SchedulerClass::of(method).is_some() || !discrete,
            &mut json,
        )?;
        let config = Self::of_class(class, json)?;
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
                "one that runs diffusion models, such as ddim (consistency runs consistency models alone)"
            }
            _ => return Ok(()),
        };
        Err(Error::invalid("sampler", expected, method.name()))
    }

    /// The trajectory of a run with `steps` steps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of steps that the schedule does not support, and [`Error::Unsupported`]
    /// for noise prediction with a first level of pure noise.
    pub fn trajectory(&self, steps: usize) -> Result<Trajectory> {
        check_steps(steps)?;
        let trajectory = match (&self.process, SchedulerClass::of(&self.method)) {
            (Process::Discrete(_), None) => self.trained_trajectory(steps)?,
            _ => self.own_trajectory(steps)?,
        };
        let starts_without_signal = trajectory.start().is_some_and(|level| level.alpha == 0.0);
        if self.prediction == Prediction::Noise && starts_without_signal {
            let supported = "sample, v_prediction (the first level has no signal)";
            return Err(Error::unsupported("prediction_type", "epsilon", supported));
        }
        Ok(trajectory)
    }

    /// Largest and smallest noise-to-signal ratio `sigma/alpha` in training; the largest may be infinite.
    ///
    /// # Errors
    /// Those of [`trajectory`](Self::trajectory).
    pub fn noise_range(&self) -> Result<[f64; 2]> {
        if let Process::Discrete(schedule) = &self.process {
            let last = (schedule.len() - 1) as f64;
            return Ok([last, 0.0].map(|time| schedule.noise_to_signal_at_time(time)));
        }
        let ratios: Vec<f64> = self
            .own_trajectory(self.default_steps())?
            .steps
            .iter()
            .map(|step| step.from.noise_to_signal())
            .collect();
        Ok([ratios[0], ratios[ratios.len() - 1]])
    }

    /// Warnings about options that are valid but incompatible, as sentences: a noisiest level with so much signal that
    /// pure noise is not a valid start (Lin et al. 2024, section 3.1).
    pub fn warnings(&self) -> Vec<String> {
        let Ok([most, _]) = self.noise_range() else {
            return Vec::new();
        };
        let signal = 1.0 / (1.0 + most * most);
        if signal <= MAX_TERMINAL_SIGNAL {
            return Vec::new();
        }
        let (level, remedy) = match &self.process {
            Process::Discrete(schedule) => {
                let (count, last) = (schedule.len(), DDPM_BETAS / schedule.len() as f64);
                let remedy = if last < 1.0 {
                    format!("more timesteps, a larger last beta ({last:.2} for {count} timesteps)")
                } else {
                    "more timesteps".to_owned()
                };
                (
                    format!("The last of the {count} timesteps"),
                    remedy + " or the cosine schedule",
                )
            }
            _ => (
                "The noisiest level".to_owned(),
                "more noise at its end".to_owned(),
            ),
        };
        let part = 100.0 * signal;
        vec![format!(
            "{level} still holds {part:.1} % signal (alpha²), but sampling begins with pure noise, which the network is not trained on: take {remedy}."
        )]
    }

    fn discrete(&self) -> Option<Discrete<'_>> {
        let schedule = self.process.schedule()?;
        Some(Discrete {
            class: self.class,
            options: &self.options,
            schedule,
        })
    }

    /// The trajectory through the checkpoint's timesteps; for the adaptive solver, the whole range.
    fn trained_trajectory(&self, steps: usize) -> Result<Trajectory> {
        let Some(discrete) = self.discrete() else {
            return self.own_trajectory(steps);
        };
        match self.method {
            Method::DormandPrince(_) => discrete.trained(discrete.schedule.len()),
            _ => discrete.trained(steps),
        }
    }

    /// The trajectory by the rules of the class.
    fn own_trajectory(&self, steps: usize) -> Result<Trajectory> {
        check_steps(steps)?;
        let (options, process) = (&self.options, &self.process);
        match self.process {
            Process::Discrete(_) => match self.discrete() {
                Some(discrete) => discrete.trajectory(steps),
                None => unreachable!("the process is discrete"),
            },
            Process::Sde(Sde::VarianceExploding { .. }) => {
                continuous::variance_exploding(options, process, steps)
            }
            Process::Sde(sde) => Ok(continuous::variance_preserving(
                options, process, sde, steps,
            )),
            Process::Edm { .. } => continuous::edm(options, process, steps),
            Process::Consistency { .. } => continuous::consistency(options, process, steps),
            Process::FlowMatching { .. } => {
                continuous::flow_matching(self.class, options, process, steps)
            }
            Process::Angular => continuous::angular(options, process, steps),
        }
    }
}

fn check_steps(steps: usize) -> Result<()> {
    if (1..=MAX_STEPS).contains(&steps) {
        return Ok(());
    }
    let expected = format!("between 1 and {MAX_STEPS}");
    Err(Error::invalid("steps", expected, steps))
}
