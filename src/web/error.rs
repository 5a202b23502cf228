//! Conversion of errors to JavaScript.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Error;

/// An `Error` object with the name `"TweedieError"`, the [`code`](Error::code) of the variant, and the column for
/// formulas.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let object = js_sys::Error::new(&error.to_string());
        object.set_name("TweedieError");
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&object, &"code".into(), &error.code().into());
        if let Error::Formula { column, .. } = error {
            let _ = Reflect::set(&object, &"column".into(), &JsValue::from(column as u32));
        }
        object.into()
    }
}
