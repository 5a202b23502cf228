//! Bindings of restoration.

use burn::tensor::Tensor;
use js_sys::{Array, Float32Array, JsString, Object, Promise, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::arguments::floats;
use super::degradation::degradation;
use super::options::{COMMON, Fields, common_options, in_javascript};
use super::run::read;
use super::{WasmPipeline, WasmSampling};
use crate::Result;
use crate::pipeline::{Observed, Pipeline, RePaintOptions, RestoreMethod, RestoreOptions};
use crate::restore::{Degradation, METHODS};

#[wasm_bindgen]
impl WasmPipeline {
    /// Degrades images: resolves to `{ values, shape }`.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `images`.
    #[wasm_bindgen(unchecked_return_type = "Promise<{ values: Float32Array, shape: number[] }>")]
    pub fn observe(&self, images: Float32Array, options: JsValue) -> Result<Promise, JsValue> {
        self.device.check()?;
        let images = floats("images", &images)?;
        let (degradation, noise, seed) = observe_options(&options)?;
        let observed = self.pipeline.observe(&images, &degradation, noise, seed);
        let observed = observed.map_err(in_javascript)?;
        let device = self.device.clone();
        Ok(future_to_promise(async move {
            let shape = observed.dims().map(|side| JsValue::from(side as u32));
            let values = Float32Array::from(read(observed, device).await?.as_slice());
            let result = Object::new();
            Reflect::set(&result, &"values".into(), &values)?;
            let shape: Array = shape.into_iter().collect();
            Reflect::set(&result, &"shape".into(), &shape)?;
            Ok(result.into())
        }))
    }

    /// Starts a restoration.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `observation`.
    pub fn restore(
        &self,
        observation: Float32Array,
        options: JsValue,
    ) -> Result<WasmRestoration, JsValue> {
        self.device.check()?;
        let observation = floats("observation", &observation)?;
        let options = restore_options(&options, &self.pipeline).map_err(in_javascript)?;
        let restoration = self.pipeline.restore(&observation, &options);
        let (run, observed) = restoration.map_err(in_javascript)?.into_parts();
        Ok(WasmRestoration {
            sampling: self.running(run),
            observed,
        })
    }
}

fn observe_options(options: &JsValue) -> Result<(Degradation, f64, u32)> {
    let expected = "an object of the options operator, noise, seed";
    let mut fields = Fields::read("options", expected, options)?;
    let degradation = degradation(&fields.take("operator"))?;
    let noise = fields.number("noise")?.unwrap_or(0.0);
    let seed = fields.seed("seed")?;
    fields.finish(expected)?;
    Ok((degradation, noise, seed))
}

fn restore_options(options: &JsValue, pipeline: &Pipeline) -> Result<RestoreOptions> {
    let expected = format!("an object of the options operator, method, noise, {COMMON}");
    let mut fields = Fields::read("options", &expected, options)?;
    let degradation = degradation(&fields.take("operator"))?;
    let noise = fields.number("noise")?.unwrap_or(0.0);
    let method = fields.choice("method", &METHODS.map(|entry| entry.name))?;
    let method = method.and_then(RestoreMethod::from_name);
    let default = RestoreOptions::new(degradation);
    let chosen = method.unwrap_or(default.default_method());
    let chosen = with_options(chosen, &mut fields)?;
    let (sample, own) = common_options(&mut fields, pipeline)?;
    fields.finish(&format!("{expected}{own}"))?;
    Ok(RestoreOptions {
        method: Some(chosen),
        noise,
        sample,
        ..default
    })
}

/// The method with its options from the fields. Options of other methods are refused, except `eta`, which is also an
/// option of DDIM.
fn with_options(method: RestoreMethod, fields: &mut Fields) -> Result<RestoreMethod> {
    let with = match method {
        RestoreMethod::Dps { step_size } => RestoreMethod::Dps {
            step_size: fields.number("stepSize")?.unwrap_or(step_size),
        },
        RestoreMethod::Ddrm { eta } => RestoreMethod::Ddrm {
            eta: fields.number("eta")?.unwrap_or(eta),
        },
        RestoreMethod::RePaint(own) => RestoreMethod::RePaint(RePaintOptions {
            jump_length: fields.whole("jumpLength")?.unwrap_or(own.jump_length),
            jump_samples: fields.whole("jumpSamples")?.unwrap_or(own.jump_samples),
            eta: fields.number("eta")?,
        }),
        other => other,
    };
    if !matches!(method, RestoreMethod::Dps { .. }) {
        // Langevin dynamics has a step size of its own.
        let is_langevin = fields.contains("sampler", "langevin");
        if !is_langevin {
            fields.refuse("stepSize", "method", method.name())?;
        }
    }
    for name in ["jumpLength", "jumpSamples"] {
        fields.refuse(name, "method", method.name())?;
    }
    Ok(with)
}

/// A [`Restoration`](crate::pipeline::Restoration), with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmRestoration {
    sampling: WasmSampling,
    observed: Observed,
}

impl WasmRestoration {
    /// A promise of numbers computed from the latest estimates.
    fn of_clean<const D: usize>(&self, compute: impl FnOnce(Tensor<4>) -> Tensor<D>) -> Promise {
        super::run::values(
            self.sampling.run.clean().map(compute),
            self.sampling.run.device(),
        )
    }
}

#[wasm_bindgen]
impl WasmRestoration {
    /// Total number of network evaluations.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.sampling.steps()
    }

    /// Number of completed network evaluations.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.sampling.completed_steps()
    }

    /// Number of answers.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.sampling.batch()
    }

    /// [`WasmSampling::step`].
    ///
    /// # Errors
    /// Those of [`WasmSampling::step`].
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.sampling.step()
    }

    /// [`WasmSampling::settled`].
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        self.sampling.settled()
    }

    /// [`WasmSampling::noisy`].
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn noisy(&self) -> Promise {
        self.sampling.noisy()
    }

    /// [`WasmSampling::clean`].
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn clean(&self) -> Promise {
        self.sampling.clean()
    }

    /// [`WasmSampling::images`].
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8ClampedArray>")]
    pub fn images(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "\"noisy\" | \"clean\"")] which: Option<
            JsString,
        >,
    ) -> Promise {
        self.sampling.images(which)
    }

    /// Root mean square of `y − A·x0_hat` for each answer.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn residual(&self) -> Promise {
        self.of_clean(|clean| self.observed.residual(clean))
    }

    /// Mean over the answers, `[channels, height, width]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn mean(&self) -> Promise {
        self.of_clean(|clean| self.observed.mean(clean))
    }

    /// Standard deviation over the answers, `[channels, height, width]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn std(&self) -> Promise {
        self.of_clean(|clean| self.observed.std(clean))
    }
}
