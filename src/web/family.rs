//! JavaScript bindings of the generative models of points, trained step by step.

use js_sys::{Float32Array, Float64Array, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::{bytes as bytes_of, floats, text};
use super::options::{Fields, in_javascript};
use crate::family::{FamilyOptions, FamilyTrainer, MEMBERS, SampleRequest};
use crate::random::Generator;
use crate::train::Samples;
use crate::{Error, Result};

/// The models, with the names of their presets and their default options.
///
/// # Errors
/// None: they are built in and valid.
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

/// JavaScript binding of [`FamilyTrainer`].
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmFamilyTrainer {
    trainer: FamilyTrainer,
}

#[wasm_bindgen]
impl WasmFamilyTrainer {
    /// Creates a model for points `[count, 2]`. `options` is a plain object that includes the entry `model`, and may
    /// include `classes`, an array with the class of each point.
    ///
    /// # Errors
    /// `invalid-option` names the invalid option, or describes what is wrong with the points.
    #[wasm_bindgen(constructor)]
    pub fn new(points: Float32Array, options: JsValue) -> Result<Self, JsValue> {
        let mut options = in_rust(&options)?;
        let classes = taken_classes(&mut options)?;
        let options = FamilyOptions::from_json(&options).map_err(in_javascript)?;
        let points = floats("points", &points)?;
        let count = points.len() / 2;
        let mut data = Samples::new(points, [count, 2]).map_err(in_javascript)?;
        if let Some(classes) = classes {
            data = data.with_classes(classes).map_err(in_javascript)?;
        }
        let trainer = FamilyTrainer::new(data, options).map_err(in_javascript)?;
        Ok(Self { trainer })
    }

    /// Restores a trainer from the bytes returned by [`save`](Self::save).
    ///
    /// # Errors
    /// `malformed-file` if the bytes are not such a file.
    pub fn restore(bytes: Uint8Array) -> Result<WasmFamilyTrainer, JsValue> {
        let trainer = FamilyTrainer::restore(&bytes_of("state", &bytes)?)?;
        Ok(Self { trainer })
    }

    /// All options, including the name of the model, and the model's capabilities.
    ///
    /// # Errors
    /// None: they can always be serialised.
    pub fn facts(&self) -> Result<JsValue, JsValue> {
        let member = self.trainer.member();
        to_javascript(&json!({
            "model": member.name(),
            "options": self.trainer.options().to_json(),
            "totalSteps": self.trainer.plan().steps,
            "parameterCount": self.trainer.parameter_count(),
            "trainableCount": member.trainable_count(),
            "completedSteps": self.trainer.steps(),
            "evaluations": member.evaluations(),
            "capabilities": member.capabilities(),
            "fields": member.fields(),
        }))
    }

    /// Number of completed steps.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.trainer.steps()
    }

    /// Runs one training step and returns its losses as an object of numbers.
    ///
    /// # Errors
    /// `diverged` if a loss or a weight is not finite.
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        let losses = self.trainer.step()?;
        let losses = losses
            .iter()
            .map(|(name, loss)| (*name, JsValue::from(*loss)));
        let object = js_sys::Object::new();
        for (name, loss) in losses {
            // Setting a property of a newly created object cannot fail.
            let _ = js_sys::Reflect::set(&object, &name.into(), &loss);
        }
        Ok(object.into())
    }

    /// Draws samples `[count, 2]`. The options are `count`, `seed`, `steps`, `class`, `guidance`, `scale` and
    /// `start`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` for options that the model does not support.
    pub fn sample(&self, options: JsValue) -> Result<Float32Array, JsValue> {
        let expected = "an object of the options count, seed, steps, class, guidance, scale, start";
        let mut fields = Fields::read("options", expected, &options)?;
        let request = SampleRequest {
            count: fields.whole("count")?.unwrap_or(1000),
            steps: fields.whole("steps")?,
            class: fields.whole("class")?,
            guidance: fields.number("guidance")?,
            scale: fields.number("scale")?,
            start: fields.floats("start")?,
        };
        let mut generator = Generator::new(fields.seed("seed")?);
        fields.finish(expected)?;
        let samples = self.trainer.member().sample(&request, &mut generator);
        Ok(singles(&samples.map_err(in_javascript)?))
    }

    /// `ln p(x)` of points `[count, 2]`, in nats, `[count]`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no log-density.
    #[wasm_bindgen(js_name = logDensity)]
    pub fn log_density(&self, points: Float32Array) -> Result<Float64Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(doubles(&self.trainer.member().log_density(&points)?))
    }

    /// A lower bound on `ln p(x)` of points `[count, 2]`, in nats, `[count]`. The options are `samples`, the number of
    /// latents per point, and `seed`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no bound.
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

    /// Encodes points `[count, 2]` to latents, `[count, latents]`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no encoder.
    pub fn encode(&self, points: Float32Array) -> Result<Float32Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().encode(&points)?))
    }

    /// Decodes latents `[count, latents]` to points, `[count, 2]`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no latents.
    pub fn decode(&self, latents: Float32Array) -> Result<Float32Array, JsValue> {
        let latents = floats("latents", &latents)?;
        Ok(singles(&self.trainer.member().decode(&latents)?))
    }

    /// The score `∇ ln p(x)` at points `[count, 2]`, `[count, 2]`.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no score.
    pub fn score(&self, points: Float32Array) -> Result<Float32Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().score(&points)?))
    }

    /// The energy of points `[count, 2]`, `[count]`: `−ln p(x)` up to a constant.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` if the model has no energy.
    pub fn energy(&self, points: Float32Array) -> Result<Float64Array, JsValue> {
        let points = floats("points", &points)?;
        Ok(doubles(&self.trainer.member().energy(&points)?))
    }

    /// The values at points `[count, 2]` of an additional function, given by name: one or more numbers per point.
    ///
    /// # Errors
    /// `invalid-option`, and `no-capability` for an unknown name.
    pub fn field(&self, name: JsValue, points: Float32Array) -> Result<Float32Array, JsValue> {
        let name = text("name", &name)?;
        let points = floats("points", &points)?;
        Ok(singles(&self.trainer.member().field(&name, &points)?))
    }

    /// Resumes after a divergence, with all learning rates multiplied by a factor.
    ///
    /// # Errors
    /// `invalid-option` for a factor that is not positive.
    #[wasm_bindgen(js_name = scaleLearningRates)]
    pub fn scale_learning_rates(&mut self, factor: JsValue) -> Result<(), JsValue> {
        let factor = super::arguments::number("factor", &factor)?;
        Ok(self.trainer.scale_learning_rates(factor)?)
    }

    /// The complete state in safetensors format, including the data.
    ///
    /// # Errors
    /// None on the CPU.
    pub fn save(&self) -> Result<Uint8Array, JsValue> {
        Ok(Uint8Array::from(self.trainer.save()?.as_slice()))
    }

    /// The averaged weights in safetensors format.
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

/// Removes the entry `classes` from the options.
fn taken_classes(options: &mut Value) -> Result<Option<Vec<usize>>> {
    let given = options
        .as_object_mut()
        .and_then(|all| all.remove("classes"));
    let Some(given) = given else { return Ok(None) };
    Vec::deserialize(&given)
        .map(Some)
        .map_err(|_| Error::invalid("classes", "an array of whole numbers from 0", given))
}

/// Converts plain JavaScript data to JSON.
fn in_rust(value: &JsValue) -> Result<Value> {
    serde_wasm_bindgen::from_value(value.clone())
        .map_err(|error| Error::invalid("options", "an object of plain values", error))
}
