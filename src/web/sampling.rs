//! Binding of image sampling.

use burn::tensor::Tensor;
use js_sys::{JsString, Promise, Uint8ClampedArray};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::WasmDevice;
use super::options::refused;
use super::run::Stepped;
use crate::Result;
use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::pipeline::{DataRange, rgba};
use crate::sampler::Run;

/// The denoiser of a run, of any type.
pub(super) struct AnyDenoiser(Box<dyn Denoiser<4>>);

impl std::fmt::Debug for AnyDenoiser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AnyDenoiser")
    }
}

impl Denoiser<4> for AnyDenoiser {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        self.0.denoise(noisy, level)
    }
}

/// A sampling run of images, with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmSampling {
    pub(super) run: Stepped<AnyDenoiser, 4>,
    range: DataRange,
}

impl WasmSampling {
    pub(super) fn new(
        run: Run<impl Denoiser<4> + 'static, 4>,
        range: DataRange,
        device: WasmDevice,
    ) -> Self {
        let run = run.map_denoiser(|denoiser| AnyDenoiser(Box::new(denoiser)));
        Self {
            run: Stepped::new(run, device),
            range,
        }
    }

    fn which(&self, name: &JsValue) -> Result<Tensor<4>> {
        match name.as_string().as_deref() {
            Some("noisy") => Ok(self.run.noisy()),
            Some("clean") => self.run.clean(),
            _ => Err(refused("images", "noisy or clean", name)),
        }
    }
}

#[wasm_bindgen]
impl WasmSampling {
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

    /// Number of images.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.run.batch()
    }

    /// Evaluates the network once; returns `undefined` once the run is complete.
    ///
    /// On the GPU it only submits the work; [`settled`](Self::settled) resolves when that is complete.
    ///
    /// # Errors
    /// `device` if the GPU is lost, and `tolerance` if the adaptive solver gives up.
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.run.step()
    }

    /// Resolves when the device has completed all steps so far, including the step-size control of the adaptive solver.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        self.run.settled()
    }

    /// The current `x_t`, a `Float32Array` `[batch, channels, height, width]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn noisy(&self) -> Promise {
        self.run.values(Ok(self.run.noisy()))
    }

    /// The latest estimate of `x_0`, in the same layout.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn clean(&self) -> Promise {
        self.run.values(self.run.clean())
    }

    /// `"noisy"` (the default) or `"clean"` as pixels: a `Uint8ClampedArray` `[batch, height, width, 4]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8ClampedArray>")]
    pub fn images(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "\"noisy\" | \"clean\"")] which: Option<
            JsString,
        >,
    ) -> Promise {
        let tensor = match which {
            Some(which) => self.which(&which),
            None => Ok(self.run.noisy()),
        };
        let (sample, range) = (self.run.read(tensor), self.range);
        let [_, channels, height, width] = self.run.noisy().dims();
        future_to_promise(async move {
            let values = sample.await?;
            let pixels = rgba(&values, channels, height * width, range);
            Ok(Uint8ClampedArray::from(pixels.as_slice()).into())
        })
    }
}
