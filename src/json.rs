//! JSON as written by Python: with the numbers `NaN`, `Infinity` and `-Infinity`, which are not part of JSON, and
//! optionally with a byte-order mark.
//!
//! [`Value`] cannot represent these numbers. Each is read as a special string, which [`number`] converts to the number
//! and [`write()`] writes as Python does.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::Error;
use crate::file_kind::mistaken;

/// First character of the strings that represent numbers. Unicode reserves it for internal use, so that it does not
/// occur in text.
const MARK: char = '\u{fdd0}';
const NUMBERS: [(&str, f64); 3] = [
    ("-Infinity", f64::NEG_INFINITY),
    ("Infinity", f64::INFINITY),
    ("NaN", f64::NAN),
];

/// Parses JSON in UTF-8, or in UTF-16 with a byte-order mark.
///
/// # Errors
/// The line and column of the first syntax error.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let text = decode(bytes).map_err(serde_json::Error::custom)?;
    match serde_json::from_str(&text) {
        Err(_) if text.contains("Infinity") || text.contains("NaN") => {
            serde_json::from_str(&with_stand_ins(&text))
        }
        result => result,
    }
}

/// Parses an object.
///
/// # Errors
/// [`Error::MalformedFile`] states the position of the syntax error, or the actual type of the file.
pub fn read_object(name: &str, bytes: &[u8]) -> crate::Result<Map<String, Value>> {
    read(bytes).map_err(|error| malformed(name, bytes, error))
}

/// The error for bytes that cannot be parsed.
pub(crate) fn malformed(name: &str, bytes: &[u8], error: serde_json::Error) -> Error {
    let begins_as_json = decode(bytes).is_ok_and(|text| text.trim_start().starts_with(['{', '[']));
    let kind = mistaken(bytes).filter(|_| !begins_as_json);
    Error::malformed(name, kind.unwrap_or_else(|| message(&error)))
}

/// Message of an error, with non-finite numbers written as in Python.
pub(crate) fn message(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace(&MARK.escape_unicode().to_string(), "")
}

/// Writes an object as Python does, indented, with a final line break.
pub fn write(fields: &Map<String, Value>) -> Vec<u8> {
    let mut text = format!("{fields:#}", fields = Value::Object(fields.clone()));
    for (name, _) in NUMBERS {
        text = text.replace(&stand_in(name), name);
    }
    text.push('\n');
    text.into_bytes()
}

/// The non-finite number that a value represents, if any.
///
/// ```
/// use serde_json::{Map, Value};
/// use tweedie::json;
///
/// let fields: Map<String, Value> = json::read(b"{\"lambda_min_clipped\": -Infinity}")?;
/// assert_eq!(json::number(&fields["lambda_min_clipped"]), Some(f64::NEG_INFINITY));
/// assert!(json::write(&fields).ends_with(b": -Infinity\n}\n"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn number(value: &Value) -> Option<f64> {
    let name = value.as_str()?.strip_prefix(MARK)?;
    let (_, number) = NUMBERS.into_iter().find(|(known, _)| *known == name)?;
    Some(number)
}

/// Deserialises an optional number, which may be non-finite.
pub(crate) fn float<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match number(&value) {
        Some(number) => Ok(Some(number)),
        None => Option::deserialize(value).map_err(D::Error::custom),
    }
}

fn stand_in(name: &str) -> String {
    format!("\"{MARK}{name}\"")
}

/// Decodes text according to its byte-order mark; UTF-8 without one.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        match (String::from_utf16(&units), rest) {
            (Ok(text), []) => Ok(Cow::Owned(text)),
            _ => Err("its byte-order mark says UTF-16, which the rest is not".to_owned()),
        }
    };
    match bytes {
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        text => {
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            let text = std::str::from_utf8(text).map(Cow::Borrowed);
            text.map_err(|error| error.to_string())
        }
    }
}

/// Replaces each non-finite number by the string that represents it.
fn with_stand_ins(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['"', '-', 'I', 'N']) {
        result.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = NUMBERS.iter().find(|(name, _)| rest.starts_with(name));
        let length = match known {
            Some((name, _)) => {
                result.push_str(&stand_in(name));
                name.len()
            }
            None => {
                let length = if rest.starts_with('"') {
                    string_length(rest)
                } else {
                    1
                };
                result.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    result.push_str(rest);
    result
}

/// Length in bytes of the JSON string at the start of a text, including its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().enumerate().skip(1).find(|(_, byte)| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(bytes: &[u8]) -> Map<String, Value> {
        read(bytes).unwrap()
    }

    #[test]
    fn numbers_that_json_lacks_are_read_and_written_as_python_does() {
        let text = "{\n  \"a\": -Infinity,\n  \"b\": [\n    Infinity,\n    NaN,\n    1.5\n  ],\n  \"c\": \"Infinity, \\\"NaN\\\\\"\n}\n";
        let fields = object(text.as_bytes());
        assert_eq!(number(&fields["a"]), Some(f64::NEG_INFINITY));
        assert_eq!(number(&fields["b"][0]), Some(f64::INFINITY));
        assert!(number(&fields["b"][1]).is_some_and(f64::is_nan));
        assert_eq!(
            (number(&fields["b"][2]), number(&fields["c"])),
            (None, None)
        );
        assert_eq!(fields["c"], json!("Infinity, \"NaN\\"));
        assert_eq!(String::from_utf8(write(&fields)).unwrap(), text);
    }

    #[test]
    fn names_that_are_strings_stay_strings() {
        let text = "{\n  \"labels\": [\n    \"NaN\",\n    \"-Infinity\"\n  ]\n}\n";
        let fields = object(text.as_bytes());
        assert_eq!(fields["labels"], json!(["NaN", "-Infinity"]));
        assert_eq!(write(&fields), text.as_bytes());
    }

    #[test]
    fn every_byte_order_mark_is_skipped() {
        let text = "{\"ä\": NaN}";
        let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [mark]
                .into_iter()
                .chain(text.encode_utf16())
                .flat_map(bytes)
                .collect()
        };
        let marked = [
            format!("\u{feff}{text}").into_bytes(),
            utf16(0xfeff, u16::to_le_bytes),
            utf16(0xfeff, u16::to_be_bytes),
        ];
        for bytes in marked {
            assert!(number(&object(&bytes)["ä"]).is_some_and(f64::is_nan));
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bytes in [
            &b"{\"a\": Infinit}"[..],
            b"{\"a\": --Infinity}",
            b"\xff\xfe{",
            b"\xff",
            b"{\"a\": \"Infinity",
            b"NaN",
        ] {
            assert!(read::<Map<String, Value>>(bytes).is_err(), "{bytes:?}");
        }
    }
}
