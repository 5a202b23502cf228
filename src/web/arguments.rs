//! Arguments from JavaScript, checked before conversion to Rust types.
//!
//! Exported functions have parameters of `js_sys` types, which are handles to any value, instead of `String` or `Vec`:
//! the generated code for these would read memory of whatever value is passed.

use js_sys::{Array, ArrayBuffer, Float32Array, Float64Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::options::refused;
use crate::Result;

/// Upper limit of a plain list, whose entries are read one by one.
const MAX_ENTRIES: u32 = 10_000_000;

/// Checks for a string.
pub(super) fn text(name: &str, value: &JsValue) -> Result<String> {
    let text = value.as_string();
    text.ok_or_else(|| refused(name, "a string", value))
}

/// Checks for a number.
pub(super) fn number(name: &str, value: &JsValue) -> Result<f64> {
    let number = value.as_f64();
    number.ok_or_else(|| refused(name, "a number", value))
}

/// Copies the values of a `Float32Array`.
pub(super) fn floats(name: &str, value: &JsValue) -> Result<Vec<f32>> {
    let array = view::<Float32Array>(value);
    let array = array.ok_or_else(|| refused(name, "a Float32Array", value))?;
    Ok(array.to_vec())
}

/// Copies the values of a `Float64Array`.
pub(super) fn doubles(name: &str, value: &JsValue) -> Result<Vec<f64>> {
    Ok(double_array(name, value)?.to_vec())
}

/// Checks for a `Float64Array` without copying it.
pub(super) fn double_array<'a>(name: &str, value: &'a JsValue) -> Result<&'a Float64Array> {
    view(value).ok_or_else(|| refused(name, "a Float64Array", value))
}

/// Copies the bytes of a `Uint8Array`.
pub(super) fn bytes(name: &str, value: &JsValue) -> Result<Vec<u8>> {
    let array = view::<Uint8Array>(value);
    let array = array.ok_or_else(|| refused(name, "a Uint8Array", value))?;
    Ok(array.to_vec())
}

/// The entries of an array or a typed array.
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

/// A typed array with its own memory, which excludes proxies of typed arrays and objects with their prototype.
fn view<T: JsCast>(value: &JsValue) -> Option<&T> {
    value.dyn_ref::<T>().filter(|_| ArrayBuffer::is_view(value))
}
