//! Precision and recall of samples, by nearest neighbours.

use super::Features;
use crate::{Error, Result};

/// Number of neighbours in Kynkäänniemi et al. 2019 (section 3.1).
pub const NEIGHBOURS: usize = 3;

/// The manifold of a set of feature vectors: the union of balls around the vectors that extend to the `k`-th nearest
/// neighbour in the set (Kynkäänniemi et al. 2019, figure 2).
///
/// With the manifolds of equally many real and generated images,
///
/// - **precision** is the fraction of generated images in the manifold of the real images: `real.coverage(generated)`;
/// - **recall** is the fraction of real images in the manifold of the generated images: `generated.coverage(real)`
///
/// (eq. 2 of <https://arxiv.org/abs/1904.06991>).
///
/// ```
/// use tweedie::distance::{Features, Manifold};
/// let real = Features::new(&[0.0, 1.0, 2.0, 3.0], 1)?;
/// let generated = Features::new(&[1.5, 9.0], 1)?;
/// assert_eq!(Manifold::new(real, 1)?.coverage(generated)?, 0.5);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Manifold<'a> {
    features: Features<'a>,
    /// Squared radius of each ball.
    radii: Vec<f32>,
}

impl<'a> Manifold<'a> {
    /// The manifold of `features`; computes all distances within the set.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where `neighbours` is 0 or not below the number of vectors.
    pub fn new(features: Features<'a>, neighbours: usize) -> Result<Self> {
        let count = features.len();
        if !(1..count).contains(&neighbours) {
            let expected = format!("at least 1 and below {count}, the number of vectors");
            return Err(Error::invalid("neighbours", expected, neighbours));
        }
        let mut squares = Vec::with_capacity(count);
        let mut radius = |index: usize, row: &[f32]| {
            squares.clear();
            let others = features
                .rows()
                .enumerate()
                .filter(|(other, _)| *other != index);
            squares.extend(others.map(|(_, other)| squared_distance(row, other)));
            *squares
                .select_nth_unstable_by(neighbours - 1, f32::total_cmp)
                .1
        };
        let rows = features.rows().enumerate();
        let radii = rows.map(|(index, row)| radius(index, row)).collect();
        Ok(Self { features, radii })
    }

    /// Whether a vector lies in one of the balls (eq. 1).
    fn holds(&self, vector: &[f32]) -> bool {
        let mut balls = self.features.rows().zip(&self.radii);
        balls.any(|(centre, radius)| squared_distance(vector, centre) <= *radius)
    }

    /// Fraction of the other vectors that lie in the manifold, 0 to 1.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for vectors of a different dimension.
    pub fn coverage(&self, others: Features) -> Result<f64> {
        others.check_same_space(self.features.dimensions())?;
        let inside = others.rows().filter(|other| self.holds(other)).count();
        Ok(inside as f64 / others.len() as f64)
    }
}

/// `‖a − b‖²` in eight lanes, so that the compiler vectorises it.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let square = |a: f32, b: f32| (a - b) * (a - b);
    let mut lanes = [0.0_f32; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += square(a[lane], b[lane]);
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| square(*a, *b));
    lanes.iter().sum::<f32>() + rest.sum::<f32>()
}
