//! What a member of the family is given: the data of a step, and requests for samples.

use super::graph::{Graph, Var};
use super::member::Member;
use crate::random::Generator;
use crate::train::Samples;
use crate::{Error, Result};

/// Coordinates of a point.
pub const DIMENSIONS: usize = 2;

/// The data of one step.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Standardised points, `[count, 2]` in row-major order.
    pub points: &'a [f32],
    /// The class of each point; empty where the data have none.
    pub classes: &'a [usize],
    /// The number of the step, from 0.
    pub step: usize,
    /// All training data.
    pub data: &'a Samples<2>,
}

impl<'a> Batch<'a> {
    /// Number of points.
    pub fn count(&self) -> usize {
        self.points.len() / DIMENSIONS
    }

    /// The points as a matrix `[count, 2]`.
    pub fn matrix<'g>(&self, graph: &'g Graph) -> Var<'g> {
        graph.matrix([self.count(), DIMENSIONS], self.points)
    }

    /// The batch in equal parts, for steps that need several; points beyond the last whole part are left out.
    pub fn parts(&self, count: usize) -> Vec<Self> {
        let size = self.count() / count;
        let part = |index: usize| Self {
            points: &self.points[index * size * DIMENSIONS..][..size * DIMENSIONS],
            classes: match self.classes {
                [] => &[],
                classes => &classes[index * size..][..size],
            },
            ..*self
        };
        (0..count).map(part).collect()
    }
}

/// What samples are asked for. A member rejects by name the options that it does not have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleRequest {
    /// Number of samples.
    pub count: usize,
    /// Evaluations of the network in sequence; the member's default where there is none.
    pub steps: Option<usize>,
    /// Class of all samples.
    pub class: Option<usize>,
    /// Strength of the guidance towards the class.
    pub guidance: Option<f64>,
    /// The noise or latents to start from, `[count, latents]`; drawn where there are none.
    pub start: Option<Vec<f32>>,
}

impl SampleRequest {
    /// A number of samples, the rest as the member has it.
    pub fn new(count: usize) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    /// The start, or standard normals, `[count, width]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for no or over 1,000,000 samples, a start of another length, and numbers in it that are not finite.
    pub fn start(&self, width: usize, generator: &mut Generator) -> Result<Vec<f32>> {
        if !(1..=MAX_SAMPLES).contains(&self.count) {
            let expected = format!("between 1 and {MAX_SAMPLES}");
            return Err(Error::invalid("count", expected, self.count));
        }
        let Some(start) = &self.start else {
            return Ok(generator.normal(self.count * width));
        };
        check_numbers("start", start, self.count * width)?;
        Ok(start.clone())
    }

    /// Rejects options that a member without classes and steps does not have.
    ///
    /// # Errors
    /// [`Error::NoCapability`] names the first of them.
    pub fn check_plain(&self, member: &dyn Member) -> Result<()> {
        let given = [
            (self.steps.is_some(), "choice of steps"),
            (self.class.is_some(), "classes"),
            (self.guidance.is_some(), "guidance"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, quantity)) => Err(member.lacks(quantity)),
            None => Ok(()),
        }
    }
}

/// Most samples of one call.
pub const MAX_SAMPLES: usize = 1_000_000;

/// Finite numbers, as many as expected.
pub(super) fn check_numbers(name: &str, numbers: &[f32], count: usize) -> Result<()> {
    if numbers.len() != count {
        let expected = format!("{count} numbers");
        let found = format!("{} numbers", numbers.len());
        return Err(Error::invalid(name, expected, found));
    }
    match numbers.iter().find(|number| !number.is_finite()) {
        Some(number) => Err(Error::invalid(name, "finite numbers", number)),
        None => Ok(()),
    }
}

/// Points of the plane, `[count, 2]`, and their number.
///
/// # Errors
/// [`Error::InvalidOption`] for none, half a point, and numbers that are not finite.
pub fn check_points(points: &[f32]) -> Result<usize> {
    let count = points.len() / DIMENSIONS;
    check_numbers("points", points, count.max(1) * DIMENSIONS)?;
    Ok(count)
}
