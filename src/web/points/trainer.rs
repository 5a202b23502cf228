//! Binding of point training.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Tensor;
use js_sys::{Float32Array, Number, Promise, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::WasmPointModel;
use super::options::{schedule, word};
use crate::Result;
use crate::points::{PointTraining, PointTrainingOptions, Weights};
use crate::web::WasmDevice;
use crate::web::arguments::{bytes as bytes_of, floats, number};
use crate::web::options::{Fields, in_javascript};
use crate::web::run::read;

/// A [`PointTraining`], with promises for values that are read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmTrainer {
    /// Shared with the promises that record the losses.
    training: Rc<RefCell<PointTraining>>,
    /// Losses that have not been read back, and the step of the first of them, counted from 0.
    losses: RefCell<(usize, Vec<Tensor<1>>)>,
    device: WasmDevice,
}

#[wasm_bindgen]
impl WasmTrainer {
    /// A new network for points, `[count, 2]`.
    ///
    /// # Errors
    /// `invalid-option` names the option, or the problem with the points.
    #[wasm_bindgen(constructor)]
    pub fn new(
        points: Float32Array,
        options: JsValue,
        device: &WasmDevice,
    ) -> Result<Self, JsValue> {
        device.check()?;
        let options = training_options(&options)?;
        let training = PointTraining::new(&floats("points", &points)?, options, &device.device);
        Ok(Self::of(training.map_err(in_javascript)?, device))
    }

    /// Resumes from the result of [`save`](Self::save).
    ///
    /// # Errors
    /// `malformed-file`
    pub fn restore(bytes: Uint8Array, device: &WasmDevice) -> Result<WasmTrainer, JsValue> {
        device.check()?;
        Ok(Self::of(
            PointTraining::restore(&bytes_of("state", &bytes)?, &device.device)?,
            device,
        ))
    }

    /// All options, including defaults.
    ///
    /// # Errors
    /// None: the options can always be converted.
    #[wasm_bindgen(getter)]
    pub fn options(&self) -> Result<JsValue, JsValue> {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let training = self.training.borrow();
        Ok(training.options().serialize(&serializer)?)
    }

    /// Number of weights of the network.
    #[wasm_bindgen(getter, js_name = parameterCount)]
    pub fn parameter_count(&self) -> usize {
        self.training.borrow().parameter_count()
    }

    /// Loss of the ideal denoiser, a lower bound for the network.
    #[wasm_bindgen(js_name = idealLoss)]
    pub fn ideal_loss(&self) -> f64 {
        self.training.borrow().ideal_loss()
    }

    /// Warnings about incompatible options, as sentences.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> Vec<String> {
        self.training.borrow().warnings()
    }

    /// Number of completed steps.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.training.borrow().steps()
    }

    /// The learning rate of the next step.
    #[wasm_bindgen(getter, js_name = learningRate)]
    pub fn learning_rate(&self) -> f64 {
        self.training.borrow().learning_rate()
    }

    /// Changes the peak learning rate, also after a divergence.
    ///
    /// # Errors
    /// `invalid-option`
    #[wasm_bindgen(js_name = setLearningRate)]
    pub fn set_learning_rate(&self, rate: Number) -> Result<(), JsValue> {
        let mut training = self.training.borrow_mut();
        Ok(training
            .set_learning_rate(number("learningRate", &rate)?)
            .map_err(in_javascript)?)
    }

    /// One optimiser step; [`losses`](Self::losses) returns its loss.
    ///
    /// # Errors
    /// `diverged`, and `device` if the GPU is lost.
    pub fn step(&self) -> Result<(), JsValue> {
        self.device.check()?;
        let mut training = self.training.borrow_mut();
        let step = training.steps();
        let loss = training.step()?;
        let mut losses = self.losses.borrow_mut();
        if losses.1.is_empty() {
            losses.0 = step;
        }
        losses.1.push(loss);
        Ok(())
    }

    /// Losses of the steps since the last call, a `Float32Array`. Rejects with `diverged` if losses from a GPU show
    /// divergence.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn losses(&self) -> Promise {
        let (first, losses) = std::mem::take(&mut *self.losses.borrow_mut());
        let (training, device) = (self.training.clone(), self.device.clone());
        future_to_promise(async move {
            if losses.is_empty() {
                return Ok(Float32Array::new_with_length(0).into());
            }
            let on_gpu = device.kind() == "webgpu";
            let losses = read(Tensor::cat(losses, 0), device).await?;
            if on_gpu {
                let mut training = training.borrow_mut();
                for (step, loss) in (first..).zip(&losses) {
                    training.record_loss(step, f64::from(*loss))?;
                }
            }
            Ok(Float32Array::from(losses.as_slice()).into())
        })
    }

    /// The model with the EMA of the weights (`"ema"`, the default) or the `"current"` weights.
    ///
    /// # Errors
    /// `invalid-option` for another word.
    pub fn model(&self, weights: JsValue) -> Result<WasmPointModel, JsValue> {
        self.device.check()?;
        let expected = "ema or current";
        let weights = match weights.as_string().as_deref() {
            Some("ema") => Weights::Ema,
            Some("current") => Weights::Current,
            None if weights.is_undefined() => Weights::Ema,
            _ => return Err(crate::web::options::refused("weights", expected, &weights).into()),
        };
        Ok(WasmPointModel {
            pipeline: self.training.borrow().pipeline(weights)?,
            device: self.device.clone(),
        })
    }

    /// The complete state, a `Uint8Array`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8Array>")]
    pub fn save(&self) -> Promise {
        let snapshot = self.training.borrow().snapshot();
        future_to_promise(async move {
            let bytes = snapshot.to_bytes_async().await?;
            Ok(Uint8Array::from(bytes.as_slice()).into())
        })
    }
}

impl WasmTrainer {
    fn of(training: PointTraining, device: &WasmDevice) -> Self {
        Self {
            training: Rc::new(RefCell::new(training)),
            losses: RefCell::default(),
            device: device.clone(),
        }
    }
}

fn training_options(options: &JsValue) -> Result<PointTrainingOptions> {
    let expected = "an object of the options width, depth, activation, frequencies, octaves, prediction, schedule, weighting, timeSampling, \
                    learningRate, decay, batch, ema, steps, seed";
    let mut fields = Fields::read("options", expected, options)?;
    let default = PointTrainingOptions::default();
    let options = PointTrainingOptions {
        width: fields.whole("width")?.unwrap_or(default.width),
        depth: fields.whole("depth")?.unwrap_or(default.depth),
        activation: word(
            &mut fields,
            "activation",
            &["silu", "mish", "gelu", "relu", "tanh"],
            default.activation,
        )?,
        frequencies: fields.whole("frequencies")?.unwrap_or(default.frequencies),
        octaves: fields.whole("octaves")?.unwrap_or(default.octaves),
        prediction: word(
            &mut fields,
            "prediction",
            &["noise", "clean", "velocity", "score"],
            default.prediction,
        )?,
        schedule: schedule(&fields.take("schedule"))?,
        weighting: word(
            &mut fields,
            "weighting",
            &["simple", "variational"],
            default.weighting,
        )?,
        time_sampling: word(
            &mut fields,
            "timeSampling",
            &["uniform", "low-variance", "log-snr"],
            default.time_sampling,
        )?,
        learning_rate: fields
            .number("learningRate")?
            .unwrap_or(default.learning_rate),
        decay: word(
            &mut fields,
            "decay",
            &["constant", "linear", "cosine"],
            default.decay,
        )?,
        batch: fields.whole("batch")?.unwrap_or(default.batch),
        ema: fields.number("ema")?.unwrap_or(default.ema),
        steps: fields.whole("steps")?.unwrap_or(default.steps),
        seed: fields.seed("seed")?,
    };
    fields.finish(expected)?;
    Ok(options)
}
