//! Likelihood and bound under the tiny pipeline equal those in the browser: see `tests/web/likelihood.rs`.

use crate::common::{fixture, tiny, values};
use burn::tensor::Device;
use tweedie::pipeline::{BoundOptions, LikelihoodOptions};
use tweedie::{Checkpoint, Pipeline};

fn pipeline() -> Pipeline {
    let checkpoint = Checkpoint::read_folder(&fixture("tiny_pipeline")).unwrap();
    Pipeline::new(checkpoint, &Device::flex()).unwrap()
}

#[track_caller]
fn assert_relative(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let error = (found / expected - 1.0).abs();
        assert!(error < 1e-4, "{found} is not {expected}");
    }
}

#[test]
fn the_likelihood_of_the_tiny_pipeline_is_known() {
    let options = LikelihoodOptions {
        steps: tiny::STEPS,
        ..LikelihoodOptions::default()
    };
    let mut run = pipeline().log_likelihood(&tiny::image(), &options).unwrap();
    while run.step().unwrap().is_some() {}
    assert_relative(&values(run.nats()), &[tiny::NATS]);
    let bits = values(run.bits_per_dimension());
    assert_relative(&bits, &[tiny::BITS_PER_DIMENSION]);
}

#[test]
fn the_bound_of_the_tiny_pipeline_is_known() {
    let options = BoundOptions {
        steps: Some(tiny::STEPS),
        ..BoundOptions::default()
    };
    let run = pipeline().variational_bound(&tiny::image(), &options);
    let mut run = run.unwrap();
    while run.step().unwrap().is_some() {}
    assert_relative(&values(run.prior()), &[tiny::PRIOR]);
    assert_relative(&values(run.terms().unwrap()), &tiny::TERMS);
    assert_relative(&values(run.decoder().unwrap()), &[tiny::DECODER]);
    assert_relative(&values(run.bits_per_dimension()), &[tiny::BOUND]);
}
