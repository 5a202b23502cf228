//! Inputs of a member: the data of a training step, and sampling requests.

use super::graph::{Graph, Var};
use super::member::Member;
use crate::random::Generator;
use crate::train::Samples;
use crate::{Error, Result};

/// Dimension of a point.
pub const DIMENSIONS: usize = 2;

/// The data of one training step.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Standardised points, `[count, 2]` in row-major order.
    pub points: &'a [f32],
    /// The class of each point; empty if the data have no classes.
    pub classes: &'a [usize],
    /// The index of the step, from 0.
    pub step: usize,
    /// The complete training data.
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

    /// Splits the batch into `count` equal parts, for steps with several updates. Points left over are dropped.
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

/// A sampling request. Members reject options that they do not support with an error that names the option.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleRequest {
    /// Number of samples.
    pub count: usize,
    /// Number of sequential network evaluations; the member's default if `None`.
    pub steps: Option<usize>,
    /// Class of all samples, for conditional models.
    pub class: Option<usize>,
    /// Guidance strength towards the class.
    pub guidance: Option<f64>,
    /// Factor of the adaptation of a fine-tuned model: 0 for the base model, 1 for the fine-tuned one.
    pub scale: Option<f64>,
    /// The noise or latents to start from, `[count, latents]`; drawn at random if `None`.
    pub start: Option<Vec<f32>>,
}

impl SampleRequest {
    /// A request for `count` samples with the member's default options.
    pub fn new(count: usize) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    /// The start, or standard normals if none is given, `[count, width]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of samples outside 1 to 1,000,000, a start of the wrong length, and
    /// starting values that are not finite.
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

    /// The same request with the member's default number of steps, for checking the other options.
    pub(super) fn without_steps(&self) -> Self {
        Self {
            steps: None,
            ..self.clone()
        }
    }

    /// Rejects the options of a request that a member without classes and sampling steps does not support.
    ///
    /// # Errors
    /// [`Error::NoCapability`] names the first unsupported option.
    pub fn check_plain(&self, member: &dyn Member) -> Result<()> {
        let given = [
            (self.steps.is_some(), "choice of steps"),
            (self.class.is_some(), "classes"),
            (self.guidance.is_some(), "guidance"),
            (self.scale.is_some(), "scale of an adaptation"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, quantity)) => Err(member.lacks(quantity)),
            None => Ok(()),
        }
    }
}

/// Maximum number of samples per call.
pub const MAX_SAMPLES: usize = 1_000_000;

/// Checks that the numbers are finite and that there are `count` of them.
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

/// Checks latents `[count, width]` and returns their number.
///
/// # Errors
/// [`Error::InvalidOption`] for an empty array, a length that is not a multiple of `width`, and values that are not
/// finite.
pub fn check_latents(latents: &[f32], width: usize) -> Result<usize> {
    let count = latents.len() / width;
    check_numbers("latents", latents, count.max(1) * width)?;
    Ok(count)
}

/// Checks points `[count, 2]` and returns their number.
///
/// # Errors
/// [`Error::InvalidOption`] for an empty array, an odd length, and coordinates that are not finite.
pub fn check_points(points: &[f32]) -> Result<usize> {
    let count = points.len() / DIMENSIONS;
    check_numbers("points", points, count.max(1) * DIMENSIONS)?;
    Ok(count)
}
