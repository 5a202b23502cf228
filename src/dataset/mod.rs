//! Data sets of points in the plane: named distributions, and given points.
//!
//! | name | distribution | source |
//! |---|---|---|
//! | `two-gaussians` | one fifth at (−5, −5), the rest at (5, 5), both with standard deviation 1 | Song & Ermon 2019, section 3.2.1 |
//! | `eight-gaussians` | eight Gaussians with standard deviation 0.5 on a circle of radius 4 | Grathwohl et al. 2019, figure 2 |
//! | `two-moons` | two interleaved half circles | Pedregosa et al. 2011, `make_moons` |
//! | `swiss-roll` | a spiral from 3π/2 to 9π/2 | Pedregosa et al. 2011, `make_swiss_roll` |
//! | `checkerboard` | the dark squares of a four by four board | Grathwohl et al. 2019 |
//! | `rings` | circles of radius 1, 2 and 3, uniform along all of them | |
//! | `spiral` | two arms of one and a half turns | |
//! | `pinwheel` | five curved blades | Johnson et al. 2016, section 5 |
//! | `smiley` | a face made of a circle, two eyes and an arc | |
//!
//! [`Named`] documents the formulas. All sets are standardised; see [`PointData`]. Images from files are in `images`,
//! only in native programs.

mod csv;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub mod images;
mod mixture;
mod named;
mod point_data;

pub use mixture::GaussianMixture;
pub use named::{Moments, Named};
pub use point_data::{PointData, Standardisation, split};
