//! Runs the cases of the native tests under libFuzzer.

#[path = "../../tests/models/fuzz/choices.rs"]
mod choices;
#[path = "../../tests/models/fuzz/densities.rs"]
pub mod densities;
#[path = "../../tests/models/fuzz/files.rs"]
pub mod files;
#[path = "../../tests/models/fuzz/points.rs"]
pub mod points;
#[path = "../../tests/models/fuzz/schedulers.rs"]
pub mod schedulers;
