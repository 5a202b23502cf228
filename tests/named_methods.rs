//! Samplers by name with options as text: what a program is told.
#![cfg(all(feature = "cli", not(target_family = "wasm")))]

use serde_json::json;
use tweedie::Error;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::cli::TextOptions;
use tweedie::sampler::catalog::{CATALOG, Domain};
use tweedie::sampler::{Method, ddim};

fn scheduler() -> SchedulerConfig {
    let silent = json!({ "_class_name": "DDPMScheduler" });
    SchedulerConfig::from_json(silent.as_object().unwrap()).unwrap()
}

/// A value that is not the default, as far as there is another.
fn other(domain: Domain) -> String {
    match domain {
        Domain::Flag { default } => (!default).to_string(),
        Domain::Choice { words, default } => {
            let other = words.iter().find(|word| **word != default);
            other.unwrap().to_string()
        }
        Domain::Whole { range, default } if default == range[1] => range[0].to_string(),
        Domain::Whole { range, .. } => range[1].to_string(),
        Domain::Number { range, .. } => (0.5 * (range[0] + range[1])).to_string(),
    }
}

#[test]
fn every_option_of_the_catalog_changes_its_sampler() {
    for entry in CATALOG {
        let given = |text: &str| {
            let mut options = TextOptions::parse(text).unwrap();
            let needed = entry.name.ends_with("langevin")
                && !text.replace('-', "_").starts_with("step_size");
            if needed {
                options.insert("step_size", "0.001").unwrap();
            }
            scheduler().method_named(Some(entry.name), &mut options)
        };
        let plain = given("").unwrap();
        assert_eq!(plain.name(), entry.name);
        for option in entry.options {
            let text = format!("{}={}", option.name, other(option.domain));
            let changed = given(&text).unwrap();
            assert_eq!(changed.name(), entry.name);
            assert_ne!(changed, plain, "{}: {text}", entry.name);
            let hyphens = given(&text.replace('_', "-")).unwrap();
            assert_eq!(hyphens, changed);
            let name = format!("{}=much", option.name);
            assert!(
                matches!(given(&name), Err(Error::InvalidOption { name, .. }) if name == option.name)
            );
        }
    }
}

#[test]
fn an_option_of_another_sampler_is_refused_with_the_names_of_its_own() {
    for option in CATALOG.iter().flat_map(|entry| entry.options) {
        let text = format!("{}={}", option.name, other(option.domain));
        for (sampler, own) in [("euler", "none"), ("ddim", "eta, use_clipped_model_output")] {
            let is_own = own.split(", ").any(|own| own == option.name);
            let mut options = TextOptions::parse(&text).unwrap();
            match scheduler().method_named(Some(sampler), &mut options) {
                Err(Error::InvalidOption { name, expected, .. }) if !is_own => {
                    assert_eq!(name, option.name);
                    assert!(expected.contains(own), "{expected}");
                }
                found => assert!(is_own && found.is_ok(), "{sampler} {text}: {found:?}"),
            }
        }
    }
}

#[test]
fn without_a_name_the_method_is_the_schedulers_own() {
    let silent = json!({ "_class_name": "DDIMScheduler" });
    let scheduler = SchedulerConfig::from_json(silent.as_object().unwrap()).unwrap();
    let mut options = TextOptions::parse("eta=0.25").unwrap();
    let method = scheduler.method_named(None, &mut options).unwrap();
    let direction = ddim::Direction::Predicted;
    assert_eq!(
        method,
        Method::Ddim {
            eta: 0.25,
            direction
        }
    );
    let unknown = scheduler.method_named(Some("euler2"), &mut TextOptions::default());
    assert!(unknown.unwrap_err().to_string().contains("dpm-solver++"));
    for (text, reason) in [
        ("eta", "name=value"),
        ("eta=1,eta=0", "given once"),
        ("speed=2", "use_clipped_model_output"),
    ] {
        let refused = TextOptions::parse(text).unwrap_err().to_string();
        assert!(refused.contains(reason), "{text}: {refused}");
    }
}
