//! Diffusers' schedulers by name, and their methods.

use super::options::Options;
use crate::sampler::euler::{Euler, EulerAncestral};
use crate::sampler::heun::Heun;
use crate::sampler::ipndm::Ipndm;
use crate::sampler::{
    Method, consistency, ddim, ddpm, deis, dpm_solver, kdpm2, lms, pndm, reverse_sde, unipc,
};
use crate::{Error, Result};

/// Defines [`SchedulerClass`] by the names of diffusers' classes.
macro_rules! classes {
    ($($class:ident = $name:literal,)*) => {
        /// One of diffusers' schedulers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the name is all there is to say")]
        pub enum SchedulerClass {
            $($class,)*
        }

        impl SchedulerClass {
            const NAMED: &'static [(&'static str, Self)] = &[$(($name, Self::$class),)*];
        }
    };
}

classes! {
    Ddpm = "DDPMScheduler",
    Ddim = "DDIMScheduler",
    RePaint = "RePaintScheduler",
    Pndm = "PNDMScheduler",
    Lms = "LMSDiscreteScheduler",
    Euler = "EulerDiscreteScheduler",
    EulerAncestral = "EulerAncestralDiscreteScheduler",
    Heun = "HeunDiscreteScheduler",
    Kdpm2 = "KDPM2DiscreteScheduler",
    Kdpm2Ancestral = "KDPM2AncestralDiscreteScheduler",
    Ipndm = "IPNDMScheduler",
    DpmSolverSinglestep = "DPMSolverSinglestepScheduler",
    DpmSolverMultistep = "DPMSolverMultistepScheduler",
    UniPc = "UniPCMultistepScheduler",
    Deis = "DEISMultistepScheduler",
    EdmEuler = "EDMEulerScheduler",
    EdmDpmSolver = "EDMDPMSolverMultistepScheduler",
    ScoreSdeVe = "ScoreSdeVeScheduler",
    ScoreSdeVp = "ScoreSdeVpScheduler",
    Consistency = "CMStochasticIterativeScheduler",
    FlowMatchEuler = "FlowMatchEulerDiscreteScheduler",
    FlowMatchHeun = "FlowMatchHeunDiscreteScheduler",
}

impl SchedulerClass {
    /// The scheduler with this `_class_name`, if it is supported.
    pub fn named(name: &str) -> Option<Self> {
        let class = Self::NAMED.iter().find(|(known, _)| *known == name);
        class.map(|(_, class)| *class)
    }

    /// All names, for messages.
    pub(super) fn names() -> String {
        let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The scheduler that implements this method for networks trained on discrete timesteps; `None` where diffusers has
    /// none.
    pub fn of(method: &Method) -> Option<Self> {
        method.scheduler().and_then(Self::named)
    }

    /// The method, with its options from the configuration.
    pub(super) fn method(self, options: &Options) -> Result<Method> {
        Ok(match self {
            Self::Ddpm => ddpm::Ddpm {
                variance: options.variance()?,
            }
            .into(),
            Self::Ddim => ddim::Ddim::default().into(),
            Self::RePaint => ddim::Ddim {
                eta: options.eta.unwrap_or(0.0),
                ..ddim::Ddim::default()
            }
            .into(),
            Self::Pndm => Method::Pndm(pndm::Options {
                warm_up: if options.skip_prk_steps.unwrap_or(false) {
                    pndm::WarmUp::LowerOrders
                } else {
                    pndm::WarmUp::RungeKutta
                },
                ..pndm::Options::default()
            }),
            Self::Lms => lms::Lms::default().into(),
            Self::Euler | Self::EdmEuler => Euler.into(),
            Self::FlowMatchEuler => {
                if options.stochastic_sampling.unwrap_or(false) {
                    Method::Consistency(consistency::Options::default())
                } else {
                    Euler.into()
                }
            }
            Self::EulerAncestral => EulerAncestral.into(),
            Self::Heun | Self::FlowMatchHeun => Heun.into(),
            Self::Kdpm2 => Method::Kdpm2(kdpm2::Noise::None),
            Self::Kdpm2Ancestral => Method::Kdpm2(kdpm2::Noise::Ancestral),
            Self::Ipndm => Ipndm.into(),
            Self::DpmSolverMultistep | Self::DpmSolverSinglestep | Self::EdmDpmSolver => {
                Method::DpmSolver(self.dpm_solver(options)?)
            }
            Self::UniPc => Method::UniPc(unipc::Options {
                order: options.solver_order.unwrap_or(2),
                variant: match options.solver_type.as_deref().unwrap_or("bh2") {
                    "bh1" => unipc::Variant::Bh1,
                    "bh2" | "midpoint" | "heun" | "logrho" => unipc::Variant::Bh2,
                    other => return Err(Error::unsupported("solver_type", other, "bh1, bh2")),
                },
                target: if options.predict_x0.unwrap_or(true) {
                    dpm_solver::Target::Clean
                } else {
                    dpm_solver::Target::Noise
                },
                lower_order_final: options.lower_order_final.unwrap_or(true),
                uncorrected: options.disable_corrector.clone().unwrap_or_default(),
            }),
            Self::Deis => {
                let kinds = ["deis", "dpmsolver", "dpmsolver++"];
                options.one_of("algorithm_type", &options.algorithm_type, &kinds)?;
                let types = ["logrho", "midpoint", "heun", "bh1", "bh2"];
                options.one_of("solver_type", &options.solver_type, &types)?;
                Method::Deis(deis::Options {
                    order: options.solver_order.unwrap_or(2),
                    lower_order_final: options.lower_order_final.unwrap_or(true),
                })
            }
            Self::ScoreSdeVe => Method::ReverseSde(reverse_sde::Options {
                predictor: reverse_sde::Predictor::ReverseDiffusion,
                corrector: Some(reverse_sde::Corrector {
                    steps: options.correct_steps.unwrap_or(1),
                    snr: options.snr.unwrap_or(0.15),
                }),
            }),
            Self::ScoreSdeVp => Method::ReverseSde(reverse_sde::Options {
                predictor: reverse_sde::Predictor::EulerMaruyama,
                corrector: None,
            }),
            Self::Consistency => Method::Consistency(consistency::Options {
                sigma_min: options.sigma_min.unwrap_or(0.002),
                noise_scale: options.s_noise.unwrap_or(1.0),
            }),
        })
    }

    fn dpm_solver(self, options: &Options) -> Result<dpm_solver::Options> {
        use dpm_solver::{Equation, Mode, SolverType, Target};
        let default = dpm_solver::Options::default();
        let mode = match self {
            Self::DpmSolverSinglestep => Mode::Singlestep,
            _ => Mode::Multistep,
        };
        let kind = options.algorithm_type.as_deref().unwrap_or("dpmsolver++");
        let (target, equation) = match kind {
            "dpmsolver++" | "deis" => (Target::Clean, Equation::Ode),
            "sde-dpmsolver++" => (Target::Clean, Equation::Sde),
            "dpmsolver" if self != Self::EdmDpmSolver => (Target::Noise, Equation::Ode),
            "sde-dpmsolver" if self == Self::DpmSolverMultistep => (Target::Noise, Equation::Sde),
            other => {
                let supported = match self {
                    Self::EdmDpmSolver => "dpmsolver++, sde-dpmsolver++",
                    Self::DpmSolverSinglestep => "dpmsolver, dpmsolver++, sde-dpmsolver++",
                    _ => "dpmsolver, dpmsolver++, sde-dpmsolver, sde-dpmsolver++",
                };
                return Err(Error::unsupported("algorithm_type", other, supported));
            }
        };
        Ok(dpm_solver::Options {
            order: options.solver_order.unwrap_or(default.order),
            target,
            equation,
            mode,
            solver_type: match options.solver_type.as_deref().unwrap_or("midpoint") {
                "midpoint" | "logrho" | "bh1" | "bh2" => SolverType::Midpoint,
                "heun" => SolverType::Heun,
                other => return Err(Error::unsupported("solver_type", other, "midpoint, heun")),
            },
            lower_order_final: options.lower_order_final.unwrap_or(mode == Mode::Multistep),
            euler_at_final: options.euler_at_final.unwrap_or(default.euler_at_final),
        })
    }
}
