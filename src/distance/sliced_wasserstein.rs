//! The sliced Wasserstein distance: optimal transport along random lines.

use crate::random::Generator;
use crate::{Error, Result};

/// Options of [`sliced_wasserstein`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Order `p` of the distance.
    pub order: Order,
    /// Number of directions.
    pub projections: usize,
    /// Seed of the directions.
    pub seed: u32,
}

/// The order `p` of the Wasserstein distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `p = 1`, the earth mover's distance.
    First,
    /// `p = 2`.
    Second,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            order: Order::Second,
            projections: 128,
            seed: 0,
        }
    }
}

/// Upper limit of the number of directions; more do not improve the estimate in the plane.
const MAX_PROJECTIONS: usize = 10_000;

/// The sliced Wasserstein distance of order `p` between two sets of points,
///
/// `SW_p = (mean over directions θ of W_p(θ·a, θ·b)^p)^(1/p)`,
///
/// where `W_p^p = ∫_0^1 |F⁻¹(u) − G⁻¹(u)|^p du` of the projections is exact for any two numbers of points (Bonneel et
/// al. 2015, definition 4 and section 2.1). The directions are normalised draws from a normal distribution.
///
/// # Errors
/// [`Error::InvalidOption`] for fewer than 2 or more than 20,000 points, for coordinates that are not finite, and for
/// zero or more than 10,000 projections.
pub fn sliced_wasserstein(a: &[[f32; 2]], b: &[[f32; 2]], options: &Options) -> Result<f64> {
    super::check("a", a)?;
    super::check("b", b)?;
    let Options {
        order,
        projections,
        seed,
    } = *options;
    if !(1..=MAX_PROJECTIONS).contains(&projections) {
        let expected = format!("between 1 and {MAX_PROJECTIONS}");
        return Err(Error::invalid("projections", expected, projections));
    }
    let normals = Generator::new(seed).normal(2 * projections);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut total = 0.0;
    for direction in normals.as_chunks::<2>().0 {
        project(a, *direction, &mut left);
        project(b, *direction, &mut right);
        total += transport(&left, &right, order);
    }
    let mean = total / projections as f64;
    Ok(match order {
        Order::First => mean,
        Order::Second => mean.sqrt(),
    })
}

/// Projects the points onto a direction, which need not have unit length, and sorts the result.
fn project(points: &[[f32; 2]], [x, y]: [f32; 2], into: &mut Vec<f32>) {
    let length = x.hypot(y).max(f32::MIN_POSITIVE);
    let (x, y) = (x / length, y / length);
    into.clear();
    into.extend(points.iter().map(|point| x * point[0] + y * point[1]));
    into.sort_unstable_by(f32::total_cmp);
}

/// `W_p^p` of two sorted samples, whose quantile functions are step functions with steps of width `1/n` and `1/m`.
fn transport(a: &[f32], b: &[f32], order: Order) -> f64 {
    let cost = |a: f32, b: f32| {
        let distance = f64::from(a) - f64::from(b);
        match order {
            Order::First => distance.abs(),
            Order::Second => distance * distance,
        }
    };
    let (n, m) = (a.len(), b.len());
    if n == m {
        let costs = a.iter().zip(b).map(|(a, b)| cost(*a, *b));
        return costs.sum::<f64>() / n as f64;
    }
    // In units of 1/(n·m), in which all ends of steps are integers.
    let (mut total, mut i, mut j, mut from) = (0.0, 0, 0, 0);
    while i < n && j < m {
        let to = ((i + 1) * m).min((j + 1) * n);
        total += cost(a[i], b[j]) * (to - from) as f64;
        from = to;
        i += usize::from(to == (i + 1) * m);
        j += usize::from(to == (j + 1) * n);
    }
    total / (n as f64 * m as f64)
}
