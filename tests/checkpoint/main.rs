//! Checkpoints that are not what they should be: each gives an error that names the culprit.
#![cfg(not(target_family = "wasm"))]

#[cfg(feature = "cli")]
#[path = "../common/mod.rs"]
mod common;
mod config;
mod damage;
mod files;
mod layout;
#[cfg(feature = "cli")]
mod save;
mod weights;
