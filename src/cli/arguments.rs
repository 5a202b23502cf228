//! Command-line arguments for the samplers and their options, from the catalog.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

use super::TextOptions;
use crate::sampler::catalog::{CATALOG, Domain, Entry, Parameter};
use crate::{Error, Result};

const SAMPLER: &str = "sampler";

/// Adds `--sampler` and one argument for each option of any sampler to the command.
pub fn with_samplers(command: Command) -> Command {
    let names = PossibleValuesParser::new(CATALOG.map(|entry| entry.name));
    let sampler = Arg::new(SAMPLER)
        .long(SAMPLER)
        .value_name("NAME")
        .value_parser(names)
        .help("Sampler [default: that of the model's scheduler]");
    command.arg(sampler).args(option_arguments())
}

/// The given sampler, if any, and the given options.
///
/// # Errors
/// Those of [`TextOptions::insert`].
pub fn sampler(matches: &ArgMatches) -> Result<(Option<&str>, TextOptions)> {
    let mut options = TextOptions::default();
    for name in option_names() {
        if let Some(value) = matches.get_one::<String>(name) {
            options.insert(name, value)?;
        }
    }
    let name = matches.get_one::<String>(SAMPLER).map(String::as_str);
    Ok((name, options))
}

/// Parses a finite number. JSON, in which programs save their options, has no others.
///
/// # Errors
/// A description of the expected value.
pub fn finite(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "it must be a finite number".to_owned())
}

/// Replaces the option name in an error by the argument as spelled on the command line.
pub fn in_arguments(error: Error, command: &Command) -> Error {
    let Error::InvalidOption {
        name,
        expected,
        value,
    } = error
    else {
        return error;
    };
    let argument = command.get_arguments().find(|arg| arg.get_id() == &name);
    let long = argument.and_then(|argument| argument.get_long());
    Error::InvalidOption {
        name: long.map_or(name, |long| format!("--{long}")),
        expected,
        value,
    }
}

/// All option names, in the order of the catalog.
fn option_names() -> Vec<&'static str> {
    let mut names = Vec::new();
    for option in CATALOG.iter().flat_map(|entry| entry.options) {
        if !names.contains(&option.name) {
            names.push(option.name);
        }
    }
    names
}

fn option_arguments() -> Vec<Arg> {
    let argument = |name: &'static str| {
        let uses = || {
            CATALOG.iter().flat_map(move |entry| {
                let own = entry.options.iter().filter(move |own| own.name == name);
                own.map(move |option| (entry, option))
            })
        };
        let argument = Arg::new(name)
            .long(name.replace('_', "-"))
            .help(help(&uses().collect::<Vec<_>>()))
            .help_heading("Options of the samplers");
        match uses().next().map(|(_, option)| option.domain) {
            Some(Domain::Flag { .. }) => argument
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_name("true|false"),
            Some(Domain::Choice { .. }) => argument.value_name("WORD"),
            _ => argument.value_name("NUMBER").allow_negative_numbers(true),
        }
    };
    option_names().into_iter().map(argument).collect()
}

/// Help text: the description, and the samplers for each domain.
fn help(uses: &[(&Entry, &Parameter)]) -> String {
    let Some((_, first)) = uses.first() else {
        return String::new();
    };
    let mut domains: Vec<(String, Vec<&str>)> = Vec::new();
    for (entry, option) in uses {
        let domain = domain(option.domain);
        match domains.iter_mut().find(|(known, _)| *known == domain) {
            Some((_, samplers)) => samplers.push(entry.name),
            None => domains.push((domain, vec![entry.name])),
        }
    }
    let each = domains
        .iter()
        .map(|(domain, samplers)| format!("{}: {domain}", samplers.join(", ")));
    format!(
        "{} [{}]",
        first.meaning,
        each.collect::<Vec<_>>().join("; ")
    )
}

fn domain(domain: Domain) -> String {
    match domain {
        Domain::Flag { default } => format!("{default} unless given"),
        Domain::Choice { words, default } => format!("{}, default {default}", words.join(" or ")),
        Domain::Whole { range, default } => {
            format!("{} to {}, default {default}", range[0], range[1])
        }
        Domain::Number {
            range,
            default: Some(default),
        } => format!("{} to {}, default {default}", range[0], range[1]),
        Domain::Number { range, .. } => format!("{} to {}, to be given", range[0], range[1]),
    }
}
