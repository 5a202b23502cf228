//! The JavaScript bindings, which only convert and delegate.
//!
//! The package's own code (fetching, caching, iteration, cancellation, the worker) is in `js/`. No borrow is held
//! across an `await`: reads clone the tensor handle and return a promise, so that calls may overlap.

mod arguments;
mod bound;
mod catalog;
mod degradation;
mod density;
mod density_options;
mod density_sampler;
mod device;
mod error;
mod family;
#[cfg_attr(not(feature = "webgpu"), path = "no_gpu.rs")]
mod gpu;
mod latents;
mod likelihood;
mod options;
mod pipeline;
mod points;
mod restore;
mod restorers;
mod run;
mod sampler;
mod sampling;
mod scheduler_defaults;
mod slerp;
mod synchronise;

pub use bound::WasmBound;
pub use catalog::samplers;
pub use density::WasmDensity;
pub use density_sampler::{WasmDensitySampler, WasmRejection};
pub use device::{WasmDevice, open_device};
pub use family::{WasmFamilyTrainer, families};
pub use likelihood::WasmLikelihood;
pub use pipeline::{CheckpointFiles, WasmPipeline};
pub use points::{
    WasmPointDensity, WasmPointModel, WasmPointSampling, WasmTrainer, distance_of_points,
    draw_point_data, forward_paths_of_points, forward_points, point_data_from, point_data_from_csv,
    point_datasets, schedule_curves, split_points,
};
pub use restore::WasmRestoration;
pub use restorers::restorers;
pub use sampling::WasmSampling;
pub use slerp::slerp;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the module is instantiated, and reports the location of panics.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
