//! Quality measures of samples and densities in the plane: mode coverage, divergences on a grid, and the entropy of
//! data sets.
//!
//! The sliced Wasserstein distance is in [`distance`](crate::distance).

pub use super::entropy::entropy;
use crate::dataset::GaussianMixture;
use crate::{Error, Result};

/// How samples are distributed over the components of a mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Modes {
    /// For each component, the number of samples within three standard deviations of its mean. A sample counts only for
    /// the component that is nearest in standard deviations.
    pub counts: Vec<usize>,
    /// Number of components that have at least a tenth of the expected number of samples.
    pub covered: usize,
    /// Fraction of the samples within three standard deviations of a mean. For exact samples of well-separated
    /// components it is `1 − exp(−9/2)`, .989.
    pub share_near: f64,
}

/// Computes how many components of a mixture in the plane are covered by samples.
///
/// # Errors
/// [`Error::InvalidOption`] for an empty set of samples, and for a mixture that is not in the plane.
pub fn modes(samples: &[[f32; 2]], mixture: &GaussianMixture) -> Result<Modes> {
    /// Radius, in standard deviations, within which a sample belongs to a component.
    const NEAR: f64 = 3.0;
    /// Minimum ratio of actual to expected samples of a covered component.
    const COVERED: f64 = 0.1;
    if samples.is_empty() {
        return Err(Error::invalid("samples", "at least one", 0));
    }
    let (means, rest) = mixture.means.as_chunks::<2>();
    let components = mixture.stds.len();
    if mixture.dimensions != 2 || !rest.is_empty() || means.len() != components {
        return Err(Error::invalid("dimensions", "2", mixture.dimensions));
    }
    let mut counts = vec![0; components];
    for sample in samples {
        let distance = |([x, y], spread): (&[f64; 2], &f64)| {
            (f64::from(sample[0]) - x).hypot(f64::from(sample[1]) - y) / spread
        };
        let distances = means.iter().zip(&mixture.stds).map(distance);
        let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((component, distance)) = nearest
            && distance <= NEAR
        {
            counts[component] += 1;
        }
    }
    let total: f64 = mixture.weights.iter().sum();
    let is_covered = |(count, weight): &(&usize, &f64)| {
        let expected = *weight / total * samples.len() as f64;
        **count > 0 && **count as f64 >= COVERED * expected
    };
    let covered = counts.iter().zip(&mixture.weights).filter(is_covered);
    let near: usize = counts.iter().sum();
    Ok(Modes {
        covered: covered.count(),
        share_near: near as f64 / samples.len() as f64,
        counts,
    })
}

/// Divergences in nats between two sets of points, computed from the fractions of points in the cells of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridDivergences {
    /// `KL(data ‖ samples)`: large if parts of the data have no samples.
    pub forward_kl: f64,
    /// `KL(samples ‖ data)`: large if samples lie away from the data.
    pub reverse_kl: f64,
    /// The Jensen–Shannon divergence, from 0 to ln 2.
    pub js: f64,
    /// The expected value of both KL divergences, to first order, if both sets (of sizes n and m) come from the same
    /// distribution: `(K − 1)(1/n + 1/m)/2` with `K` non-empty cells.
    pub expected_kl: f64,
    /// The expected Jensen–Shannon divergence in the same case: a quarter of `expected_kl`.
    pub expected_js: f64,
}

/// A square grid over the plane. Everything outside it counts as one more cell, so that the fractions sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Number of cells along each axis.
    pub cells: usize,
    /// The grid covers `[−extent, extent]²`.
    pub extent: f64,
}

impl Default for Grid {
    /// A grid for standardised data.
    fn default() -> Self {
        Self {
            cells: 16,
            extent: 3.0,
        }
    }
}

/// Maximum number of cells along an axis.
const MAX_CELLS: usize = 1000;

impl Grid {
    fn check(&self) -> Result<()> {
        super::within("cells", self.cells, 1..=MAX_CELLS)?;
        if self.extent > 0.0 && self.extent.is_finite() {
            return Ok(());
        }
        Err(Error::invalid("extent", "a positive number", self.extent))
    }

    /// Number of points in each cell, in row-major order, followed by the number outside the grid.
    fn counts(&self, points: &[[f32; 2]]) -> Vec<f64> {
        let mut counts = vec![0.0; self.cells * self.cells + 1];
        for point in points {
            let cell = point.map(|coordinate| {
                let place = (f64::from(coordinate) + self.extent) / (2.0 * self.extent);
                (place * self.cells as f64).floor()
            });
            let is_inside = cell
                .iter()
                .all(|cell| (0.0..self.cells as f64).contains(cell));
            let index = if is_inside {
                cell[1] as usize * self.cells + cell[0] as usize
            } else {
                self.cells * self.cells
            };
            counts[index] += 1.0;
        }
        counts
    }
}

/// Divergences between the distributions of data and samples over the cells of a grid.
///
/// Cells that are empty in both sets are ignored. For the two KL divergences, half a point is added to every other cell
/// of both sets (Krichevsky & Trofimov 1981), which keeps the divergences finite. The Jensen–Shannon divergence uses
/// the unmodified fractions. Fractions are normalised to sum to 1.
///
/// # Errors
/// [`Error::InvalidOption`] for an empty set of points, a number of cells outside 1 to 1000, and an extent that is not
/// positive.
pub fn grid_divergences(
    data: &[[f32; 2]],
    samples: &[[f32; 2]],
    grid: &Grid,
) -> Result<GridDivergences> {
    /// Pseudo-count added to each non-empty cell for the KL divergences.
    const EXTRA: f64 = 0.5;
    grid.check()?;
    for (name, points) in [("data", data), ("samples", samples)] {
        if points.is_empty() {
            return Err(Error::invalid(name, "at least one point", 0));
        }
    }
    let pairs = grid.counts(data).into_iter().zip(grid.counts(samples));
    let used: Vec<(f64, f64)> = pairs.filter(|(p, q)| p + q > 0.0).collect();
    let smooth = |(p, q): &(f64, f64)| (p + EXTRA, q + EXTRA);
    let smoothed = shares(&used.iter().map(smooth).collect::<Vec<_>>());
    let plain = shares(&used);
    let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    let js = plain.iter().map(|(p, q)| {
        let middle = (p + q) / 2.0;
        (term(*p, middle) + term(*q, middle)) / 2.0
    });
    let inverse_sizes = 1.0 / data.len() as f64 + 1.0 / samples.len() as f64;
    let expected_kl = (used.len() - 1) as f64 * inverse_sizes / 2.0;
    Ok(GridDivergences {
        forward_kl: smoothed.iter().map(|(p, q)| term(*p, *q)).sum(),
        reverse_kl: smoothed.iter().map(|(p, q)| term(*q, *p)).sum(),
        js: js.sum(),
        expected_kl,
        expected_js: expected_kl / 4.0,
    })
}

/// Normalises both columns so that each sums to 1.
fn shares(counts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let sum = |(a, b): (f64, f64), (p, q): &(f64, f64)| (a + p, b + q);
    let (p_sum, q_sum) = counts.iter().fold((0.0, 0.0), sum);
    counts.iter().map(|(p, q)| (p / p_sum, q / q_sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Named, PointData};

    fn draw(seed: u32) -> PointData {
        PointData::draw(Named::EightGaussians, 5000, seed).unwrap()
    }

    #[test]
    fn the_mixture_covers_its_own_modes() {
        let data = draw(0);
        let found = modes(data.points(), &data.mixture().unwrap()).unwrap();
        assert_eq!(found.covered, 8);
        assert!((found.share_near - 0.989).abs() < 0.005, "{found:?}");
    }

    #[test]
    fn samples_of_two_modes_cover_two_and_samples_between_cover_none() {
        let mixture = draw(0).mixture().unwrap();
        let mean = |k: usize| [mixture.means[2 * k] as f32, mixture.means[2 * k + 1] as f32];
        let found = modes(&[mean(1), mean(1), mean(4)], &mixture).unwrap();
        assert_eq!(
            (found.covered, found.counts[1], found.share_near),
            (2, 2, 1.0)
        );
        let found = modes(&[[0.0, 0.0]; 10], &mixture).unwrap();
        assert_eq!((found.covered, found.share_near), (0, 0.0));
        assert!(modes(&[], &mixture).is_err());
        // One sample in a thousand is too few to cover a mode.
        let mut samples = vec![mean(0); 999];
        samples.push(mean(1));
        assert_eq!(modes(&samples, &mixture).unwrap().covered, 1);
    }

    #[test]
    fn equal_sets_diverge_by_nothing_and_disjoint_ones_by_most() {
        let grid = Grid::default();
        let data = draw(0);
        let same = grid_divergences(data.points(), data.points(), &grid).unwrap();
        assert_eq!((same.forward_kl, same.reverse_kl, same.js), (0.0, 0.0, 0.0));
        // Also outside the grid.
        let far = grid_divergences(data.points(), &[[9.0, 9.0]; 100], &grid).unwrap();
        assert!((far.js - 2f64.ln()).abs() < 1e-12 && far.forward_kl > 1.0);
    }

    #[test]
    fn divergences_of_two_cells_are_their_formulas() {
        let points = |left: usize, right: usize| {
            let mut points = vec![[-1.0f32, 0.5]; left];
            points.extend(vec![[1.0f32, 0.5]; right]);
            points
        };
        let grid = Grid {
            cells: 2,
            extent: 2.0,
        };
        let found = grid_divergences(&points(30, 10), &points(10, 70), &grid).unwrap();
        let (p, q) = (30.5 / 41.0, 10.5 / 81.0);
        let kl = |p: f64, q: f64| p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
        assert!((found.forward_kl - kl(p, q)).abs() < 1e-12);
        assert!((found.reverse_kl - kl(q, p)).abs() < 1e-12);
        let (p, q) = (0.75, 0.125);
        let middle = (p + q) / 2.0;
        let js = (kl(p, middle) + kl(q, middle)) / 2.0;
        assert!((found.js - js).abs() < 1e-12);
        assert!((found.expected_kl - (1.0 / 40.0 + 1.0 / 80.0) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn two_draws_of_one_distribution_diverge_by_what_is_expected() {
        let mean = |which: &dyn Fn(&GridDivergences) -> f64| {
            let one = |seed: u32| {
                let (a, b) = (draw(2 * seed), draw(2 * seed + 1));
                grid_divergences(a.points(), b.points(), &Grid::default()).unwrap()
            };
            (0..8).map(|seed| which(&one(seed))).sum::<f64>() / 8.0
        };
        let expected = mean(&|d| d.expected_kl);
        assert!(expected < 0.03);
        for found in [mean(&|d| d.forward_kl), mean(&|d| d.reverse_kl)] {
            assert!(
                (0.5..1.2).contains(&(found / expected)),
                "{found} {expected}"
            );
        }
        assert!(mean(&|d| d.js) < 1.2 * mean(&|d| d.expected_js));
    }

    #[test]
    fn bad_grids_and_empty_sets_are_refused() {
        let point = [[0.0f32, 0.0]];
        for grid in [
            Grid {
                cells: 0,
                extent: 3.0,
            },
            Grid {
                cells: 2000,
                extent: 3.0,
            },
            Grid {
                cells: 8,
                extent: f64::NAN,
            },
        ] {
            assert!(grid_divergences(&point, &point, &grid).is_err());
        }
        assert!(grid_divergences(&[], &point, &Grid::default()).is_err());
        assert!(grid_divergences(&point, &[], &Grid::default()).is_err());
    }
}
