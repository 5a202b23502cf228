//! Binding of the catalog of restoration methods and operators.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::catalog::by_name;
use crate::restore::{METHODS, MethodEntry, OPERATORS, OperatorEntry};
use crate::sampler::catalog::Parameter;

#[derive(Serialize)]
struct JsRestorers {
    methods: Vec<JsMethod>,
    operators: Vec<JsOperator>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsMethod {
    name: &'static str,
    title: &'static str,
    paper: &'static str,
    url: &'static str,
    operators: &'static [&'static str],
    any_sampler: bool,
    gradient: bool,
    #[serde(serialize_with = "by_name")]
    options: &'static [Parameter],
}

#[derive(Serialize)]
struct JsOperator {
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
    #[serde(serialize_with = "by_name")]
    options: &'static [Parameter],
}

/// Metadata of the methods and operators of restoration.
///
/// # Errors
/// None: the result is constant.
#[wasm_bindgen]
pub fn restorers() -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let restorers = JsRestorers {
        methods: METHODS.map(JsMethod::from).into(),
        operators: OPERATORS.map(JsOperator::from).into(),
    };
    Ok(restorers.serialize(&serializer)?)
}

impl From<MethodEntry> for JsMethod {
    fn from(entry: MethodEntry) -> Self {
        Self {
            name: entry.name,
            title: entry.title,
            paper: entry.paper,
            url: entry.url,
            operators: entry.operators,
            any_sampler: entry.is_for_any_sampler,
            gradient: entry.needs_gradient,
            options: entry.options,
        }
    }
}

impl From<OperatorEntry> for JsOperator {
    fn from(entry: OperatorEntry) -> Self {
        Self {
            name: entry.name,
            title: entry.title,
            meaning: entry.meaning,
            options: entry.options,
        }
    }
}
