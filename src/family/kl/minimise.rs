//! BFGS minimisation (Broyden, Fletcher, Goldfarb, Shanno) over `θ = (mu, ln sigma)`, in which all parameters are
//! unconstrained.

use super::quadrature::Accuracy;
use super::{Covariance, Gaussian, Objective};

/// Maximum number of parameters: those of a Gaussian in the plane.
const PARAMETERS: usize = 4;
/// Maximum number of steps of a refinement.
const MAX_REFINEMENTS: usize = 200;
/// A refinement ends if the slope along the search direction is below about this, in nats per standard deviation.
const TOLERANCE: f64 = 1e-8;

pub(super) type Vector = [f64; PARAMETERS];

/// A point of the search with its value and gradient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub at: Vector,
    pub value: f64,
    pub gradient: Vector,
}

impl Objective {
    pub(super) fn parameters(&self) -> usize {
        match (self.mixture.dimensions, self.covariance) {
            (1, _) => 2,
            (_, Covariance::Isotropic) => 3,
            (_, Covariance::Diagonal) => 4,
        }
    }

    pub(super) fn gaussian(&self, at: &Vector) -> Gaussian {
        let dimensions = self.mixture.dimensions;
        let stds: Vec<f64> = at[dimensions..self.parameters()]
            .iter()
            .map(|log| libm::exp(*log))
            .collect();
        Gaussian {
            mean: at[..dimensions].to_vec(),
            std: (0..dimensions)
                .map(|axis| stds[axis % stds.len()])
                .collect(),
        }
    }

    pub(super) fn vector(&self, gaussian: &Gaussian) -> Vector {
        let mut at = [0.0; PARAMETERS];
        let logs = gaussian.std.iter().map(|std| libm::log(*std));
        let values = gaussian.mean.iter().copied().chain(logs);
        for (value, given) in at[..self.parameters()].iter_mut().zip(values) {
            *value = given;
        }
        at
    }

    fn place(&self, at: Vector, accuracy: Accuracy) -> Place {
        let gaussian = self.gaussian(&at);
        let slope = self.slope_at(&gaussian, accuracy);
        let dimensions = self.mixture.dimensions;
        let mut gradient = [0.0; PARAMETERS];
        gradient[..dimensions].copy_from_slice(&slope.mean);
        let stds = self.parameters() - dimensions;
        for (axis, (slope, std)) in slope.std.iter().zip(&gaussian.std).enumerate() {
            gradient[dimensions + axis % stds] += slope * std;
        }
        Place {
            at,
            value: slope.value,
            gradient,
        }
    }

    /// Minimises from a starting point.
    pub(super) fn refine(&self, start: Vector, accuracy: Accuracy) -> Place {
        let count = self.parameters();
        let dimensions = self.mixture.dimensions;
        let mut place = self.place(start, accuracy);
        let mut inverse = self.natural(&place.at);
        for _ in 0..MAX_REFINEMENTS {
            let step = |row: usize| -> f64 {
                let products =
                    (0..count).map(|column| inverse[row][column] * place.gradient[column]);
                -products.sum::<f64>()
            };
            let mut direction: Vector = [0.0; PARAMETERS];
            for (row, value) in direction.iter_mut().enumerate().take(count) {
                *value = step(row);
            }
            let fall = dot(&direction, &place.gradient);
            if fall > -TOLERANCE * TOLERANCE {
                break;
            }
            // Limits the change of a standard deviation to a factor of e.
            let steepest = direction[dimensions..]
                .iter()
                .fold(1.0, |a: f64, b| a.max(b.abs()));
            let Some(next) = self.search(&place, &direction, 1.0 / steepest, accuracy) else {
                break;
            };
            update(&mut inverse, &place, &next, count);
            place = next;
        }
        place
    }

    /// Backtracking line search: the first of the successively halved steps that decreases the value sufficiently.
    fn search(
        &self,
        place: &Place,
        direction: &Vector,
        first: f64,
        accuracy: Accuracy,
    ) -> Option<Place> {
        let fall = dot(direction, &place.gradient);
        let steps = (0..40).map(|halvings| first * libm::exp2(-f64::from(halvings)));
        let mut places = steps.map(|step| {
            let mut at = place.at;
            for (value, direction) in at.iter_mut().zip(direction) {
                *value += step * direction;
            }
            (step, self.place(at, accuracy))
        });
        let found = places.find(|(step, next)| next.value <= place.value + 1e-4 * step * fall);
        found.map(|(_, next)| next)
    }

    /// The inverse Fisher information of a Gaussian: `sigma²` for means, `½` for logarithms of standard deviations.
    fn natural(&self, at: &Vector) -> [Vector; PARAMETERS] {
        let gaussian = self.gaussian(at);
        let mut inverse = [[0.0; PARAMETERS]; PARAMETERS];
        for (index, row) in inverse.iter_mut().enumerate() {
            row[index] = gaussian.std.get(index).map_or(0.5, |std| std * std);
        }
        inverse
    }

    /// Whether the gradient vanishes and the Hessian, by central differences of the gradient, is positive definite.
    pub(super) fn is_minimum(&self, place: &Place) -> bool {
        const DIFFERENCE: f64 = 1e-4;
        let count = self.parameters();
        let gaussian = self.gaussian(&place.at);
        let unit = |index: usize| gaussian.std.get(index).copied().unwrap_or(1.0);
        let mut hessian = [[0.0; PARAMETERS]; PARAMETERS];
        for (index, row) in hessian.iter_mut().enumerate().take(count) {
            let gradient = |sign: f64| {
                let mut at = place.at;
                at[index] += sign * DIFFERENCE * unit(index);
                self.place(at, Accuracy::FINE).gradient
            };
            let (above, below) = (gradient(1.0), gradient(-1.0));
            for (column, value) in row.iter_mut().enumerate() {
                *value = (above[column] - below[column]) * unit(column) / (2.0 * DIFFERENCE);
            }
        }
        let is_flat = (0..count).all(|index| (place.gradient[index] * unit(index)).abs() < 1e-5);
        is_flat && is_positive_definite(hessian, count)
    }
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The BFGS update of the inverse Hessian (Nocedal & Wright 2006, eq. 6.17), skipped if the curvature is not positive.
fn update(inverse: &mut [Vector; PARAMETERS], from: &Place, to: &Place, count: usize) {
    let step: Vector = std::array::from_fn(|index| to.at[index] - from.at[index]);
    let change: Vector = std::array::from_fn(|index| to.gradient[index] - from.gradient[index]);
    let curvature = dot(&step, &change);
    if curvature <= 1e-14 * dot(&step, &step) {
        return;
    }
    let product: Vector = std::array::from_fn(|row| dot(&inverse[row], &change));
    let factor = (1.0 + dot(&change, &product) / curvature) / curvature;
    for row in 0..count {
        for column in 0..count {
            inverse[row][column] += factor * step[row] * step[column]
                - (product[row] * step[column] + step[row] * product[column]) / curvature;
        }
    }
}

/// Tests the symmetric part by Cholesky decomposition.
fn is_positive_definite(matrix: [Vector; PARAMETERS], count: usize) -> bool {
    const MIN_PIVOT: f64 = 1e-6;
    let mut lower = [[0.0; PARAMETERS]; PARAMETERS];
    for row in 0..count {
        for column in 0..=row {
            let entry = 0.5 * (matrix[row][column] + matrix[column][row]);
            let rest = entry - dot(&lower[row], &lower[column]);
            if row != column {
                lower[row][column] = rest / lower[column][column];
            } else if rest > MIN_PIVOT {
                lower[row][row] = rest.sqrt();
            } else {
                return false;
            }
        }
    }
    true
}
