//! Options from JavaScript: one plain object per call.

use std::collections::BTreeMap;

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::checkpoint::scheduler::{FinalSigma, Spacing, SpacingOptions};
use crate::error::shortened;
use crate::pipeline::{Pipeline, SampleOptions, Start};
use crate::{Error, Result};

use super::arguments::{doubles, floats, list};
use super::sampler::method;

/// Names of the options of every sampling run.
pub(super) const COMMON: &str = "sampler, steps, spacing, finalSigma, clipSample, seed, batch, start, classLabels, guidanceScale, \
                      guidanceRescale, guidanceInterval, initialNoise";

/// The fields of an object. Each is taken once; remaining fields are unknown options.
pub(super) struct Fields(BTreeMap<String, JsValue>);

impl Fields {
    /// No fields.
    pub fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The own fields of an options object; none for `undefined` and `null`.
    pub fn read(name: &str, expected: &str, options: &JsValue) -> Result<Self> {
        if !is_given(options) {
            return Ok(Self::none());
        }
        let Some(object) = options
            .dyn_ref::<Object>()
            .filter(|_| !options.is_function())
        else {
            return Err(refused(name, expected, options));
        };
        // Exceptions of getters and proxies must not pass through Rust.
        let unreadable = |_| refused(name, expected, options);
        let keys = Reflect::own_keys(object).map_err(unreadable)?;
        let field = |name: String| {
            let value = Reflect::get(object, &JsValue::from(&name)).map_err(unreadable)?;
            Ok((name, value))
        };
        let names = keys.iter().filter_map(|key| key.as_string());
        names.map(field).collect::<Result<_>>().map(Self)
    }

    /// Value of the field; `undefined` if it is not given.
    pub fn take(&mut self, name: &str) -> JsValue {
        self.0.remove(name).unwrap_or(JsValue::UNDEFINED)
    }

    /// Whether the field is this text.
    pub fn contains(&self, name: &str, text: &str) -> bool {
        let value = self.0.get(name).and_then(JsValue::as_string);
        value.as_deref() == Some(text)
    }

    pub fn number(&mut self, name: &str) -> Result<Option<f64>> {
        number(name, &self.take(name))
    }

    pub fn whole(&mut self, name: &str) -> Result<Option<usize>> {
        whole(name, &self.take(name))
    }

    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        let value = self.take(name);
        match value.as_bool() {
            None if is_given(&value) => Err(refused(name, "true or false", &value)),
            flag => Ok(flag),
        }
    }

    /// One of several words.
    pub fn choice(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        let value = self.take(name);
        let text = value.as_string();
        match words.iter().find(|word| text.as_deref() == Some(**word)) {
            None if is_given(&value) => {
                let expected = format!("one of {}", words.join(", "));
                Err(refused(name, &expected, &value))
            }
            word => Ok(word.copied()),
        }
    }

    pub fn seed(&mut self, name: &str) -> Result<u32> {
        Ok(self.whole(name)?.unwrap_or(0) as u32)
    }

    pub fn class_labels(&mut self) -> Result<Vec<usize>> {
        class_labels(&self.take("classLabels"))
    }

    /// Values of a batch of images.
    pub fn floats(&mut self, name: &str) -> Result<Option<Vec<f32>>> {
        let value = self.take(name);
        is_given(&value).then(|| floats(name, &value)).transpose()
    }

    /// Returns an error if the field is given: it belongs to another `kind` ("sampler") than the one called `chosen`.
    pub fn refuse(&mut self, name: &str, kind: &str, chosen: &str) -> Result<()> {
        let value = self.take(name);
        if is_given(&value) {
            let expected = format!("left out: it is not an option of the {kind} {chosen}");
            Err(refused(name, &expected, &value))
        } else {
            Ok(())
        }
    }

    /// Values in double precision.
    pub fn doubles(&mut self, name: &str) -> Result<Option<Vec<f64>>> {
        let value = self.take(name);
        is_given(&value).then(|| doubles(name, &value)).transpose()
    }

    /// Returns an error for the first remaining field that is not `undefined`.
    pub fn finish(self, expected: &str) -> Result<()> {
        match self.0.into_iter().find(|(_, value)| is_given(value)) {
            Some((name, _)) => Err(Error::invalid("options", expected, name)),
            None => Ok(()),
        }
    }
}

/// Reads sampling options; `undefined` and `null` select the default.
pub(super) fn sample_options(options: &JsValue, pipeline: &Pipeline) -> Result<SampleOptions> {
    let expected = format!("an object of the options {COMMON}");
    let mut fields = Fields::read("options", &expected, options)?;
    let (options, own) = common_options(&mut fields, pipeline)?;
    fields.finish(&format!("{expected}{own}"))?;
    Ok(options)
}

/// Reads the options of every sampling run from the fields. Also returns the names of the sampler's options, for messages.
pub(super) fn common_options(
    fields: &mut Fields,
    pipeline: &Pipeline,
) -> Result<(SampleOptions, String)> {
    let (method, own) = method(fields, pipeline.scheduler())?;
    let options = SampleOptions {
        method,
        spacing: spacing_options(fields)?,
        clip_sample: fields.flag("clipSample")?,
        steps: fields.whole("steps")?,
        start: start(fields.take("start"))?,
        seed: fields.seed("seed")?,
        batch: fields.whole("batch")?,
        class_labels: fields.class_labels()?,
        guidance_scale: fields.number("guidanceScale")?.unwrap_or(1.0),
        guidance_rescale: fields.number("guidanceRescale")?.unwrap_or(0.0),
        guidance_interval: pair("guidanceInterval", &fields.take("guidanceInterval"))?,
        initial_noise: fields.floats("initialNoise")?,
    };
    let own = own.map_or(String::new(), |own| format!(", and of this sampler {own}"));
    Ok((options, own))
}

pub(super) fn spacing_options(fields: &mut Fields) -> Result<SpacingOptions> {
    Ok(SpacingOptions {
        spacing: fields
            .choice("spacing", &Spacing::ALL.map(Spacing::name))?
            .and_then(Spacing::from_name),
        final_sigma: fields
            .choice("finalSigma", &FinalSigma::ALL.map(FinalSigma::name))?
            .and_then(FinalSigma::from_name),
    })
}

fn start(value: JsValue) -> Result<Option<Start>> {
    if !is_given(&value) {
        return Ok(None);
    }
    let expected = "an object { images, strength }";
    let mut fields = Fields::read("start", expected, &value)?;
    let (images, strength) = (fields.floats("images")?, fields.number("strength")?);
    fields.finish(expected)?;
    match (images, strength) {
        (Some(images), Some(strength)) => Ok(Some(Start { images, strength })),
        _ => Err(refused("start", expected, &value)),
    }
}

/// The error for a value of the wrong type.
pub(super) fn refused(name: &str, expected: &str, value: &JsValue) -> Error {
    // Objects may be of any size.
    let shown = if value.is_object() {
        None
    } else {
        js_sys::JSON::stringify(value)
            .ok()
            .and_then(|text| text.as_string())
    };
    Error::InvalidOption {
        name: name.to_owned(),
        expected: expected.to_owned(),
        value: shown.map_or_else(|| "something else".to_owned(), shortened),
    }
}

pub(super) fn is_given(value: &JsValue) -> bool {
    !value.is_undefined() && !value.is_null()
}

fn number(name: &str, value: &JsValue) -> Result<Option<f64>> {
    match value.as_f64() {
        None if is_given(value) => Err(refused(name, "a number", value)),
        number => Ok(number),
    }
}

/// Two numbers.
fn pair(name: &str, value: &JsValue) -> Result<Option<[f64; 2]>> {
    if !is_given(value) {
        return Ok(None);
    }
    let expected = "a list of two numbers";
    let entries = list(name, expected, value)?;
    let numbers: Option<Vec<f64>> = entries.iter().map(JsValue::as_f64).collect();
    match numbers.as_deref() {
        Some(&[low, high]) => Ok(Some([low, high])),
        _ => Err(refused(name, expected, value)),
    }
}

/// Replaces the option name in an error by its JavaScript spelling.
pub(super) fn in_javascript(error: Error) -> Error {
    let Error::InvalidOption {
        name,
        expected,
        value,
    } = error
    else {
        return error;
    };
    Error::InvalidOption {
        name: camel_case(&name),
        expected,
        value,
    }
}

/// Converts `guidance_scale` to `guidanceScale`; names with spaces or in other conventions remain unchanged.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

/// Checks for an integer that fits in 32 bits.
fn whole(name: &str, value: &JsValue) -> Result<Option<usize>> {
    match number(name, value)? {
        Some(number) if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) => {
            Ok(Some(number as usize))
        }
        Some(number) => Err(Error::invalid(
            name,
            "a whole number from 0 to 4294967295",
            number,
        )),
        None => Ok(None),
    }
}

/// One class label for all images, or a list with one per image.
fn class_labels(value: &JsValue) -> Result<Vec<usize>> {
    if !is_given(value) {
        return Ok(Vec::new());
    }
    let (name, expected) = ("classLabels", "a number or a list of numbers");
    let labels = match value.as_f64() {
        Some(_) => vec![value.clone()],
        None => list(name, expected, value)?,
    };
    let label = |label: &JsValue| whole(name, label)?.ok_or_else(|| refused(name, expected, label));
    labels.iter().map(label).collect()
}
