//! The catalog matches the options of the samplers.

use std::collections::BTreeSet;

use serde_json::json;
use tweedie::checkpoint::{SchedulerClass, SchedulerConfig};
use tweedie::sampler::catalog::{CATALOG, Domain, Entry, Parameter, Value};
use tweedie::sampler::dormand_prince::Tolerance;
use tweedie::sampler::dpm_solver::{Equation, Mode, SolverType, Target};
use tweedie::sampler::pndm::WarmUp;
use tweedie::sampler::reverse_sde::Predictor;
use tweedie::sampler::unipc::Variant;
use tweedie::sampler::{Ddim, Lms, Method, ddim};

fn option(sampler: &str, name: &str) -> Parameter {
    let entry = Entry::named(sampler).unwrap();
    let option = entry.options.iter().find(|option| option.name == name);
    *option.unwrap_or_else(|| panic!("{sampler} has no {name}"))
}

fn flag(sampler: &str, name: &str) -> bool {
    match option(sampler, name).domain {
        Domain::Flag { default } => default,
        other => panic!("{name} is {other:?}"),
    }
}

fn word(sampler: &str, name: &str) -> &'static str {
    match option(sampler, name).domain {
        Domain::Choice { default, .. } => default,
        other => panic!("{name} is {other:?}"),
    }
}

fn whole(sampler: &str, name: &str) -> usize {
    match option(sampler, name).domain {
        Domain::Whole { default, .. } => default,
        other => panic!("{name} is {other:?}"),
    }
}

fn number(sampler: &str, name: &str) -> Option<f64> {
    match option(sampler, name).domain {
        Domain::Number { default, .. } => default,
        other => panic!("{name} is {other:?}"),
    }
}

/// The method of a class with default options.
fn method(class: SchedulerClass) -> Method {
    let silent = json!({ "_class_name": "DDPMScheduler" });
    let config = SchedulerConfig::from_json(silent.as_object().unwrap()).unwrap();
    config.method_of(class).unwrap()
}

#[test]
fn every_default_lies_in_its_range_and_every_name_is_there_once() {
    for entry in CATALOG {
        for (index, option) in entry.options.iter().enumerate() {
            let earlier = &entry.options[..index];
            assert!(earlier.iter().all(|earlier| earlier.name != option.name));
            let inside = match option.domain {
                Domain::Flag { .. } => true,
                Domain::Choice { words, default } => words.contains(&default),
                Domain::Whole { range, default } => (range[0]..=range[1]).contains(&default),
                Domain::Number { range, default } => {
                    range[0] < range[1]
                        && default.is_none_or(|default| (range[0]..=range[1]).contains(&default))
                }
            };
            assert!(
                inside,
                "{} {}: {:?}",
                entry.name, option.name, option.domain
            );
        }
    }
}

#[test]
fn the_defaults_of_the_exponential_integrators_are_those_of_an_empty_scheduler() {
    for (class, mode) in [
        (SchedulerClass::DpmSolverMultistep, Mode::Multistep),
        (SchedulerClass::DpmSolverSinglestep, Mode::Singlestep),
    ] {
        let Method::DpmSolver(options) = method(class) else {
            panic!("{class:?}")
        };
        for name in ["dpm-solver", "dpm-solver++"] {
            assert_eq!(whole(name, "order"), options.order);
            assert_eq!(word(name, "mode"), "multistep");
            assert_eq!(word(name, "solver_type"), "midpoint");
            assert_eq!(options.solver_type, SolverType::Midpoint);
            assert_eq!(flag(name, "stochastic"), options.equation == Equation::Sde);
            assert_eq!(flag(name, "euler_at_final"), options.euler_at_final);
            if mode == Mode::Multistep {
                assert_eq!(flag(name, "lower_order_final"), options.lower_order_final);
            }
        }
    }
    let Method::Deis(options) = method(SchedulerClass::Deis) else {
        panic!()
    };
    assert_eq!(whole("deis", "order"), options.order);
    assert_eq!(flag("deis", "lower_order_final"), options.lower_order_final);
    let Method::UniPc(options) = method(SchedulerClass::UniPc) else {
        panic!()
    };
    assert_eq!(whole("unipc", "order"), options.order);
    assert_eq!(word("unipc", "variant"), "bh2");
    assert_eq!(options.variant, Variant::Bh2);
    let clean = options.target == Target::Clean;
    assert_eq!(flag("unipc", "predict_clean"), clean);
    let lower = options.lower_order_final;
    assert_eq!(flag("unipc", "lower_order_final"), lower);
}

#[test]
fn the_defaults_of_the_others_are_those_of_an_empty_scheduler() {
    let Method::Ddim(Ddim {
        eta,
        noise_estimate,
    }) = method(SchedulerClass::Ddim)
    else {
        panic!()
    };
    assert_eq!(number("ddim", "eta"), Some(eta));
    let clipped = noise_estimate == ddim::NoiseEstimate::Rederived;
    assert_eq!(flag("ddim", "use_clipped_model_output"), clipped);
    let Method::Lms(Lms { order }) = method(SchedulerClass::Lms) else {
        panic!()
    };
    assert_eq!(whole("lms", "order"), order);
    let Method::Pndm(options) = method(SchedulerClass::Pndm) else {
        panic!()
    };
    let skip = options.warm_up == WarmUp::LowerOrders;
    assert_eq!(flag("pndm", "skip_prk_steps"), skip);
    let Method::ReverseSde(options) = method(SchedulerClass::ScoreSdeVe) else {
        panic!()
    };
    let name = "predictor-corrector";
    assert_eq!(word(name, "predictor"), "reverse-diffusion");
    assert_eq!(options.predictor, Predictor::ReverseDiffusion);
    let corrector = options.corrector.unwrap();
    assert_eq!(whole(name, "corrector_steps"), corrector.steps);
    assert_eq!(number(name, "snr"), Some(corrector.snr));
    let tolerance = Tolerance::default();
    let name = "dormand-prince";
    let most = whole(name, "max_evaluations");
    assert_eq!(number(name, "absolute_tolerance"), Some(tolerance.absolute));
    assert_eq!(number(name, "relative_tolerance"), Some(tolerance.relative));
    assert_eq!(most, tolerance.most_evaluations);
    assert_eq!(number("langevin", "step_size"), None);
}

#[test]
fn a_method_tells_each_option_that_the_catalog_lists_and_no_other() {
    let names: BTreeSet<&str> = CATALOG
        .iter()
        .flat_map(|entry| entry.options)
        .map(|option| option.name)
        .collect();
    for entry in CATALOG {
        let method = Method::named(entry.name).unwrap();
        assert_eq!(method.name(), entry.name);
        let own = entry.options;
        for name in &names {
            let listed = own.iter().find(|option| option.name == *name);
            let default = listed.map(|option| match option.domain {
                Domain::Flag { default } => Value::Flag(default),
                Domain::Choice { default, .. } => Value::Word(default),
                Domain::Whole { default, .. } => Value::Whole(default),
                Domain::Number { default, .. } => Value::Number(default.unwrap_or(0.0)),
            });
            assert_eq!(method.option(name), default, "{} {name}", method.name());
        }
    }
}

#[test]
fn a_method_tells_the_options_of_its_checkpoint() {
    let config = json!({
        "_class_name": "DPMSolverMultistepScheduler", "solver_order": 3, "algorithm_type": "sde-dpmsolver++", "euler_at_final": true,
    });
    let method = SchedulerConfig::from_json(config.as_object().unwrap())
        .unwrap()
        .method;
    assert_eq!(method.name(), "dpm-solver++");
    assert_eq!(method.option("order"), Some(Value::Whole(3)));
    assert_eq!(method.option("stochastic"), Some(Value::Flag(true)));
    assert_eq!(method.option("euler_at_final"), Some(Value::Flag(true)));
    assert_eq!(method.option("mode"), Some(Value::Word("multistep")));
}
