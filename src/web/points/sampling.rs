//! A sampling of points that JavaScript steps.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::points::{PointDenoiser, PointSampling};
use crate::web::WasmDevice;
use crate::web::run::Stepped;

/// A [`PointSampling`] with promises for what must be read back from the device.
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
    /// Network evaluations from start to end.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.run.steps()
    }

    /// Network evaluations done.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.run.completed_steps()
    }

    /// Number of points.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.run.batch()
    }

    /// Evaluates the model once; `undefined` when the sampling was complete before.
    ///
    /// # Errors
    /// `device` when the GPU was lost, and `tolerance` when the adaptive solver cannot go on.
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.run.step()
    }

    /// Resolves when the device has computed all steps so far.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        self.run.settled()
    }

    /// The current `x_t`, a `Float32Array` `[count, dimensions]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn noisy(&self) -> Promise {
        self.run.values(Ok(self.run.noisy()))
    }

    /// The last estimate of `x_0`, in the same layout.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn clean(&self) -> Promise {
        self.run.values(self.run.clean())
    }
}
