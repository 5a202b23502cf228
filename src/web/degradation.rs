//! Operators from JavaScript.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::{bytes, floats};
use super::options::{Fields, is_given, refused};
use crate::restore::{Degradation, OPERATORS};
use crate::{Error, Result};

/// Reads an operator, an object with its `name` and its options.
pub(super) fn degradation(value: &JsValue) -> Result<Degradation> {
    let names = OPERATORS.map(|entry| entry.name);
    let expected = format!(
        "an object with a name, one of {}, and the options of that operator",
        names.join(", ")
    );
    if !is_given(value) {
        return Err(refused("operator", &expected, value));
    }
    let mut fields = Fields::read("operator", &expected, value)?;
    let name = fields.take("name");
    let text = name.as_string();
    let Some(name) = names
        .into_iter()
        .find(|name| text.as_deref() == Some(*name))
    else {
        let expected = format!("one of {}", names.join(", "));
        return Err(refused("operator.name", &expected, &name));
    };
    let degradation = named(name, &mut fields).map_err(in_operator)?;
    fields.finish(&format!("only the options of the operator {name}"))?;
    Ok(degradation)
}

fn named(name: &str, fields: &mut Fields) -> Result<Degradation> {
    Ok(match name {
        "inpaint" => Degradation::Inpaint {
            mask: mask(&fields.take("mask"))?,
        },
        "downsample" => Degradation::Downsample {
            factor: required(fields.whole("factor")?, "factor", "a whole number")?,
        },
        "blur" => Degradation::Blur {
            std: required(fields.number("sigma")?, "sigma", "a number of pixels")?,
        },
        "motion-blur" => Degradation::MotionBlur {
            length: required(fields.number("length")?, "length", "a number of pixels")?,
            angle: fields.number("angle")?.unwrap_or(0.0),
        },
        "grey" => Degradation::Grey,
        "crop" => {
            let mut side = |name| required(fields.whole(name)?, name, "a whole number");
            Degradation::Crop {
                corner: [side("top")?, side("left")?],
                size: [side("height")?, side("width")?],
            }
        }
        "quantise" => Degradation::Quantise {
            levels: required(fields.whole("levels")?, "levels", "a whole number")?,
        },
        _ => Degradation::Linear {
            matrix: required(fields.floats("matrix")?, "matrix", "a Float32Array")?,
            outputs: required(fields.whole("outputs")?, "outputs", "a whole number")?,
        },
    })
}

fn required<T>(value: Option<T>, name: &str, expected: &str) -> Result<T> {
    value.ok_or_else(|| refused(name, expected, &JsValue::UNDEFINED))
}

fn mask(value: &JsValue) -> Result<Vec<f32>> {
    if value.is_instance_of::<Uint8Array>() {
        return Ok(bytes("mask", value)?.into_iter().map(f32::from).collect());
    }
    floats("mask", value).map_err(|_| refused("mask", "a Float32Array or a Uint8Array", value))
}

/// Names the operator in an error about one of its options.
fn in_operator(error: Error) -> Error {
    match error {
        Error::InvalidOption {
            name,
            expected,
            value,
        } => Error::InvalidOption {
            name: format!("operator.{name}"),
            expected,
            value,
        },
        other => other,
    }
}
