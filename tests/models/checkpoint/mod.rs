//! Checkpoints that are not what they should be: each gives an error that names the culprit.

mod config;
mod damage;
mod files;
mod layout;
#[cfg(feature = "cli")]
mod python;
mod save;
mod weights;
