//! Options of the calls, and the calls themselves.

use burn::tensor::Tensor;
use js_sys::Float32Array;
use wasm_bindgen::JsValue;

use super::WasmPointModel;
use crate::Result;
use crate::diffusion::Quantity;
use crate::points::{FlowOptions, Path, PointSampleOptions};
use crate::web::arguments::floats;
use crate::web::options::{Fields, refused, spacing_options};
use crate::web::points::options::{flow, required};
use crate::web::sampler::method;

const SAMPLE: &str = "sampler, steps, spacing, finalSigma, seed, count, initialNoise";

impl WasmPointModel {
    pub(super) fn sample_options(&self, options: &JsValue) -> Result<PointSampleOptions> {
        let expected = format!("an object of the options {SAMPLE}");
        let mut fields = Fields::read("options", &expected, options)?;
        let (method, own) = method(&mut fields, self.pipeline.scheduler())?;
        let options = PointSampleOptions {
            method,
            spacing: spacing_options(&mut fields)?,
            steps: fields.whole("steps")?,
            seed: fields.seed("seed")?,
            count: fields.whole("count")?,
            initial_noise: fields.floats("initialNoise")?,
        };
        let own = own.map_or(String::new(), |own| format!(", and of this sampler {own}"));
        fields.finish(&format!("{expected}{own}"))?;
        Ok(options)
    }

    pub(super) fn flow_options(&self, options: &JsValue) -> Result<FlowOptions> {
        self.device.check()?;
        let expected = "an object of the options solver, steps";
        let mut fields = Fields::read("options", expected, options)?;
        let options = flow(&mut fields, FlowOptions::default())?;
        fields.finish(expected)?;
        Ok(options)
    }

    pub(super) fn path(&self, points: &Float32Array, options: &JsValue) -> Result<Path> {
        self.device.check()?;
        let expected = "an object of the options from, to, solver, steps";
        let mut fields = Fields::read("options", expected, options)?;
        let times = [required(&mut fields, "from")?, required(&mut fields, "to")?];
        let default = FlowOptions {
            steps: 30,
            ..FlowOptions::default()
        };
        let options = flow(&mut fields, default)?;
        fields.finish(expected)?;
        self.pipeline
            .path(&floats("points", points)?, times, options)
    }

    pub(super) fn quantity(&self, points: &Float32Array, options: &JsValue) -> Result<Tensor<2>> {
        self.device.check()?;
        let expected = "an object of the options time, quantity";
        let mut fields = Fields::read("options", expected, options)?;
        let time = required(&mut fields, "time")?;
        let words = ["score", "velocity", "clean", "noise"];
        let quantity = match fields.choice("quantity", &words)? {
            Some("score") => Quantity::Score,
            Some("velocity") => Quantity::Velocity,
            Some("clean") => Quantity::Clean,
            Some(_) => Quantity::Noise,
            None => {
                let expected = format!("one of {}", words.join(", "));
                return Err(refused("quantity", &expected, &JsValue::UNDEFINED));
            }
        };
        fields.finish(expected)?;
        self.pipeline
            .field(&floats("points", points)?, time, quantity)
    }

    pub(super) fn closed(&self, points: &Float32Array, options: &JsValue) -> Result<Tensor<1>> {
        self.device.check()?;
        let expected = "an object of the option time";
        let mut fields = Fields::read("options", expected, options)?;
        let time = fields.number("time")?.unwrap_or(0.0);
        fields.finish(expected)?;
        self.pipeline
            .closed_log_density(&floats("points", points)?, time)
    }
}
