//! Points in the plane: data sets that are drawn by a formula, and points as they are given.
//!
//! | name | what | source |
//! |---|---|---|
//! | `two-gaussians` | one fifth about (−5, −5), the rest about (5, 5), both of standard deviation 1 | Song & Ermon 2019, section 3.2.1 |
//! | `eight-gaussians` | eight of standard deviation 0.5 on a circle of radius 4 | Grathwohl et al. 2019, figure 2 |
//! | `two-moons` | two interleaved half circles | Pedregosa et al. 2011, `make_moons` |
//! | `swiss-roll` | a spiral from 3π/2 to 9π/2 | Pedregosa et al. 2011, `make_swiss_roll` |
//! | `checkerboard` | the dark fields of a board of four by four | Grathwohl et al. 2019 |
//! | `rings` | circles of radius 1, 2 and 3, evenly along all of them | |
//! | `spiral` | two arms of one and a half turns | |
//! | `pinwheel` | five bent blades | Johnson et al. 2016, section 5 |
//! | `smiley` | a face of a circle, two eyes and an arc | |
//!
//! The formulas are those of [`Named`]. All sets are standardised, see [`PointData`]. Images from files are native programs' alone, in `images`.

mod csv;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub mod images;
mod mixture;
mod named;
mod point_data;

pub use mixture::GaussianMixture;
pub use named::{Moments, Named};
pub use point_data::{PointData, Standardisation, split};
