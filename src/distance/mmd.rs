//! Maximum mean discrepancy with Gaussian kernels.

use crate::elementary::exp;
use crate::{Error, Result};

/// Options of [`squared_mmd`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Bandwidth `h` of the widest kernel; `None` for the median distance between the points of the second set, which
    /// makes several sets comparable with one reference.
    pub bandwidth: Option<f64>,
    /// Estimator.
    pub estimator: Estimator,
}

/// An estimator of the squared maximum mean discrepancy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Estimator {
    /// Excludes pairs of a point with itself. The mean is 0 for two draws from the same distribution, and the value may
    /// be negative (Gretton et al. 2012, eq. 3).
    #[default]
    Unbiased,
    /// All pairs: the squared distance of the two empirical distributions, never negative (Gretton et al. 2012, eq. 5,
    /// squared).
    Biased,
}

/// The squared maximum mean discrepancy between two sets of points,
///
/// `MMD² = E k(a, a') − 2·E k(a, b) + E k(b, b')`
///
/// over all pairs (Gretton et al. 2012, lemma 6). The kernel is the mean of four Gaussian kernels,
/// `exp(−|x − y|²/(2·w²))` with widths `w` of `h`, `h/2`, `h/4` and `h/8` (a mixture as in Li, Swersky & Zemel 2015,
/// section 3). The default `h` is the median distance (Gretton et al. 2012, section 8); on its own this is as wide as
/// the whole set, and insensitive to finer structure. The median is estimated from at most 1000 points of `b`, evenly
/// chosen.
///
/// # Errors
/// [`Error::InvalidOption`] for fewer than 2 or more than 20,000 points, for coordinates that are not finite, and for a
/// bandwidth that is not positive. Where all points of `b` are identical, a bandwidth is required.
pub fn squared_mmd(a: &[[f32; 2]], b: &[[f32; 2]], options: &Options) -> Result<f64> {
    super::check("a", a)?;
    super::check("b", b)?;
    let bandwidth = options.bandwidth.unwrap_or_else(|| median_distance(b));
    if !(bandwidth.is_finite() && bandwidth > 0.0) {
        return Err(Error::invalid("bandwidth", "a positive number", bandwidth));
    }
    let (a, b) = (Columns::new(a, bandwidth), Columns::new(b, bandwidth));
    let within = |points: &Columns| {
        let count = points.x.len() as f64;
        // Each pair counts once; the pair of a point with itself contributes 1.
        let pairs = 2.0 * points.sum_over_pairs();
        match options.estimator {
            Estimator::Unbiased => pairs / (count * (count - 1.0)),
            Estimator::Biased => (pairs + count) / (count * count),
        }
    };
    let across = a.sum_with(&b) / (a.x.len() as f64 * b.x.len() as f64);
    Ok(within(&a) - 2.0 * across + within(&b))
}

/// Median distance between different points of a set; of every n-th where there are more than 1000.
pub fn median_distance(points: &[[f32; 2]]) -> f64 {
    let some: Vec<[f32; 2]> = points
        .iter()
        .step_by(points.len().div_ceil(1000))
        .copied()
        .collect();
    let mut squares: Vec<f32> = Vec::with_capacity(some.len() * some.len() / 2);
    for (index, [x, y]) in some.iter().enumerate() {
        let squared = |other: &[f32; 2]| (x - other[0]).powi(2) + (y - other[1]).powi(2);
        squares.extend(some[index + 1..].iter().map(squared));
    }
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f32::total_cmp);
    f64::from(*median).sqrt()
}

/// Points by coordinate, in units of `√2·h`, so that the widest kernel is `exp(−|x − y|²)`.
struct Columns {
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Columns {
    fn new(points: &[[f32; 2]], bandwidth: f64) -> Self {
        let scale = std::f64::consts::FRAC_1_SQRT_2 / bandwidth;
        let column = |axis: usize| {
            let column = points.iter().map(|point| f64::from(point[axis]) * scale);
            column.map(|value| value as f32).collect()
        };
        Self {
            x: column(0),
            y: column(1),
        }
    }

    /// Sum of the kernel over all pairs of different points, each once.
    fn sum_over_pairs(&self) -> f64 {
        let from = |index: usize| {
            sum_of_kernels(self.at(index), &self.x[index + 1..], &self.y[index + 1..])
        };
        (0..self.x.len()).map(from).sum()
    }

    /// Sum of the kernel over all pairs of a point of each set.
    fn sum_with(&self, other: &Self) -> f64 {
        let from = |index: usize| sum_of_kernels(self.at(index), &other.x, &other.y);
        (0..self.x.len()).map(from).sum()
    }

    fn at(&self, index: usize) -> [f32; 2] {
        [self.x[index], self.y[index]]
    }
}

/// In eight lanes, so that the compiler vectorises it.
fn sum_of_kernels([x, y]: [f32; 2], xs: &[f32], ys: &[f32]) -> f64 {
    let kernel = |other_x: f32, other_y: f32| {
        let (dx, dy) = (x - other_x, y - other_y);
        // Halving the bandwidth raises the kernel to the fourth power.
        let fourth = |k: f32| (k * k) * (k * k);
        let widest = exp(-(dx * dx + dy * dy));
        let half = fourth(widest);
        let quarter = fourth(half);
        (widest + half + quarter + fourth(quarter)) * 0.25
    };
    let mut lanes = [0.0_f32; 8];
    let ((xs, xs_rest), (ys, ys_rest)) = (xs.as_chunks::<8>(), ys.as_chunks::<8>());
    for (xs, ys) in xs.iter().zip(ys) {
        for lane in 0..8 {
            lanes[lane] += kernel(xs[lane], ys[lane]);
        }
    }
    let rest = xs_rest.iter().zip(ys_rest);
    let rest: f32 = rest.map(|(x, y)| kernel(*x, *y)).sum();
    f64::from(lanes.iter().sum::<f32>() + rest)
}
