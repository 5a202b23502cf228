//! Arguments as JavaScript gives them, checked before they become values of Rust's types.
//!
//! Exported functions take the types of `js_sys`, which are handles to anything, and never `String` or `Vec`: the generated glue would
//! read the memory of a string or an array out of whatever it is given.

use js_sys::{Array, ArrayBuffer, Float32Array, Float64Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::options::refused;
use crate::Result;

/// Upper limit of a plain list, whose entries are read one by one.
const MAX_ENTRIES: u32 = 10_000_000;

/// A string.
pub(super) fn text(name: &str, value: &JsValue) -> Result<String> {
    let text = value.as_string();
    text.ok_or_else(|| refused(name, "a string", value))
}

/// A number.
pub(super) fn number(name: &str, value: &JsValue) -> Result<f64> {
    let number = value.as_f64();
    number.ok_or_else(|| refused(name, "a number", value))
}

/// The numbers of a `Float32Array`.
pub(super) fn floats(name: &str, value: &JsValue) -> Result<Vec<f32>> {
    let array = view::<Float32Array>(value);
    let array = array.ok_or_else(|| refused(name, "a Float32Array", value))?;
    Ok(array.to_vec())
}

/// The numbers of a `Float64Array`.
pub(super) fn doubles(name: &str, value: &JsValue) -> Result<Vec<f64>> {
    Ok(double_array(name, value)?.to_vec())
}

/// The same, but left where it is.
pub(super) fn double_array<'a>(name: &str, value: &'a JsValue) -> Result<&'a Float64Array> {
    view(value).ok_or_else(|| refused(name, "a Float64Array", value))
}

/// The bytes of a `Uint8Array`.
pub(super) fn bytes(name: &str, value: &JsValue) -> Result<Vec<u8>> {
    let array = view::<Uint8Array>(value);
    let array = array.ok_or_else(|| refused(name, "a Uint8Array", value))?;
    Ok(array.to_vec())
}

/// The entries of a list: an array, or one of its typed kinds.
pub(super) fn list(name: &str, expected: &str, value: &JsValue) -> Result<Vec<JsValue>> {
    let wrong = || refused(name, expected, value);
    if !(Array::is_array(value) || ArrayBuffer::is_view(value)) {
        return Err(wrong());
    }
    let length = Reflect::get(value, &"length".into()).ok();
    let length = length.and_then(|length| length.as_f64());
    let length = length.filter(|length| *length <= f64::from(MAX_ENTRIES));
    let length = length.ok_or_else(wrong)? as u32;
    let entry = |index| Reflect::get_u32(value, index).map_err(|_| wrong());
    (0..length).map(entry).collect()
}

/// A typed array that has memory of its own, which neither a proxy of one has nor an object of its prototype.
fn view<T: JsCast>(value: &JsValue) -> Option<&T> {
    value.dyn_ref::<T>().filter(|_| ArrayBuffer::is_view(value))
}
