//! Generative models of points as JavaScript sees them, trained a step at a time.

use js_sys::{Float32Array, Float64Array, Uint8Array};
use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::{bytes as bytes_of, floats, text};
use super::options::{Fields, in_javascript};
use crate::family::{FamilyOptions, FamilyTrainer, MEMBERS, SampleRequest};
use crate::random::Generator;
use crate::train::Samples;
use crate::{Error, Result};

/// The models with the names of their presets and the defaults of their options.
///
/// # Errors
/// None: they are those of the program.
#[wasm_bindgen]
pub fn families() -> Result<JsValue, JsValue> {
    let mut models = Vec::new();
    for member in MEMBERS {
        let mut options = FamilyOptions::new(member.name())?.to_json();
        if let Some(options) = options.as_object_mut() {
            options.remove("model");
        }
        models.push(json!({
            "name": member.name(),
            "presets": member.presets()?,
            "options": options,
        }));
    }
    to_javascript(&models)
}

/// A [`FamilyTrainer`].
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmFamilyTrainer {
    trainer: FamilyTrainer,
}

#[wasm_bindgen]
impl WasmFamilyTrainer {
    /// A new model of points, `[count, 2]`. `options` is a plain object with the entry `model`.
    ///
    /// # Errors
    /// `invalid-option` names the option, or what is wrong with the points.
    #[wasm_bindgen(constructor)]
    pub fn new(points: Float32Array, options: JsValue) -> Result<Self, JsValue> {
        let options = in_rust(&options)?;
        let options = FamilyOptions::from_json(&options).map_err(in_javascript)?;
        let points = floats("points", &points)?;
        let count = points.len() / 2;
        let data = Samples::new(points, [count, 2]).map_err(in_javascript)?;
        let trainer = FamilyTrainer::new(data, options).map_err(in_javascript)?;
        Ok(Self { trainer })
    }

    /// Continues from the bytes of [`save`](Self::save).
    ///
    /// # Errors
    /// `malformed-file`
    pub fn restore(bytes: Uint8Array) -> Result<WasmFamilyTrainer, JsValue> {
        let trainer = FamilyTrainer::restore(&bytes_of("state", &bytes)?)?;
        Ok(Self { trainer })
    }

    /// All options with the name of the model, and what the model can compute.
    ///
    /// # Errors
    /// None: they can be written.
    pub fn facts(&self) -> Result<JsValue, JsValue> {
        let member = self.trainer.member();
        to_javascript(&json!({
            "model": member.name(),
            "options": self.trainer.options().to_json(),
            "totalSteps": self.trainer.plan().steps,
            "parameterCount": self.trainer.parameter_count(),
            "completedSteps": self.trainer.steps(),
            "evaluations": member.evaluations(),
            "capabilities": member.capabilities(),
            "fields": member.fields(),
        }))
    }

    /// Steps done.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.trainer.steps()
    }

    /// One step, and its losses: an object of numbers.
    ///
    /// # Errors
    /// `diverged`
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        let losses = self.trainer.step()?;
        let losses = losses
            .iter()
            .map(|(name, loss)| (*name, JsValue::from(*loss)));
        let object = js_sys::Object::new();
        for (name, loss) in losses {
            // Setting a property of an object that was just made cannot fail.
            let _ = js_sys::Reflect::set(&object, &name.into(), &loss);
        }
        Ok(object.into())
    }

    /// Draws samples, `[count, 2]`; the options are `count`, `seed`, `steps`, `class`, `guidance` and `start`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` for what the model does not have.
    pub fn sample(&self, options: JsValue) -> Result<Float32Array, JsValue> {
        let expected = "an object of the options count, seed, steps, class, guidance, start";
        let mut fields = Fields::read("options", expected, &options)?;
        let request = SampleRequest {
            count: fields.whole("count")?.unwrap_or(1000),
            steps: fields.whole("steps")?,
            class: fields.whole("class")?,
            guidance: fields.number("guidance")?,
            start: fields.floats("start")?,
        };
        let mut generator = Generator::new(fields.seed("seed")?);
        fields.finish(expected)?;
        let samples = self.trainer.member().sample(&request, &mut generator);
        Ok(singles(&samples.map_err(in_javascript)?))
    }

    /// `ln p(x)` of points, in nats.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no density.
    #[wasm_bindgen(js_name = logDensity)]
    pub fn log_density(&self, points: Float32Array) -> Result<Float64Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(doubles(&self.trainer.member().log_density(&points)?))
    }

    /// A lower bound of `ln p(x)` of points, in nats; the options are `samples` of the latent for each point, and `seed`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no bound.
    pub fn bound(&self, points: Float32Array, options: JsValue) -> Result<Float64Array, JsValue> {
        let expected = "an object of the options samples, seed";
        let mut fields = Fields::read("options", expected, &options)?;
        let samples = fields.whole("samples")?.unwrap_or(1);
        let mut generator = Generator::new(fields.seed("seed")?);
        fields.finish(expected)?;
        let points = floats("points", &points)?;
        let bound = self
            .trainer
            .member()
            .bound(&points, samples, &mut generator);
        Ok(doubles(&bound.map_err(in_javascript)?))
    }

    /// The latents of points.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no encoder.
    pub fn encode(&self, points: Float32Array) -> Result<Float32Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().encode(&points)?))
    }

    /// The points of latents.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no latents.
    pub fn decode(&self, latents: Float32Array) -> Result<Float32Array, JsValue> {
        let latents = floats("latents", &latents)?;
        Ok(singles(&self.trainer.member().decode(&latents)?))
    }

    /// The score at points, `[count, 2]`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no score.
    pub fn score(&self, points: Float32Array) -> Result<Float32Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().score(&points)?))
    }

    /// The energy of points.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` where the model has no energy.
    pub fn energy(&self, points: Float32Array) -> Result<Float64Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(doubles(&self.trainer.member().energy(&points)?))
    }

    /// A further function of points, by its name.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` for another name.
    pub fn field(&self, name: JsValue, points: Float32Array) -> Result<Float32Array, JsValue> {
        let name = text("name", &name)?;
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().field(&name, &points)?))
    }

    /// Continues after a divergence, with all learning rates multiplied by a factor.
    ///
    /// # Errors
    /// `invalid-option`
    #[wasm_bindgen(js_name = scaleLearningRates)]
    pub fn scale_learning_rates(&mut self, factor: JsValue) -> Result<(), JsValue> {
        let factor = super::arguments::number("factor", &factor)?;
        Ok(self.trainer.scale_learning_rates(factor)?)
    }

    /// The complete state, with the data.
    ///
    /// # Errors
    /// None on the CPU.
    pub fn save(&self) -> Result<Uint8Array, JsValue> {
        Ok(Uint8Array::from(self.trainer.save()?.as_slice()))
    }

    /// The averaged weights as safetensors.
    ///
    /// # Errors
    /// None on the CPU.
    #[wasm_bindgen(js_name = toSafetensors)]
    pub fn to_safetensors(&self) -> Result<Uint8Array, JsValue> {
        Ok(Uint8Array::from(self.trainer.weights()?.as_slice()))
    }
}

fn singles(numbers: &[f32]) -> Float32Array {
    Float32Array::from(numbers)
}

fn doubles(numbers: &[f64]) -> Float64Array {
    Float64Array::from(numbers)
}

fn to_javascript(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}

/// Plain data of JavaScript as JSON.
fn in_rust(value: &JsValue) -> Result<Value> {
    serde_wasm_bindgen::from_value(value.clone())
        .map_err(|error| Error::invalid("options", "an object of plain values", error))
}
