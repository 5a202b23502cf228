//! Bindings of encoding and decoding.

use js_sys::Float32Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::floats;
use super::options::{Fields, in_javascript};
use super::{WasmPipeline, WasmSampling};
use crate::Result;
use crate::checkpoint::scheduler::MethodOptions;
use crate::pipeline::{Integrator, InversionOptions, LatentOptions};
use crate::sampler::probability_flow::Solver;

#[wasm_bindgen]
impl WasmPipeline {
    /// Encodes images to latents along the probability-flow ODE.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `images`.
    pub fn encode(&self, images: Float32Array, options: JsValue) -> Result<WasmSampling, JsValue> {
        let options = self.latent_options(&options)?;
        let run = self.pipeline.encode(&floats("images", &images)?, &options);
        Ok(self.running(run.map_err(in_javascript)?))
    }

    /// Decodes latents to images along the probability-flow ODE.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `latents`.
    pub fn decode(&self, latents: Float32Array, options: JsValue) -> Result<WasmSampling, JsValue> {
        let options = self.latent_options(&options)?;
        let run = self
            .pipeline
            .decode(&floats("latents", &latents)?, &options);
        Ok(self.running(run.map_err(in_javascript)?))
    }

    /// Maps images to latents by DDIM inversion.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `images`, or the checkpoint where its model has no discrete timesteps.
    pub fn invert(&self, images: Float32Array, options: JsValue) -> Result<WasmSampling, JsValue> {
        self.device.check()?;
        let options = inversion_options(&options)?;
        let run = self.pipeline.invert(&floats("images", &images)?, &options);
        Ok(self.running(run.map_err(in_javascript)?))
    }
}

impl WasmPipeline {
    fn latent_options(&self, options: &JsValue) -> Result<LatentOptions> {
        self.device.check()?;
        latent_options(options)
    }
}

const ADAPTIVE: &str = "dormand-prince";
const TOLERANCES: [&str; 3] = ["absoluteTolerance", "relativeTolerance", "maxEvaluations"];

fn latent_options(options: &JsValue) -> Result<LatentOptions> {
    let expected = "an object of the options solver, steps, classLabels, and with the solver dormand-prince in place of steps \
                    absoluteTolerance, relativeTolerance, maxEvaluations";
    let mut fields = Fields::read("options", expected, options)?;
    let solver = fields.choice("solver", &["euler", "heun", "rk4", ADAPTIVE])?;
    let fixed = match solver {
        Some("euler") => Some(Solver::Euler),
        Some("rk4") => Some(Solver::RungeKutta4),
        Some(ADAPTIVE) => None,
        _ => Some(Solver::Heun),
    };
    let integrator = match fixed {
        Some(solver) => Integrator::Fixed {
            solver,
            steps: fields.whole("steps")?.unwrap_or(Integrator::STEPS),
        },
        None => Integrator::Adaptive(fields.over(Integrator::TOLERANCE)?),
    };
    let class_labels = fields.class_labels()?;
    let foreign = match fixed {
        Some(_) => &TOLERANCES[..],
        None => &["steps"],
    };
    for name in foreign {
        fields.refuse(name, "solver", solver.unwrap_or("heun"))?;
    }
    fields.finish(expected)?;
    Ok(LatentOptions {
        integrator,
        class_labels,
    })
}

fn inversion_options(options: &JsValue) -> Result<InversionOptions> {
    let expected = "an object of the options steps, classLabels";
    let mut fields = Fields::read("options", expected, options)?;
    let default = InversionOptions::default();
    let options = InversionOptions {
        steps: fields.whole("steps")?.unwrap_or(default.steps),
        class_labels: fields.class_labels()?,
    };
    fields.finish(expected)?;
    Ok(options)
}
