//! What a caller may choose about the noise levels of a run.

use serde_json::{Map, Value};

use super::SchedulerClass;
use crate::diffusion::{SigmaSpacing, TimestepSpacing};
use crate::{Error, Result};

/// A caller's choices about the noise levels of a run; what is not chosen is the scheduler's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpacingOptions {
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

impl SpacingOptions {
    /// Writes the choices as the options of a scheduler, where it knows them.
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

    pub(super) fn is_known_to(self, class: SchedulerClass) -> bool {
        self.is_among(spacings(class))
    }

    fn is_among(self, names: &str) -> bool {
        names.split(", ").any(|name| name == self.name())
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

/// The noise that is left after the last step: `final_sigmas_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalSigma {
    /// None.
    Zero,
    /// That of the schedule's cleanest level.
    SigmaMin,
}

impl FinalSigma {
    /// All names, as callers write them.
    pub const NAMES: [&str; 2] = ["zero", "sigma-min"];

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "zero" => Self::Zero,
            "sigma-min" => Self::SigmaMin,
            _ => return None,
        })
    }
}
