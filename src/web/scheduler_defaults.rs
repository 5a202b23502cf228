//! Defaults of all samplers from a checkpoint's scheduler, for forms.

use std::collections::BTreeMap;

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::WasmPipeline;
use super::options::{Fields, camel_case};
use crate::checkpoint::SchedulerConfig;
use crate::sampler::catalog::{CATALOG, Entry, Value};

#[derive(Serialize)]
struct JsDefaults {
    sampler: &'static str,
    options: BTreeMap<&'static str, BTreeMap<String, JsOptionValue>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsOptionValue {
    Flag(bool),
    Word(&'static str),
    Whole(usize),
    Number(f64),
}

#[wasm_bindgen]
impl WasmPipeline {
    /// The checkpoint's own sampler, and the options of each sampler according to its scheduler.
    #[wasm_bindgen(getter, js_name = schedulerDefaults, unchecked_return_type = "Record<string, unknown>")]
    pub fn scheduler_defaults(&self) -> JsValue {
        let scheduler = self.pipeline.scheduler();
        let options = |entry: Entry| Some((entry.name, options_of(entry, scheduler)?));
        let defaults = JsDefaults {
            sampler: scheduler.method.name(),
            options: CATALOG.into_iter().filter_map(options).collect(),
        };
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        // Words and numbers can always be converted.
        defaults.serialize(&serializer).unwrap_or(JsValue::NULL)
    }
}

/// `None` for a sampler without options, and for one with required options.
fn options_of(
    entry: Entry,
    scheduler: &SchedulerConfig,
) -> Option<BTreeMap<String, JsOptionValue>> {
    let method = scheduler
        .method_named(Some(entry.name), &mut Fields::none())
        .ok()?;
    let option = |name: &str| Some((camel_case(name), method.option(name)?.into()));
    let options: BTreeMap<_, _> = entry
        .options
        .iter()
        .filter_map(|parameter| option(parameter.name))
        .collect();
    (!options.is_empty()).then_some(options)
}

impl From<Value> for JsOptionValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Flag(flag) => Self::Flag(flag),
            Value::Word(word) => Self::Word(word),
            Value::Whole(number) => Self::Whole(number),
            Value::Number(number) => Self::Number(number),
        }
    }
}
