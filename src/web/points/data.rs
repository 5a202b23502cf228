//! Bindings of point data sets.

use js_sys::{Array, Float32Array, JsString};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::object;
use crate::dataset::{self, GaussianMixture, Named, PointData};
use crate::distance::pairs;
use crate::web::arguments::{self, floats, text};
use crate::web::options::Fields;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsDataset {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    is_mixture: bool,
}

/// Metadata of all data sets: name, title, description.
///
/// # Errors
/// None: the result is constant.
#[wasm_bindgen(js_name = pointDatasets)]
pub fn point_datasets() -> Result<JsValue, JsValue> {
    let describe = |named: Named| JsDataset {
        name: named.name(),
        title: named.title(),
        description: named.description(),
        is_mixture: named.is_mixture(),
    };
    Ok(serde_wasm_bindgen::to_value(&Named::ALL.map(describe))?)
}

/// Draws a named data set: `{ name, points, mean, scale, mixture, notes }`.
///
/// # Errors
/// `invalid-option` names the option.
#[wasm_bindgen(js_name = drawPointData)]
pub fn draw_point_data(name: JsString, options: JsValue) -> Result<JsValue, JsValue> {
    let expected = "an object of the options count, seed";
    let mut fields = Fields::read("options", expected, &options)?;
    let count = fields.whole("count")?.unwrap_or(2000);
    let seed = fields.seed("seed")?;
    fields.finish(expected)?;
    let data = PointData::draw(Named::from_name(&text("name", &name)?)?, count, seed)?;
    described(&data)
}

/// Creates a data set from given points, `[count, 2]`; same result type.
///
/// # Errors
/// `invalid-option` describes the problem with the points.
#[wasm_bindgen(js_name = pointDataFrom)]
pub fn point_data_from(points: Float32Array) -> Result<JsValue, JsValue> {
    described(&PointData::from_points(&floats("points", &points)?)?)
}

/// Parses a data set from CSV text; same result type.
///
/// # Errors
/// `malformed-file` names the line.
#[wasm_bindgen(js_name = pointDataFromCsv)]
pub fn point_data_from_csv(text: JsString) -> Result<JsValue, JsValue> {
    described(&PointData::from_csv(&arguments::text("text", &text)?)?)
}

/// Splits points at random in two; the second part has the given `fraction`.
///
/// # Errors
/// `invalid-option` names the option.
#[wasm_bindgen(js_name = splitPoints, unchecked_return_type = "[Float32Array, Float32Array]")]
pub fn split_points(points: Float32Array, options: JsValue) -> Result<Array, JsValue> {
    let expected = "an object of the options fraction, seed";
    let mut fields = Fields::read("options", expected, &options)?;
    let fraction = fields.number("fraction")?.unwrap_or(0.2);
    let seed = fields.seed("seed")?;
    fields.finish(expected)?;
    let points = floats("points", &points)?;
    let parts = dataset::split(pairs("points", &points)?, fraction, seed)?;
    let part = |part: &Vec<[f32; 2]>| JsValue::from(Float32Array::from(part.as_flattened()));
    Ok(parts.iter().map(part).collect())
}

fn described(data: &PointData) -> Result<JsValue, JsValue> {
    let standardisation = data.standardisation();
    let points = Float32Array::from(data.points().as_flattened());
    let name = data
        .named()
        .map_or(JsValue::NULL, |named| named.name().into());
    let mixture = match data.mixture() {
        Some(mixture) => described_mixture(&mixture)?,
        None => JsValue::NULL,
    };
    Ok(object([
        ("name", name),
        ("points", points.into()),
        ("mean", serde_wasm_bindgen::to_value(&standardisation.mean)?),
        ("scale", standardisation.scale.into()),
        ("mixture", mixture),
        ("notes", serde_wasm_bindgen::to_value(data.notes())?),
    ]))
}

fn described_mixture(mixture: &GaussianMixture) -> Result<JsValue, JsValue> {
    Ok(object([
        ("means", serde_wasm_bindgen::to_value(&mixture.means)?),
        ("spreads", serde_wasm_bindgen::to_value(&mixture.stds)?),
        ("weights", serde_wasm_bindgen::to_value(&mixture.weights)?),
        ("dimensions", (mixture.dimensions as u32).into()),
    ]))
}
