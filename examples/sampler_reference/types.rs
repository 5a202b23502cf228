//! The TypeScript types of the samplers' own options.

use std::fmt::Write;

use tweedie::sampler::catalog::{CATALOG, Domain, Entry, Parameter};

use super::{camel_case, short};

const INTRODUCTION: &str = "\
// Generated from the code: cargo run --example sampler_reference

/** A sampler and its own options. Options default to the checkpoint's scheduler, or else to the default given here. */
export type SamplerOptions =
";

/// Integers in ranges of at most this length are listed.
const MAX_LISTED: usize = 8;

/// The whole file.
pub fn types() -> String {
    let mut text = INTRODUCTION.to_owned();
    let plain: Vec<&Entry> = CATALOG
        .iter()
        .filter(|entry| entry.options.is_empty())
        .collect();
    text += "  | {\n      /** Default: the checkpoint's sampler. The samplers listed here have no options. */\n      sampler?:\n";
    for entry in plain {
        let _ = writeln!(text, "        | {:?} // {}", entry.name, source(entry));
    }
    text += "        ;\n    }\n";
    for entry in CATALOG.iter().filter(|entry| !entry.options.is_empty()) {
        let _ = writeln!(
            text,
            "  | {{\n      /** {}: {} */\n      sampler: {:?};",
            entry.title,
            source(entry),
            entry.name
        );
        for option in entry.options {
            text += &field(option);
        }
        text += "    }\n";
    }
    text.trim_end().to_owned() + ";\n"
}

fn source(entry: &Entry) -> String {
    format!("{}, {}", entry.paper, entry.url)
}

fn field(option: &Parameter) -> String {
    let (kind, range, default) = match option.domain {
        Domain::Flag { default } => (
            "boolean".to_owned(),
            String::new(),
            Some(default.to_string()),
        ),
        Domain::Choice { words, default } => {
            let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            (
                words.join(" | "),
                String::new(),
                Some(format!("`{default:?}`")),
            )
        }
        Domain::Whole {
            range: [least, most],
            default,
        } if most - least < MAX_LISTED => {
            let numbers: Vec<String> = (least..=most).map(|number| number.to_string()).collect();
            (
                numbers.join(" | "),
                String::new(),
                Some(default.to_string()),
            )
        }
        Domain::Whole {
            range: [least, most],
            default,
        } => (
            "number".to_owned(),
            format!(" An integer from {least} to {most}."),
            Some(default.to_string()),
        ),
        Domain::Number {
            range: [least, most],
            default,
        } => (
            "number".to_owned(),
            format!(" From {} to {}.", short(least), short(most)),
            default.map(|default| default.to_string()),
        ),
    };
    let optional = if default.is_some() { "?" } else { "" };
    let default = default.map_or(String::new(), |default| format!(" Default: {default}."));
    let name = camel_case(option.name);
    format!(
        "      /** {}{range}{default} */\n      {name}{optional}: {kind};\n",
        option.meaning
    )
}
