//! Tolerance of the adaptive solver.

use super::Integration;
use crate::sampler::catalog::{Domain, Entry, OptionValue, Parameter};
use crate::sampler::{Plan, SamplingMethod, Trajectory};
use crate::{Error, Result};

/// Tolerance of the adaptive solver: in each step the root mean square of `error/(absolute + relative·|x|)` is at most
/// 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Absolute tolerance, in units of a sample of unit variance.
    pub absolute: f64,
    /// Relative tolerance.
    pub relative: f64,
    /// Maximum number of network evaluations, after which the solver gives up.
    pub most_evaluations: usize,
}

const MIN_EVALUATIONS: usize = 7;
const MAX_EVALUATIONS: usize = 100_000;

impl Default for Tolerance {
    /// 1e-3 for both tolerances and at most 1000 evaluations. The pixels of a digit are then within half a grey level
    /// of the limit.
    fn default() -> Self {
        Self {
            absolute: 1e-3,
            relative: 1e-3,
            most_evaluations: 1000,
        }
    }
}

impl SamplingMethod for Tolerance {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "dormand-prince",
        "Probability-flow ODE, adaptive",
        [
            "Dormand & Prince 1980",
            "https://doi.org/10.1016/0771-050X(80)90013-3",
        ],
    )
    .evaluating(6)
    .with(&[
        Parameter::new(
            "absolute_tolerance",
            "Absolute tolerance",
            "Maximum error of a step.",
            Domain::number([1e-6, 1.0], Some(1e-3)),
        ),
        Parameter::new(
            "relative_tolerance",
            "Relative tolerance",
            "Maximum error of a step, relative to the sample.",
            Domain::number([1e-6, 1.0], Some(1e-3)),
        ),
        Parameter::new(
            "max_evaluations",
            "Evaluations",
            "Maximum number of network evaluations.",
            Domain::whole([7, 10_000], 1000),
        ),
    ])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "absolute_tolerance" => &mut self.absolute,
            "relative_tolerance" => &mut self.relative,
            "max_evaluations" => &mut self.most_evaluations,
            _ => return None,
        })
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        let steps = trajectory.remaining();
        let integration = Integration::new(steps, &trajectory.process, *self)?;
        Ok(Plan::Adaptive(integration))
    }
}

impl Tolerance {
    /// # Errors
    /// [`Error::InvalidOption`] for a tolerance below the resolution of `f32`, and for fewer than 7 or more than
    /// 100,000 evaluations.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [
            ("absolute_tolerance", self.absolute),
            ("relative_tolerance", self.relative),
        ] {
            if !(1e-6..=1.0).contains(&value) {
                return Err(Error::invalid(name, "between 1e-6 and 1", value));
            }
        }
        if (MIN_EVALUATIONS..=MAX_EVALUATIONS).contains(&self.most_evaluations) {
            return Ok(());
        }
        let expected =
            format!("between {MIN_EVALUATIONS}, those of one step, and {MAX_EVALUATIONS}");
        Err(Error::invalid(
            "max_evaluations",
            expected,
            self.most_evaluations,
        ))
    }
}
