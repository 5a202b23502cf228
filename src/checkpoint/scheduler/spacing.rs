//! Spacing options: the noise levels of a run.

use serde_json::{Map, Value};

use super::SchedulerClass;
use crate::diffusion::{SigmaSpacing, TimestepSpacing};
use crate::{Error, Result};

/// Spacing options of a run; options that are `None` are those of the scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpacingOptions {
    /// Spacing of the noise levels.
    pub spacing: Option<Spacing>,
    /// Noise at the end of the run.
    pub final_sigma: Option<FinalSigma>,
}

/// Spacing of the noise levels of a run, by timestep or by noise-to-signal ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spacing {
    /// `timestep_spacing`
    Timesteps(TimestepSpacing),
    /// `use_karras_sigmas` and related options
    Sigmas(SigmaSpacing),
}

impl SpacingOptions {
    /// Writes the options as those of a scheduler, where it supports them.
    pub(super) fn write(
        self,
        class: SchedulerClass,
        is_own: bool,
        json: &mut Map<String, Value>,
    ) -> Result<()> {
        if let Some(spacing) = self.spacing {
            let known = if is_own {
                spacings(class)
            } else {
                "leading, linspace, trailing"
            };
            if !spacing.is_among(known) {
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

/// Names of the spacings that a scheduler supports.
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
    /// All names, as returned by [`name`](Self::name).
    pub const NAMES: [&str; 7] = [
        "leading",
        "linspace",
        "trailing",
        "karras",
        "exponential",
        "beta",
        "lu-lambdas",
    ];

    /// The spacing with this name.
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

    pub(super) fn is_known_to(self, class: SchedulerClass) -> bool {
        self.is_among(spacings(class))
    }

    fn is_among(self, names: &str) -> bool {
        names.split(", ").any(|name| name == self.name())
    }

    /// Name in JavaScript, and value of `timestep_spacing`.
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

/// Noise after the last step: `final_sigmas_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalSigma {
    /// Zero noise.
    Zero,
    /// The noise of the cleanest level of the schedule.
    SigmaMin,
}

impl FinalSigma {
    /// All names, as in JavaScript.
    pub const NAMES: [&str; 2] = ["zero", "sigma-min"];

    /// The value with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "zero" => Self::Zero,
            "sigma-min" => Self::SigmaMin,
            _ => return None,
        })
    }
}
