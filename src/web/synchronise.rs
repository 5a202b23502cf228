//! Binding of synchronised sampling.

use js_sys::Uint32Array;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::arguments::list;
use super::options::{COMMON, Fields, common_options, in_javascript, is_given, refused};
use super::{WasmPipeline, WasmSampling};
use crate::Result;
use crate::pipeline::{Pipeline, SynchroniseOptions};
use crate::restore::{Average, Transform, View, in_view};

#[wasm_bindgen]
impl WasmPipeline {
    /// Starts a sampling run of canvases that several views denoise together.
    ///
    /// # Errors
    /// `invalid-option` names the option, of a view as `views[0].transform`.
    pub fn synchronise(&self, options: JsValue) -> Result<WasmSampling, JsValue> {
        self.device.check()?;
        let options = synchronise_options(&options, &self.pipeline).map_err(in_javascript)?;
        let sampling = self.pipeline.synchronise(&options).map_err(in_javascript)?;
        Ok(self.running(sampling))
    }
}

fn synchronise_options(options: &JsValue, pipeline: &Pipeline) -> Result<SynchroniseOptions> {
    let expected = format!("an object of the options views, height, width, average, {COMMON}");
    let mut fields = Fields::read("options", &expected, options)?;
    let views = fields.take("views");
    let views = list("views", "a list of views", &views)?;
    let view = |(index, value): (usize, &JsValue)| {
        view(value).map_err(|error| in_javascript(in_view(index, error)))
    };
    let views = views.iter().enumerate().map(view).collect::<Result<_>>()?;
    let [own_height, own_width] = pipeline.sample_size();
    let canvas = [
        fields.whole("height")?.unwrap_or(own_height),
        fields.whole("width")?.unwrap_or(own_width),
    ];
    let average = match fields.choice("average", &["clean", "noise"])? {
        Some("noise") => Average::Noise,
        _ => Average::Clean,
    };
    let (sample, own) = common_options(&mut fields, pipeline)?;
    fields.finish(&format!("{expected}{own}"))?;
    Ok(SynchroniseOptions {
        views,
        canvas: Some(canvas),
        average,
        sample,
    })
}

fn view(value: &JsValue) -> Result<View> {
    let expected =
        "an object of the options transform, top, left, classLabel, weight, mask of a view";
    if !is_given(value) {
        return Err(refused("view", expected, value));
    }
    let mut fields = Fields::read("view", expected, value)?;
    let default = View::default();
    let view = View {
        transform: transform(&fields.take("transform"))?,
        corner: [
            fields.whole("top")?.unwrap_or(0),
            fields.whole("left")?.unwrap_or(0),
        ],
        class_label: fields.whole("classLabel")?,
        weight: fields.number("weight")?.unwrap_or(default.weight),
        mask: fields.floats("mask")?,
    };
    fields.finish(expected)?;
    Ok(view)
}

fn transform(value: &JsValue) -> Result<Transform> {
    if !is_given(value) {
        return Ok(Transform::Identity);
    }
    let expected = format!(
        "one of {}, or an object {{ permutation }}",
        Transform::NAMES.join(", ")
    );
    let wrong = || refused("transform", &expected, value);
    if let Some(name) = value.as_string() {
        return Transform::from_name(&name).ok_or_else(wrong);
    }
    let mut fields = Fields::read("transform", &expected, value)?;
    let permutation = fields.take("permutation");
    let Some(numbers) = permutation.dyn_ref::<Uint32Array>() else {
        return Err(wrong());
    };
    fields.finish(&expected)?;
    Ok(Transform::Permutation(numbers.to_vec()))
}
