//! Invalid checkpoints: each causes an error that names the problem.

mod config;
mod damage;
mod files;
mod layout;
#[cfg(feature = "cli")]
mod python;
mod save;
mod weights;
