//! The inverse CDF as a table of polynomials: one lookup and seven multiplications per sample.

use std::f64::consts::PI;

use super::{Distribution, Side};

/// Number of nodes of a polynomial of degree 6.
const NODES: usize = 7;

/// The table covers probabilities down to 2^−`OCTAVES` on both sides. Beyond, for one sample in eight million, the
/// distribution's own inverse is used.
const OCTAVES: u64 = 24;

/// Cells per octave, as a power of 2.
const CELL_BITS: u32 = 4;

/// Maximum number of leaves per cell, as a power of 2.
const MAX_LEAF_BITS: u32 = 6;

/// Tolerance in u, absolute and relative to the distance from the nearer end of [0, 1].
const ABSOLUTE: f64 = 1e-14;
const RELATIVE: f64 = 1e-11;

/// Tolerance in x, relative to the width of a leaf in x. Where the density is close to 0, a tolerance in u alone is not
/// sufficient.
const SHAPE: f64 = 1e-6;

/// Maximum number of leaves that are tried; the rest is left to the distribution's own inverse.
const MAX_TRIES: usize = 20_000;

const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
const CELL_SHIFT: u32 = MANTISSA_BITS - CELL_BITS;
const FIRST_CELL: u64 = ((f64::MAX_EXP as u64 - 1) - OCTAVES - 1) << CELL_BITS;
const CELLS: u64 = OCTAVES << CELL_BITS;

/// A tabulated inverse CDF, as in Derflinger, Hörmann & Leydold, "Random variate generation by numerical inversion when
/// only the density is known" (ACM TOMACS 20, 2010), on a grid whose cells are found without a search.
///
/// Probabilities are measured from the nearer end of [0, 1]: w = u or 1 − u. The leading bits of w as an `f64` are the
/// index of its cell, so that cells shrink with w. A cell has 1 to 64 leaves, as many as polynomials of degree 6 need
/// for an error of at most `1e-14 + 1e-11·w` in w. Where polynomials fail, at kinks and jumps, the distribution's own
/// inverse is used.
#[derive(Clone, Debug)]
pub struct InverseTable {
    /// The lower and the upper side of each cell.
    cells: Vec<Cell>,
    leaves: Vec<Leaf>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    first_leaf: u32,
    /// Shift of the remaining mantissa bits to the index of the leaf.
    shift: u32,
}

/// Centre of a leaf, and the coefficients of its polynomial in w − centre; NaN without a polynomial.
type Leaf = [f64; 1 + NODES];

impl InverseTable {
    /// Tabulates the inverse of a CDF.
    pub fn new<D: Distribution + ?Sized>(distribution: &D) -> Self {
        let mut table = Self {
            cells: Vec::with_capacity(2 * CELLS as usize),
            leaves: Vec::new(),
        };
        let mut tries = MAX_TRIES;
        // The most probable cells, which are the last, are first.
        for cell in (0..CELLS).rev() {
            for side in [Side::Lower, Side::Upper] {
                table.add_cell(distribution, side, cell, &mut tries);
            }
        }
        table.cells.reverse();
        table
    }

    fn add_cell<D: Distribution + ?Sized>(
        &mut self,
        distribution: &D,
        side: Side,
        cell: u64,
        tries: &mut usize,
    ) {
        let edge = |cell: u64| f64::from_bits((FIRST_CELL + cell) << CELL_SHIFT);
        let [from, to] = [edge(cell), edge(cell + 1)];
        let first_leaf = self.leaves.len();
        for bits in 0..=MAX_LEAF_BITS {
            self.leaves.truncate(first_leaf);
            let width = (to - from) / f64::from(1_u32 << bits);
            let fits = (0..1 << bits).map(|leaf| {
                *tries = tries.checked_sub(1)?;
                let start = from + f64::from(leaf) * width;
                Leaves { distribution, side }.leaf(start, start + width)
            });
            // Unless this is the last attempt, a leaf without a polynomial ends it.
            for fit in fits {
                match fit {
                    None if bits < MAX_LEAF_BITS => break,
                    fit => self.leaves.push(fit.unwrap_or([f64::NAN; 1 + NODES])),
                }
            }
            if self.leaves.len() - first_leaf == 1 << bits {
                self.cells.push(Cell {
                    first_leaf: first_leaf as u32,
                    shift: CELL_SHIFT - bits,
                });
                return;
            }
        }
    }

    /// The inverse CDF at u in (0, 1), or NaN where the table has none.
    #[inline]
    fn look_up(&self, u: f64) -> f64 {
        const REST: u64 = (1 << CELL_SHIFT) - 1;
        // Exact and branch-free: uniforms are equally likely on both sides.
        let offset = u - 0.5;
        let w = 0.5 - offset.abs();
        let bits = w.to_bits();
        let cell = (bits >> CELL_SHIFT).wrapping_sub(FIRST_CELL);
        let is_lower = offset.to_bits() >> 63;
        let Some(cell) = self.cells.get((cell << 1 | is_lower) as usize) else {
            return f64::NAN;
        };
        let leaf = cell.first_leaf as usize + ((bits & REST) >> cell.shift) as usize;
        let Some([middle, c0, c1, c2, c3, c4, c5, c6]) = self.leaves.get(leaf) else {
            return f64::NAN;
        };
        let d = w - middle;
        let square = d * d;
        (c0 + c1 * d) + square * ((c2 + c3 * d) + square * ((c4 + c5 * d) + square * c6))
    }

    /// Replaces each u by the inverse CDF; 0 is replaced by 2⁻⁵⁴, so that samples are finite.
    pub fn invert<D: Distribution + ?Sized>(&self, distribution: &D, us: &mut [f64]) {
        const MIN_U: f64 = 0.25 * f64::EPSILON;
        for u in us {
            let x = self.look_up(*u);
            *u = if x.is_nan() {
                distribution.inverse_cdf(u.max(MIN_U))
            } else {
                x
            };
        }
    }
}

/// Parameters for building leaves.
struct Leaves<'a, D: ?Sized> {
    distribution: &'a D,
    side: Side,
}

impl<D: Distribution + ?Sized> Leaves<'_, D> {
    fn quantile(&self, w: f64) -> f64 {
        match self.side {
            Side::Lower => self.distribution.inverse_cdf(w),
            Side::Upper => self.distribution.inverse_survival(w),
        }
    }

    /// The polynomial between two probabilities; `None` if its error is too large.
    fn leaf(&self, from: f64, to: f64) -> Option<Leaf> {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let nodes: [f64; NODES] =
            std::array::from_fn(|i| (PI * (i as f64 + 0.5) / NODES as f64).cos());
        let values = nodes.map(|t| self.quantile(middle + half * t));
        let mut leaf = [middle; 1 + NODES];
        for (power, coefficient) in interpolate(nodes, values).into_iter().enumerate() {
            leaf[1 + power] = coefficient / half.powi(power as i32);
        }
        self.is_exact(&leaf, half).then_some(leaf)
    }

    /// Checks the error between the nodes and at the ends, where it is largest.
    fn is_exact(&self, leaf: &Leaf, half: f64) -> bool {
        let [middle, coefficients @ ..] = leaf;
        let places = (0..=NODES).map(|i| -half * (PI * i as f64 / NODES as f64).cos());
        let places: Vec<f64> = places.collect();
        let exact: Vec<f64> = places.iter().map(|d| self.quantile(middle + d)).collect();
        let found = places.iter().map(|d| polynomial(coefficients, *d));
        let found: Vec<f64> = found.collect();
        let extent = (exact[NODES] - exact[0]).abs();
        let is_close = |((d, exact), found): ((&f64, &f64), &f64)| {
            let w = middle + d;
            let in_u = (ABSOLUTE + RELATIVE * w) / self.distribution.density(*exact);
            let rounding = 4.0 * f64::EPSILON * exact.abs();
            (found - exact).abs() <= in_u.min(SHAPE * extent) + rounding
        };
        // x is monotone from the nearer end inwards.
        let inwards = -self.side.sign();
        let rises = |pair: &[f64]| inwards * (pair[1] - pair[0]) >= 0.0;
        let close = places.iter().zip(&exact).zip(&found).all(is_close);
        close && found.windows(2).all(rises)
    }
}

fn polynomial(coefficients: &[f64], d: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * d + coefficient)
}

/// Coefficients of the interpolating polynomial, by Newton's divided differences.
fn interpolate(nodes: [f64; NODES], values: [f64; NODES]) -> [f64; NODES] {
    let mut differences = values;
    for order in 1..NODES {
        for i in (order..NODES).rev() {
            differences[i] = (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - order]);
        }
    }
    let mut coefficients = [0.0; NODES];
    for i in (0..NODES).rev() {
        for power in (1..NODES).rev() {
            coefficients[power] = coefficients[power - 1] - nodes[i] * coefficients[power];
        }
        coefficients[0] = differences[i] - nodes[i] * coefficients[0];
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::super::{Cauchy, Component, Exponential, GaussianMixture, Laplace, Normal, Power};
    use super::*;

    /// Checks the error in u for uniforms in all parts of [0, 1].
    #[track_caller]
    fn is_exact_in_u(distribution: &dyn Distribution, most_left_out: usize) {
        let table = InverseTable::new(distribution);
        let mut left_out = 0;
        for step in 0..200_000_u32 {
            let u = f64::from(step) * 5e-6 + 1.7e-6;
            let x = table.look_up(u);
            if x.is_nan() {
                left_out += 1;
                continue;
            }
            let error = if u < 0.5 {
                distribution.cdf(x) - u
            } else {
                distribution.survival(x) - (1.0 - u)
            };
            assert!(error.abs() < 2e-11, "at {u}: {x} is off by {error:e}");
        }
        assert!(
            left_out <= most_left_out,
            "{left_out} of 200000 are left out"
        );
    }

    #[test]
    fn smooth_quantiles_are_within_2e_11_of_u() {
        is_exact_in_u(&Normal::new(1.0, 3.0).unwrap(), 0);
        is_exact_in_u(&Exponential::new(0.7).unwrap(), 0);
        is_exact_in_u(&Cauchy::new(-2.0, 0.1).unwrap(), 0);
        is_exact_in_u(&Power::new(2.0, 2.0).unwrap(), 0);
        is_exact_in_u(&Laplace::new(0.5, 2.0).unwrap(), 0);
    }

    #[test]
    fn modes_far_apart_are_followed_too() {
        let component = |weight, mean, std| Component { weight, mean, std };
        let apart = [component(0.3, -4.0, 0.5), component(0.7, 3.0, 0.1)];
        is_exact_in_u(&GaussianMixture::new(&apart).unwrap(), 600);
        let near = [component(0.3, -2.0, 0.5), component(0.7, 1.0, 1.0)];
        is_exact_in_u(&GaussianMixture::new(&near).unwrap(), 0);
    }

    #[test]
    fn the_distribution_inverts_where_the_table_does_not() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        let table = InverseTable::new(&normal);
        let us = [0.0, 1e-12, 0.5, 1.0 - f64::EPSILON / 2.0];
        let mut found = us;
        table.invert(&normal, &mut found);
        assert_eq!(found[1..], [1, 2, 3].map(|i| normal.inverse_cdf(us[i])));
        assert_eq!(found[0], normal.inverse_cdf(2.0_f64.powi(-54)));
    }

    #[test]
    fn samples_rise_with_u() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        let table = InverseTable::new(&normal);
        let mut found: Vec<f64> = (1..1_000_000).map(|step| f64::from(step) * 1e-6).collect();
        table.invert(&normal, &mut found);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
