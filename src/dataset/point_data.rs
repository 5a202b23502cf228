//! Standardised sets of points.

use burn::tensor::{Device, Tensor, TensorData};

use super::{GaussianMixture, Moments, Named, csv};
use crate::random::Generator;
use crate::{Error, Result};

/// Upper limit of the number of points; larger sets are rejected as likely mistakes.
const MAX_POINTS: usize = 100_000;

/// A set of points in the plane, standardised to mean 0 and a mean variance of 1 over both coordinates.
///
/// Both coordinates share one scale, so that circles remain circles: `x = (given − mean)/scale` with
/// `scale² = (var_1 + var_2)/2`. Named sets are standardised by the exact moments of their distribution, so that draws
/// with different seeds have the same distribution; given points by their own moments.
#[derive(Clone, Debug, PartialEq)]
pub struct PointData {
    points: Vec<[f32; 2]>,
    standardisation: Standardisation,
    named: Option<Named>,
    notes: Vec<String>,
}

/// The standardisation of given points, `(given − mean)/scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardisation {
    /// Subtracted mean.
    pub mean: [f64; 2],
    /// Divisor.
    pub scale: f64,
}

impl PointData {
    /// Draws `count` points of a named data set.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than 2 or more than 100,000 points.
    pub fn draw(named: Named, count: usize, seed: u32) -> Result<Self> {
        if !(2..=MAX_POINTS).contains(&count) {
            let expected = format!("between 2 and {MAX_POINTS}");
            return Err(Error::invalid("count", expected, count));
        }
        let standardisation = Standardisation::of(named.moments());
        let points = named.draw(count, seed);
        Ok(Self {
            points: standardisation.apply(&points),
            standardisation,
            named: Some(named),
            notes: Vec::new(),
        })
    }

    /// Standardises given points, `[count, 2]` in row-major order.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than two points, for identical points, for an odd number of values, and for a
    /// value that is not finite.
    pub fn from_points(numbers: &[f32]) -> Result<Self> {
        let (pairs, rest) = numbers.as_chunks::<2>();
        if !rest.is_empty() {
            let expected = "two numbers for each point";
            let found = format!("{} numbers", numbers.len());
            return Err(Error::invalid("points", expected, found));
        }
        if let Some(index) = numbers.iter().position(|number| !number.is_finite()) {
            let name = format!("coordinate {} of point {}", index % 2 + 1, index / 2 + 1);
            return Err(Error::invalid(name, "a finite number", numbers[index]));
        }
        let points: Vec<[f64; 2]> = pairs.iter().map(|pair| pair.map(f64::from)).collect();
        Self::standardised(&points).map_err(|problem| Error::InvalidOption {
            name: "points".to_owned(),
            expected: problem.expected,
            value: problem.found,
        })
    }

    /// Parses the points of a CSV text with two numbers per line.
    ///
    /// The separator is a comma, a semicolon, a tab or spaces; where it is not the comma, the comma may be the decimal
    /// sign. A header line is skipped, as are empty lines and lines that start with `#`. A first column of row numbers,
    /// as written by pandas and R, is skipped, and further columns are ignored; [`notes`](Self::notes) reports both.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] with the line number for text, for a number that is not finite and for a single column;
    /// also for binary files and text in UTF-16, for fewer than two points and for identical points.
    pub fn from_csv(text: &str) -> Result<Self> {
        let malformed = |reason: String| Error::malformed("the CSV", reason);
        let csv::Table { points, notes } = csv::parse(text).map_err(malformed)?;
        let data = Self::standardised(&points).map_err(|problem| {
            malformed(format!(
                "it needs {}, but has {}",
                problem.expected, problem.found
            ))
        })?;
        Ok(Self { notes, ..data })
    }

    fn standardised(points: &[[f64; 2]]) -> Result<Self, Unfit> {
        let unfit = |expected: &str, found: String| Unfit {
            expected: expected.to_owned(),
            found,
        };
        match points {
            [] => return Err(unfit("at least two points", "none".to_owned())),
            [_] => return Err(unfit("at least two points", "a single one".to_owned())),
            many if many.len() > MAX_POINTS => {
                let expected = format!("at most {MAX_POINTS} points");
                return Err(unfit(&expected, format!("{} of them", many.len())));
            }
            _ => (),
        }
        let moments = Moments::of(points);
        if !(moments.variance.is_finite() && moments.variance > 0.0) {
            let found = format!("{} points at the same place", points.len());
            return Err(unfit("points at different places", found));
        }
        let standardisation = Standardisation::of(moments);
        Ok(Self {
            points: standardisation.apply(points),
            standardisation,
            named: None,
            notes: Vec::new(),
        })
    }

    /// The standardised points.
    pub fn points(&self) -> &[[f32; 2]] {
        &self.points
    }

    /// The standardised points on a device, `[count, 2]`.
    pub fn tensor(&self, device: &Device) -> Tensor<2> {
        let numbers = self.points.as_flattened().to_vec();
        Tensor::from_data(TensorData::new(numbers, [self.points.len(), 2]), device)
    }

    /// How the points were standardised.
    pub fn standardisation(&self) -> Standardisation {
        self.standardisation
    }

    /// Notes about ignored parts of a CSV text, as sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The named data set; `None` for given points.
    pub fn named(&self) -> Option<Named> {
        self.named
    }

    /// The distribution of the points, standardised, if it is a Gaussian mixture.
    pub fn mixture(&self) -> Option<GaussianMixture> {
        let Standardisation { mean, scale } = self.standardisation;
        Some(self.named?.mixture()?.standardised(mean, scale))
    }

    /// Splits the points at random in two, see [`split`]; both parts keep the standardisation.
    ///
    /// # Errors
    /// Those of [`split`].
    pub fn split(&self, fraction: f64, seed: u32) -> Result<[Self; 2]> {
        let parts = split(&self.points, fraction, seed)?;
        Ok(parts.map(|points| Self {
            points,
            ..self.clone()
        }))
    }
}

/// Splits points at random in two: the second part contains the given `fraction`, rounded, and both have at least one
/// point.
///
/// # Errors
/// [`Error::InvalidOption`] for a fraction that is not between 0 and 1, and for fewer than two points.
pub fn split(points: &[[f32; 2]], fraction: f64, seed: u32) -> Result<[Vec<[f32; 2]>; 2]> {
    if !(fraction > 0.0 && fraction < 1.0) {
        let expected = "between 0 and 1, both excluded";
        return Err(Error::invalid("fraction", expected, fraction));
    }
    let count = points.len();
    if count < 2 {
        return Err(Error::invalid("points", "at least two", count));
    }
    let held_out = ((count as f64 * fraction).round() as usize).clamp(1, count - 1);
    // Sorted by random keys.
    let keys = Generator::new(seed).uniform(count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
    let (second, first) = order.split_at(held_out);
    Ok([first, second].map(|part| part.iter().map(|index| points[*index]).collect()))
}

/// The reason why points cannot be standardised.
struct Unfit {
    expected: String,
    found: String,
}

impl Standardisation {
    fn of(moments: Moments) -> Self {
        Self {
            mean: moments.mean,
            scale: moments.variance.sqrt(),
        }
    }

    fn apply(self, points: &[[f64; 2]]) -> Vec<[f32; 2]> {
        let axis = |value: f64, mean: f64| ((value - mean) / self.scale) as f32;
        let [mx, my] = self.mean;
        points
            .iter()
            .map(|[x, y]| [axis(*x, mx), axis(*y, my)])
            .collect()
    }
}

impl Moments {
    /// The moments of the points, with the population variance.
    fn of(points: &[[f64; 2]]) -> Self {
        let count = points.len() as f64;
        let sum = |term: &dyn Fn(&[f64; 2]) -> f64| points.iter().map(term).sum::<f64>() / count;
        let mean = [sum(&|point| point[0]), sum(&|point| point[1])];
        let square = |point: &[f64; 2]| (point[0] - mean[0]).powi(2) + (point[1] - mean[1]).powi(2);
        Self {
            mean,
            variance: sum(&square) / 2.0,
        }
    }
}
