//! Samplers by name with options as text, as on the command line.

use serde_json::json;
use tweedie::Error;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::checkpoint::scheduler::SpacingOptions;
use tweedie::cli::TextOptions;
use tweedie::sampler::catalog::{CATALOG, Domain, Value};
use tweedie::sampler::{Ddim, Method, ddim};

fn scheduler() -> SchedulerConfig {
    let silent = json!({ "_class_name": "DDPMScheduler" });
    SchedulerConfig::from_json(silent.as_object().unwrap()).unwrap()
}

/// A value other than the default, if there is one.
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
fn only_ddpm_takes_all_timesteps_where_no_steps_are_asked_for() {
    let entries = CATALOG.iter().filter(|entry| entry.name != "consistency");
    for entry in entries {
        let mut options = TextOptions::default();
        if entry.name.ends_with("langevin") {
            options.insert("step_size", "0.001").unwrap();
        }
        let method = scheduler().method_named(Some(entry.name), &mut options);
        let running = scheduler().with_method(&method.unwrap(), SpacingOptions::default());
        let expected = if entry.name == "ddpm" { 1000 } else { 50 };
        assert_eq!(running.unwrap().default_steps(), expected, "{}", entry.name);
    }
}

/// Values in the domain, as text and as returned by the method.
fn values(domain: Domain) -> Vec<(String, Value)> {
    match domain {
        Domain::Flag { .. } => [true, false]
            .map(|flag| (flag.to_string(), Value::Flag(flag)))
            .to_vec(),
        Domain::Choice { words, .. } => {
            let words = words.iter();
            words
                .map(|word| (word.to_string(), Value::Word(word)))
                .collect()
        }
        Domain::Whole { range, .. } => range
            .map(|number| (number.to_string(), Value::Whole(number)))
            .to_vec(),
        Domain::Number { range, .. } => range
            .map(|number| (number.to_string(), Value::Number(number)))
            .to_vec(),
    }
}

#[test]
fn a_method_has_every_value_of_an_option_that_it_was_given() {
    for entry in CATALOG {
        for option in entry.options {
            for (text, value) in values(option.domain) {
                let mut options = TextOptions::default();
                options.insert(option.name, &text).unwrap();
                if entry.name.ends_with("langevin") && option.name != "step_size" {
                    options.insert("step_size", "0.001").unwrap();
                }
                let method = scheduler().method_named(Some(entry.name), &mut options);
                let found = method.unwrap().option(option.name);
                let case = format!("{} {}={text}", entry.name, option.name);
                assert_eq!(found, Some(value), "{case}");
            }
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
fn the_equation_of_a_checkpoint_is_that_of_its_own_target_alone() {
    let config = json!({ "_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "sde-dpmsolver++" });
    let scheduler = SchedulerConfig::from_json(config.as_object().unwrap()).unwrap();
    for (name, stochastic) in [("dpm-solver++", true), ("dpm-solver", false)] {
        let method = scheduler.method_named(Some(name), &mut TextOptions::default());
        let found = method.unwrap().option("stochastic");
        assert_eq!(found, Some(Value::Flag(stochastic)), "{name}");
    }
}

#[test]
fn without_a_name_the_method_is_the_schedulers_own() {
    let silent = json!({ "_class_name": "DDIMScheduler" });
    let scheduler = SchedulerConfig::from_json(silent.as_object().unwrap()).unwrap();
    let mut options = TextOptions::parse("eta=0.25").unwrap();
    let method = scheduler.method_named(None, &mut options).unwrap();
    let noise_estimate = ddim::NoiseEstimate::FromModel;
    assert_eq!(
        method,
        Method::Ddim(Ddim {
            eta: 0.25,
            noise_estimate
        })
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
