//! Binding of the log-likelihood of images.

use burn::tensor::Tensor;
use js_sys::{Float32Array, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::floats;
use super::options::{Fields, in_javascript};
use super::run::{at_end, progress, settled};
use super::sampler::solver;
use super::{WasmDevice, WasmPipeline};
use crate::Result;
use crate::pipeline::{Dequantisation, ImageLikelihood, LikelihoodOptions};

#[wasm_bindgen]
impl WasmPipeline {
    /// Starts a run that computes the log-likelihood of images.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `images`.
    #[wasm_bindgen(js_name = logLikelihood)]
    pub fn log_likelihood(
        &self,
        images: Float32Array,
        options: JsValue,
    ) -> Result<WasmLikelihood, JsValue> {
        self.device.check()?;
        let options = likelihood_options(&options)?;
        let run = self
            .pipeline
            .log_likelihood(&floats("images", &images)?, &options);
        Ok(WasmLikelihood {
            run: run.map_err(in_javascript)?,
            device: self.device.clone(),
        })
    }
}

fn likelihood_options(options: &JsValue) -> Result<LikelihoodOptions> {
    let expected = "an object of the options solver, steps, probes, seed, dequantisation, dequantisationSeed, classLabels";
    let mut fields = Fields::read("options", expected, options)?;
    let default = LikelihoodOptions::default();
    let dequantisation = match fields.choice("dequantisation", &["uniform", "none"])? {
        Some("none") => {
            fields.refuse("dequantisationSeed", "dequantisation", "none")?;
            Dequantisation::None
        }
        _ => Dequantisation::Uniform {
            seed: fields.seed("dequantisationSeed")?,
        },
    };
    let options = LikelihoodOptions {
        solver: solver(&mut fields, default.solver)?,
        steps: fields.whole("steps")?.unwrap_or(default.steps),
        probes: fields.whole("probes")?.unwrap_or(default.probes),
        seed: fields.seed("seed")?,
        dequantisation,
        class_labels: fields.class_labels()?,
    };
    fields.finish(expected)?;
    Ok(options)
}

/// An [`ImageLikelihood`], with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmLikelihood {
    run: ImageLikelihood,
    device: WasmDevice,
}

#[wasm_bindgen]
impl WasmLikelihood {
    /// Total number of evaluations of the solver.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.run.steps()
    }

    /// Number of completed evaluations.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.run.completed_steps()
    }

    /// Number of images.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.run.batch()
    }

    /// Evaluates the network with its gradient once per probe; returns `undefined` once the run is complete.
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

    /// Log-density in nats, a `Float32Array` `[batch]`; an error before the last step.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn nats(&self) -> Promise {
        self.at_end("nats", ImageLikelihood::nats)
    }

    /// Bits per dimension, a `Float32Array` `[batch]`; an error before the last step.
    #[wasm_bindgen(js_name = bitsPerDimension, unchecked_return_type = "Promise<Float32Array>")]
    pub fn bits_per_dimension(&self) -> Promise {
        self.at_end("bitsPerDimension", ImageLikelihood::bits_per_dimension)
    }
}

impl WasmLikelihood {
    fn at_end(&self, name: &'static str, reading: fn(&ImageLikelihood) -> Tensor<1>) -> Promise {
        let progress = [self.completed_steps(), self.steps()];
        at_end(
            name,
            progress,
            || Some(reading(&self.run)),
            self.device.clone(),
        )
    }
}
