//! The bindings that JavaScript calls. They only convert and delegate.
//!
//! The npm package's own JavaScript (fetching, caching, iteration, cancellation, the worker) lies beside
//! them in `js/`. No borrow is held across an `await`: read-backs clone the tensor handle
//! and return a promise, so calls may overlap.

mod arguments;
mod bound;
mod catalog;
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
mod run;
mod sampler;
mod sampling;
mod scheduler_defaults;
mod slerp;

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
pub use sampling::WasmSampling;
pub use slerp::slerp;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once when the module is instantiated: a panic, should there be one, says where.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
