//! Spacing options: the noise levels of a run.

use super::SchedulerClass;
use super::options::Options;
use crate::diffusion::{SigmaSpacing, TimestepSpacing};
use crate::{Error, Result};

/// The first spacings of [`Spacing::ALL`] are those of timesteps.
const TIMESTEP_SPACINGS: usize = 3;

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
    /// Sets the options of a scheduler. `is_own` is false for a method that uses the scheduler's timesteps, but not its
    /// steps.
    pub(super) fn set(
        self,
        class: SchedulerClass,
        is_own: bool,
        options: &mut Options,
    ) -> Result<()> {
        if let Some(spacing) = self.spacing {
            let known = if is_own {
                spacings(class)
            } else {
                &Spacing::ALL[..TIMESTEP_SPACINGS]
            };
            if !spacing.is_among(known) {
                let expected = match known {
                    [] => "left out for this model".to_owned(),
                    known => format!("one of {}", names(known)),
                };
                return Err(Error::invalid("spacing", expected, spacing.name()));
            }
            spacing.set(class, options);
        }
        match (self.final_sigma, is_own && has_final_sigma(class)) {
            (Some(sigma), true) => options.final_sigmas_type = Some(sigma.diffusers().to_owned()),
            (Some(sigma), false) => {
                let expected = "left out: this sampler's end cannot be chosen";
                return Err(Error::invalid("final_sigma", expected, sigma.diffusers()));
            }
            (None, _) => (),
        }
        Ok(())
    }
}

fn names(spacings: &[Spacing]) -> String {
    let names: Vec<&str> = spacings.iter().map(|spacing| spacing.name()).collect();
    names.join(", ")
}

/// The spacings that a scheduler supports.
fn spacings(class: SchedulerClass) -> &'static [Spacing] {
    use SchedulerClass::{
        Ddim, Ddpm, Deis, DpmSolverMultistep, DpmSolverSinglestep, EdmDpmSolver, EdmEuler, Euler,
        EulerAncestral, FlowMatchEuler, Heun, Kdpm2, Kdpm2Ancestral, Lms, Pndm, RePaint, UniPc,
    };
    match class {
        Ddpm | Ddim | RePaint | Pndm | EulerAncestral => &Spacing::ALL[..TIMESTEP_SPACINGS],
        DpmSolverMultistep => &Spacing::ALL,
        DpmSolverSinglestep => &[
            Spacing::LINSPACE,
            Spacing::KARRAS,
            Spacing::EXPONENTIAL,
            Spacing::BETA,
        ],
        // All but lu-lambdas.
        UniPc | Deis | Euler | Heun | Kdpm2 | Kdpm2Ancestral | Lms => &Spacing::ALL[..6],
        EdmEuler | EdmDpmSolver => &[Spacing::KARRAS, Spacing::EXPONENTIAL],
        FlowMatchEuler => &[Spacing::KARRAS, Spacing::EXPONENTIAL, Spacing::BETA],
        _ => &[],
    }
}

/// Whether a scheduler has the option `final_sigmas_type`.
fn has_final_sigma(class: SchedulerClass) -> bool {
    use SchedulerClass::{
        DpmSolverMultistep, DpmSolverSinglestep, EdmDpmSolver, EdmEuler, Euler, UniPc,
    };
    matches!(
        class,
        DpmSolverMultistep | DpmSolverSinglestep | EdmDpmSolver | EdmEuler | Euler | UniPc
    )
}

impl Spacing {
    const KARRAS: Self = Self::Sigmas(SigmaSpacing::Karras { rho: 7.0 });
    const EXPONENTIAL: Self = Self::Sigmas(SigmaSpacing::Exponential);
    const BETA: Self = Self::Sigmas(SigmaSpacing::Beta);
    const LINSPACE: Self = Self::Timesteps(TimestepSpacing::Linspace);

    /// All spacings: first those of timesteps, then those of noise levels.
    pub const ALL: [Self; 7] = [
        Self::Timesteps(TimestepSpacing::Leading),
        Self::LINSPACE,
        Self::Timesteps(TimestepSpacing::Trailing),
        Self::KARRAS,
        Self::EXPONENTIAL,
        Self::BETA,
        Self::Sigmas(SigmaSpacing::LuLambdas),
    ];

    /// The spacing with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|spacing| spacing.name() == name)
    }

    pub(super) fn is_known_to(self, class: SchedulerClass) -> bool {
        self.is_among(spacings(class))
    }

    fn is_among(self, spacings: &[Self]) -> bool {
        spacings.iter().any(|known| known.name() == self.name())
    }

    /// Sets the options of a scheduler.
    fn set(self, class: SchedulerClass, options: &mut Options) {
        let name = self.name().to_owned();
        if matches!(
            class,
            SchedulerClass::EdmEuler | SchedulerClass::EdmDpmSolver
        ) {
            options.sigma_schedule = Some(name);
            return;
        }
        options.use_karras_sigmas = Some(self == Self::KARRAS);
        options.use_exponential_sigmas = Some(self == Self::EXPONENTIAL);
        options.use_beta_sigmas = Some(self == Self::BETA);
        options.use_lu_lambdas = Some(self == Self::Sigmas(SigmaSpacing::LuLambdas));
        if let Self::Timesteps(_) = self {
            options.timestep_spacing = Some(name);
        }
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
    /// All values.
    pub const ALL: [Self; 2] = [Self::Zero, Self::SigmaMin];

    /// The value with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sigma| sigma.name() == name)
    }

    /// Name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::SigmaMin => "sigma-min",
        }
    }

    /// Value of `final_sigmas_type`.
    fn diffusers(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::SigmaMin => "sigma_min",
        }
    }
}
