//! The bindings that JavaScript calls. They only convert and delegate.
//!
//! The npm package's own JavaScript (fetching, caching, iteration, cancellation, the worker) lies beside
//! them in `js/`. No borrow is held across an `await`: read-backs clone the tensor handle
//! and return a promise, so calls may overlap.

mod device;
mod error;
mod options;
mod pipeline;
mod sampling;

pub use device::{WasmDevice, open_device};
pub use pipeline::{CheckpointFiles, WasmPipeline};
pub use sampling::WasmSampling;

use wasm_bindgen::prelude::wasm_bindgen;

unsafe extern "C" {
    /// Runs the constructors that crates register before `main`; the linker writes it.
    fn __wasm_call_ctors();
}

/// Runs once when the module is instantiated: a panic, should there be one, says where.
#[wasm_bindgen(start)]
fn start() {
    // SAFETY: called once, before anything else. Without this call the linker would take the module for a
    // command and run the thousands of constructors of the kernel compiler at *every* call from JavaScript.
    unsafe { __wasm_call_ctors() };
    console_error_panic_hook::set_once();
}
