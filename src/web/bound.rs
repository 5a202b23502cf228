//! Binding of the variational bound of images.

use js_sys::{Float32Array, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::floats;
use super::options::{Fields, in_javascript};
use super::run::{at_end, progress, settled, values};
use super::{WasmDevice, WasmPipeline};
use crate::Result;
use crate::pipeline::{BoundOptions, ImageBound};

#[wasm_bindgen]
impl WasmPipeline {
    /// Starts a run that computes the variational bound of images.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `images`, or the checkpoint where its model has no discrete timesteps.
    #[wasm_bindgen(js_name = variationalBound)]
    pub fn variational_bound(
        &self,
        images: Float32Array,
        options: JsValue,
    ) -> Result<WasmBound, JsValue> {
        self.device.check()?;
        let options = bound_options(&options)?;
        let run = self
            .pipeline
            .variational_bound(&floats("images", &images)?, &options);
        Ok(WasmBound {
            run: run.map_err(in_javascript)?,
            device: self.device.clone(),
        })
    }
}

fn bound_options(options: &JsValue) -> Result<BoundOptions> {
    let expected = "an object of the options steps, seed, classLabels";
    let mut fields = Fields::read("options", expected, options)?;
    let options = BoundOptions {
        steps: fields.whole("steps")?,
        seed: fields.seed("seed")?,
        class_labels: fields.class_labels()?,
    };
    fields.finish(expected)?;
    Ok(options)
}

/// An [`ImageBound`], with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmBound {
    run: ImageBound,
    device: WasmDevice,
}

#[wasm_bindgen]
impl WasmBound {
    /// Total number of network evaluations, one per timestep.
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

    /// Evaluates the network once and computes one term; returns `undefined` once all are computed.
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

    /// `L_T` in bits per dimension, a `Float32Array` `[batch]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn prior(&self) -> Promise {
        values(Ok(self.run.prior()), self.device.clone())
    }

    /// `L_{t−1}` in bits per dimension, `[batch, terms]`, for the terms computed so far.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn terms(&self) -> Promise {
        match self.run.terms() {
            Some(terms) => values(Ok(terms), self.device.clone()),
            None => Promise::resolve(&JsValue::from(Float32Array::new_with_length(0))),
        }
    }

    /// `L_0` in bits per dimension, `[batch]`; an error before the last step.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn decoder(&self) -> Promise {
        let progress = [self.completed_steps(), self.steps()];
        let decoder = || self.run.decoder();
        at_end("decoder", progress, decoder, self.device.clone())
    }

    /// Timesteps of the network evaluations, noisiest first: those of the terms, then that of `L_0`.
    pub fn timesteps(&self) -> Vec<f64> {
        self.run.timesteps().collect()
    }

    /// Sum of all terms, `[batch]`; an error before the last step.
    #[wasm_bindgen(js_name = bitsPerDimension, unchecked_return_type = "Promise<Float32Array>")]
    pub fn bits_per_dimension(&self) -> Promise {
        let progress = [self.completed_steps(), self.steps()];
        let bits = || Some(self.run.bits_per_dimension());
        at_end("bitsPerDimension", progress, bits, self.device.clone())
    }
}
