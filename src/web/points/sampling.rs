//! Binding of point sampling.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::points::{PointDenoiser, PointSampling};
use crate::web::WasmDevice;
use crate::web::run::Stepped;

/// A [`PointSampling`], with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmPointSampling {
    run: Stepped<PointDenoiser, 2>,
}

impl WasmPointSampling {
    pub(super) fn new(run: PointSampling, device: WasmDevice) -> Self {
        Self {
            run: Stepped::new(run, device),
        }
    }
}

#[wasm_bindgen]
impl WasmPointSampling {
    /// Total number of network evaluations.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.run.steps()
    }

    /// Number of completed network evaluations.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.run.completed_steps()
    }

    /// Number of points.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.run.batch()
    }

    /// Evaluates the model once; returns `undefined` once the run is complete.
    ///
    /// # Errors
    /// `device` if the GPU is lost, and `tolerance` if the adaptive solver gives up.
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.run.step()
    }

    /// Resolves when the device has completed all steps so far.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        self.run.settled()
    }

    /// The current `x_t`, a `Float32Array` `[count, dimensions]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn noisy(&self) -> Promise {
        self.run.values(Ok(self.run.noisy()))
    }

    /// The latest estimate of `x_0`, in the same layout.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn clean(&self) -> Promise {
        self.run.values(self.run.clean())
    }
}
