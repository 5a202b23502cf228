//! Distances between two distributions, estimated from samples: points in the plane, or feature vectors of images.
//!
//! | distance | file | source |
//! |---|---|---|
//! | maximum mean discrepancy | `mmd.rs` | Gretton et al. 2012, <https://jmlr.org/papers/v13/gretton12a.html> |
//! | sliced Wasserstein | `sliced_wasserstein.rs` | Bonneel et al. 2015, <https://doi.org/10.1007/s10851-014-0506-3> |
//! | Fréchet distance of fitted Gaussians (native, feature `cli`) | `frechet.rs` | Heusel et al. 2017, <https://arxiv.org/abs/1706.08500> |
//! | precision and recall | `manifold.rs` | Kynkäänniemi et al. 2019, <https://arxiv.org/abs/1904.06991> |

mod features;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
mod frechet;
mod manifold;
pub mod mmd;
pub mod sliced_wasserstein;

pub use features::Features;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub use frechet::Gaussian;
pub use manifold::{Manifold, NEIGHBOURS};
pub use mmd::squared_mmd;
pub use sliced_wasserstein::sliced_wasserstein;

use crate::{Error, Result};

/// Upper limit of the number of points. All pairs are visited, which takes some seconds for 20,000 points.
const MAX_POINTS: usize = 20_000;

/// Checks for 2 to 20,000 points with finite coordinates.
fn check(name: &str, points: &[[f32; 2]]) -> Result<()> {
    if !(2..=MAX_POINTS).contains(&points.len()) {
        let expected = format!("2 to {MAX_POINTS} points");
        return Err(Error::invalid(name, expected, points.len()));
    }
    match points.as_flattened().iter().find(|x| !x.is_finite()) {
        Some(x) => Err(Error::invalid(name, "points with finite coordinates", x)),
        None => Ok(()),
    }
}

/// Converts coordinates in row-major order to points.
///
/// # Errors
/// [`Error::InvalidOption`] for an odd number of coordinates.
pub fn pairs<'a>(name: &str, numbers: &'a [f32]) -> Result<&'a [[f32; 2]]> {
    match numbers.as_chunks::<2>() {
        (points, []) => Ok(points),
        _ => {
            let found = format!("{} numbers", numbers.len());
            Err(Error::InvalidOption {
                name: name.to_owned(),
                expected: "two numbers for each point".to_owned(),
                value: found,
            })
        }
    }
}
