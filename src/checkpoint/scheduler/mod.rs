//! `scheduler_config.json`: the noise schedule and the sampler that a checkpoint asks for.

mod class;
mod continuous;
mod discrete;
mod options;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use class::SchedulerClass;
pub use options::FinalSigma;

use self::discrete::Discrete;
use self::options::Options;
use crate::diffusion::{Prediction, Process, Sde, SigmaSpacing, TimestepSpacing};
use crate::sampler::{Clipping, Method, Route, ddpm, dpm_solver, pndm};
use crate::{Error, Result};

/// What a `scheduler_config.json` says, with every option understood.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    /// `_class_name`
    pub class: SchedulerClass,
    /// The forward process: `beta_schedule` and its kin, or the class' own.
    pub process: Process,
    /// `prediction_type`
    pub prediction: Prediction,
    /// `clip_sample`, `clip_sample_range`, `thresholding`, `dynamic_thresholding_ratio`, `sample_max_value`, as far as the class knows them
    pub clipping: Clipping,
    /// `variance_type`
    pub variance: ddpm::Variance,
    /// The class' method, with its options.
    pub method: Method,
    options: Options,
    json: Map<String, Value>,
}

/// A caller's choices about the noise levels of a run; what is not chosen is the scheduler's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Grid {
    /// How the levels are spread.
    pub spacing: Option<Spacing>,
    /// What noise is left at the end.
    pub final_sigma: Option<FinalSigma>,
}

/// How the noise levels of a run are spread: by their timesteps, or by their noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spacing {
    /// `timestep_spacing`
    Timesteps(TimestepSpacing),
    /// `use_karras_sigmas` and its kin
    Sigmas(SigmaSpacing),
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
            .map_err(|_| Error::unsupported("scheduler", class, class::NAMES))?;
        Self::of_class(class, json.clone())
    }

    /// The same options read by another class, as `from_config` of diffusers does: what it does not know is ignored, and what is not said has
    /// its defaults.
    fn of_class(class: SchedulerClass, json: Map<String, Value>) -> Result<Self> {
        let options = Options::read(&json)?;
        let process = process(class, &options)?;
        let config = Self {
            class,
            prediction: prediction(class, &options)?,
            clipping: options.clipping(class),
            variance: options.variance()?,
            method: class.method(&options)?,
            process,
            options,
            json,
        };
        // What is wrong with the options about levels shows in any route.
        let own = config.method.clone();
        let config = config.running(own);
        let listed = config.options.trained_betas.is_some() && class == SchedulerClass::Ipndm;
        config.own_route(if listed {
            config.default_steps()
        } else {
            config.default_steps().min(10)
        })?;
        Ok(config)
    }

    /// Steps where none are asked for: as many as diffusers' pipelines take.
    pub fn default_steps(&self) -> usize {
        match (self.class, &self.process) {
            (SchedulerClass::Ipndm, _) => {
                let listed = self.options.trained_betas.as_ref();
                listed.map_or(50, |betas| betas.len().saturating_sub(1))
            }
            (SchedulerClass::Ddpm, Process::Discrete(schedule)) => schedule.len(),
            (SchedulerClass::ScoreSdeVe | SchedulerClass::ScoreSdeVp, _) => {
                self.options.num_train_timesteps.unwrap_or(2000)
            }
            (SchedulerClass::Consistency, _) => 1,
            (_, Process::Discrete(schedule)) => schedule.len().min(50),
            _ => 50,
        }
    }

    /// The steps that a caller asked for, or the default ones.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the adaptive solver is told how many.
    pub fn steps(&self, asked: Option<usize>) -> Result<usize> {
        match (&self.method, asked) {
            (Method::DormandPrince(_), Some(steps)) => {
                let expected = "left out: the solver chooses its steps by their error";
                Err(Error::invalid("steps", expected, steps))
            }
            _ => Ok(asked.unwrap_or_else(|| self.default_steps())),
        }
    }

    /// The method that another class makes of the same options.
    ///
    /// # Errors
    /// Those of [`from_json`](Self::from_json) about the method's options.
    pub fn method_of(&self, class: SchedulerClass) -> Result<Method> {
        class.method(&self.options)
    }

    /// The configuration by which a method runs from this checkpoint: that of the method's own scheduler where diffusers has one and
    /// the network was trained on discrete timesteps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the method and the network do not go together, or where the method's scheduler does not know what
    /// `grid` asks for.
    pub fn with_method(&self, method: &Method, grid: Grid) -> Result<Self> {
        let mut json = self.json.clone();
        let discrete = matches!(self.process, Process::Discrete(_));
        let class = match SchedulerClass::of(method) {
            Some(class) if discrete && class != self.class => class,
            _ => self.class,
        };
        let grid = Grid {
            final_sigma: grid.final_sigma.or_else(|| self.forced_final_sigma(method)),
            ..grid
        };
        grid.write(
            class,
            SchedulerClass::of(method).is_some() || !discrete,
            &mut json,
        )?;
        let config = Self::of_class(class, json)?;
        self.check_model(method)?;
        Ok(config.running(method.clone()))
    }

    /// The configuration with another method, which is told what the network predicts.
    fn running(self, mut method: Method) -> Self {
        if let Method::Pndm(options) = &mut method {
            options.average = match self.prediction {
                Prediction::Velocity => pndm::Average::Velocity,
                _ => pndm::Average::Noise,
            };
        }
        Self { method, ..self }
    }

    /// The noise-predicting DPM-Solver cannot end at no noise at all; it does not by default.
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

    /// The noise levels of a run of `steps` steps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of steps that the schedule does not have, and
    /// [`Error::Unsupported`] where the network predicts noise but the first level is nothing but noise.
    pub fn route(&self, steps: usize) -> Result<Route> {
        let route = match (&self.process, SchedulerClass::of(&self.method)) {
            (Process::Discrete(_), None) => self.trained_route(steps)?,
            _ => self.own_route(steps)?,
        };
        let starts_without_signal = route.start().is_some_and(|level| level.alpha == 0.0);
        if self.prediction == Prediction::Noise && starts_without_signal {
            let supported = "sample, v_prediction (the first level has no signal)";
            return Err(Error::unsupported("prediction_type", "epsilon", supported));
        }
        Ok(route)
    }

    /// The most and the least noise `sigma/alpha` that the network knows; the most may be infinite.
    ///
    /// # Errors
    /// Those of [`route`](Self::route).
    pub fn noise_range(&self) -> Result<[f64; 2]> {
        if let Process::Discrete(schedule) = &self.process {
            let last = (schedule.len() - 1) as f64;
            return Ok([last, 0.0].map(|time| schedule.ratio_at_time(time)));
        }
        let ratios: Vec<f64> = self
            .own_route(100)?
            .intervals
            .iter()
            .map(|step| step.from.ratio())
            .collect();
        Ok([ratios[0], ratios[ratios.len() - 1]])
    }

    fn discrete(&self) -> Option<Discrete<'_>> {
        let schedule = self.process.schedule()?;
        Some(Discrete {
            class: self.class,
            options: &self.options,
            schedule,
        })
    }

    /// By the checkpoint's timesteps; the adaptive solver takes the whole way.
    fn trained_route(&self, steps: usize) -> Result<Route> {
        let Some(discrete) = self.discrete() else {
            return self.own_route(steps);
        };
        match self.method {
            Method::DormandPrince(_) => discrete.trained(discrete.schedule.len()),
            _ => discrete.trained(steps),
        }
    }

    /// By the rules of the class.
    fn own_route(&self, steps: usize) -> Result<Route> {
        if steps == 0 {
            return Err(Error::invalid("steps", "at least 1", steps));
        }
        let (options, process) = (&self.options, &self.process);
        match self.process {
            Process::Discrete(_) => match self.discrete() {
                Some(discrete) => discrete.route(steps),
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
            Process::FlowMatching { .. } => continuous::flow_matching(options, process, steps),
            Process::Angular => continuous::angular(options, process, steps),
        }
    }
}

fn process(class: SchedulerClass, options: &Options) -> Result<Process> {
    let sigma_data = options.sigma_data.unwrap_or(0.5);
    Ok(match class {
        SchedulerClass::EdmEuler | SchedulerClass::EdmDpmSolver => Process::Edm { sigma_data },
        SchedulerClass::Consistency => Process::Consistency { sigma_data },
        SchedulerClass::FlowMatchEuler | SchedulerClass::FlowMatchHeun => Process::FlowMatching {
            timesteps: options.timesteps() as f64,
        },
        SchedulerClass::ScoreSdeVe => {
            let (sigma_min, sigma_max) = continuous::sigma_range(options, 0.01, 1348.0);
            Process::Sde(Sde::VarianceExploding {
                sigma_min,
                sigma_max,
            })
        }
        SchedulerClass::ScoreSdeVp => Process::Sde(Sde::VariancePreserving {
            beta_min: options.beta_min.unwrap_or(0.1),
            beta_max: options.beta_max.unwrap_or(20.0),
        }),
        SchedulerClass::Ipndm => Process::Angular,
        _ => Process::Discrete(options.schedule(class)?),
    })
}

fn prediction(class: SchedulerClass, options: &Options) -> Result<Prediction> {
    let sigma_data = options.sigma_data.unwrap_or(0.5);
    match class {
        SchedulerClass::EdmEuler | SchedulerClass::EdmDpmSolver => match options.prediction()? {
            Prediction::Noise => Ok(Prediction::Edm { sigma_data }),
            Prediction::Velocity => Ok(Prediction::EdmVelocity { sigma_data }),
            _ => {
                let value = options.prediction_type.as_deref().unwrap_or_default();
                Err(Error::unsupported(
                    "prediction_type",
                    value,
                    "epsilon, v_prediction",
                ))
            }
        },
        SchedulerClass::Consistency => Ok(Prediction::Consistency {
            sigma_data,
            sigma_min: options.sigma_min.unwrap_or(0.002),
        }),
        SchedulerClass::FlowMatchEuler | SchedulerClass::FlowMatchHeun => {
            Ok(Prediction::FlowVelocity)
        }
        SchedulerClass::ScoreSdeVe => Ok(Prediction::Score),
        SchedulerClass::Ipndm => Ok(Prediction::Velocity),
        _ => options.prediction(),
    }
}

impl Grid {
    /// Writes the choices as the options of a scheduler, where it knows them.
    fn write(
        self,
        class: SchedulerClass,
        is_own: bool,
        json: &mut Map<String, Value>,
    ) -> Result<()> {
        if let Some(spacing) = self.spacing {
            let known = match is_own {
                true => spacings(class),
                false => "leading, linspace, trailing",
            };
            if !known.split(", ").any(|name| name == spacing.name()) {
                return Err(Error::invalid(
                    "spacing",
                    format!("one of {known}"),
                    spacing.name(),
                ));
            }
            for key in SIGMA_KEYS {
                json.insert(key.1.into(), (key.0 == spacing.name()).into());
            }
            if class == SchedulerClass::EdmEuler || class == SchedulerClass::EdmDpmSolver {
                json.insert("sigma_schedule".into(), spacing.name().into());
                json.retain(|key, _| SIGMA_KEYS.iter().all(|known| known.1 != key));
            }
            if let Spacing::Timesteps(_) = spacing {
                json.insert("timestep_spacing".into(), spacing.name().into());
            }
        }
        if let Some(sigma) = self.final_sigma {
            use SchedulerClass::{
                DpmSolverMultistep, DpmSolverSinglestep, EdmDpmSolver, EdmEuler, Euler, UniPc,
            };
            let name = match sigma {
                FinalSigma::Zero => "zero",
                FinalSigma::SigmaMin => "sigma_min",
            };
            match class {
                DpmSolverMultistep | DpmSolverSinglestep | EdmDpmSolver | EdmEuler | Euler
                | UniPc
                    if is_own =>
                {
                    json.insert("final_sigmas_type".into(), name.into())
                }
                _ => {
                    let expected = "left out: this sampler's end cannot be chosen";
                    return Err(Error::invalid("final_sigma", expected, name));
                }
            };
        }
        Ok(())
    }
}

const SIGMA_KEYS: [(&str, &str); 4] = [
    ("karras", "use_karras_sigmas"),
    ("exponential", "use_exponential_sigmas"),
    ("beta", "use_beta_sigmas"),
    ("lu-lambdas", "use_lu_lambdas"),
];

/// The spacings that a scheduler knows.
fn spacings(class: SchedulerClass) -> &'static str {
    use SchedulerClass::{
        Ddim, Ddpm, Deis, DpmSolverMultistep, DpmSolverSinglestep, EdmDpmSolver, EdmEuler, Euler,
        EulerAncestral, FlowMatchEuler, Heun, Kdpm2, Kdpm2Ancestral, Lms, Pndm, UniPc,
    };
    match class {
        Ddpm | Ddim | Pndm | EulerAncestral => "leading, linspace, trailing",
        DpmSolverMultistep => "leading, linspace, trailing, karras, exponential, beta, lu-lambdas",
        DpmSolverSinglestep => "linspace, karras, exponential, beta",
        UniPc | Deis | Euler | Heun | Kdpm2 | Kdpm2Ancestral | Lms => {
            "leading, linspace, trailing, karras, exponential, beta"
        }
        EdmEuler | EdmDpmSolver => "karras, exponential",
        FlowMatchEuler => "karras, exponential, beta",
        _ => "left out for this model",
    }
}

impl Spacing {
    /// All names, as [`name`](Self::name) gives them.
    pub const NAMES: [&str; 7] = [
        "leading",
        "linspace",
        "trailing",
        "karras",
        "exponential",
        "beta",
        "lu-lambdas",
    ];

    /// The spacing of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "leading" => Self::Timesteps(TimestepSpacing::Leading),
            "linspace" => Self::Timesteps(TimestepSpacing::Linspace),
            "trailing" => Self::Timesteps(TimestepSpacing::Trailing),
            "karras" => Self::Sigmas(SigmaSpacing::Karras { rho: 7.0 }),
            "exponential" => Self::Sigmas(SigmaSpacing::Exponential),
            "beta" => Self::Sigmas(SigmaSpacing::Beta),
            "lu-lambdas" => Self::Sigmas(SigmaSpacing::LuLambdas),
            _ => return None,
        })
    }

    /// Its name in JavaScript, and of `timestep_spacing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Timesteps(TimestepSpacing::Leading) => "leading",
            Self::Timesteps(TimestepSpacing::Linspace) => "linspace",
            Self::Timesteps(TimestepSpacing::Trailing) => "trailing",
            Self::Sigmas(SigmaSpacing::Karras { .. }) => "karras",
            Self::Sigmas(SigmaSpacing::Exponential) => "exponential",
            Self::Sigmas(SigmaSpacing::Beta) => "beta",
            Self::Sigmas(SigmaSpacing::LuLambdas) => "lu-lambdas",
        }
    }
}

/// A time of flow matching pushed towards noise: `shift·t/(1 + (shift − 1)·t)` (Esser et al. 2024, eq. 23).
fn shifted(time: f64, shift: f64) -> f64 {
    shift * time / (1.0 + (shift - 1.0) * time)
}

/// Falling times stretched so that the last one is `terminal`, the distances to 1 in proportion: `shift_terminal`.
fn stretched(times: Vec<f64>, terminal: Option<f64>) -> Vec<f64> {
    match (terminal, times.last()) {
        (Some(terminal), Some(last)) => {
            let scale = (1.0 - terminal) / (1.0 - last);
            times
                .iter()
                .map(|time| 1.0 - (1.0 - time) * scale)
                .collect()
        }
        _ => times,
    }
}
