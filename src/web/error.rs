//! Conversion of errors to JavaScript.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::Error;

/// An `Error` object with the name `"TweedieError"`, the [`code`](Error::code) of the variant, the fields of its
/// [`subject`](Error::subject), and the column for formulas.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let object = js_sys::Error::new(&error.to_string());
        object.set_name("TweedieError");
        let set = |name: &str, value: JsValue| {
            // Setting a property of a new object cannot fail.
            let _ = Reflect::set(&object, &name.into(), &value);
        };
        set("code", error.code().into());
        if let Some(subject) = error.subject() {
            set("option", subject.option.into());
            set("expected", subject.expected.into());
            set("value", subject.value.into());
        }
        if let Error::Formula { column, .. } = error {
            set("column", JsValue::from(column as u32));
        }
        object.into()
    }
}
