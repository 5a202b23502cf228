//! Binding of the log-density of points.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::points::PointDensity;
use crate::web::WasmDevice;
use crate::web::run::{at_end, progress, settled};

/// A [`PointDensity`], with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmPointDensity {
    pub(super) run: PointDensity,
    pub(super) device: WasmDevice,
}

#[wasm_bindgen]
impl WasmPointDensity {
    /// Total number of evaluations.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.run.steps()
    }

    /// Number of completed evaluations.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.run.completed_steps()
    }

    /// Number of points.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.run.count()
    }

    /// Evaluates the model and its divergence once; returns `undefined` once the run is complete.
    ///
    /// # Errors
    /// `device` if the GPU is lost.
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.device.check()?;
        progress(self.run.step()?)
    }

    /// Resolves when the device has completed all steps so far.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        settled(self.device.clone())
    }

    /// `ln p_t` in nats, a `Float32Array` `[count]`; an error before the last step.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn nats(&self) -> Promise {
        let progress = [self.run.completed_steps(), self.run.steps()];
        at_end(
            "nats",
            progress,
            || Some(self.run.nats()),
            self.device.clone(),
        )
    }
}
