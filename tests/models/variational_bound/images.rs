//! Images under the bundled checkpoint.

use std::path::Path;

use burn::tensor::Device;
use tweedie::pipeline::{BoundOptions, ImageBound};
use tweedie::random::Generator;
use tweedie::{Checkpoint, Pipeline};

use crate::common::values;

fn mnist() -> Pipeline {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex()).unwrap()
}

fn total(mut run: ImageBound) -> Vec<f32> {
    while run.step().unwrap().is_some() {}
    assert_eq!(run.completed_steps(), run.steps());
    values(run.bits_per_dimension())
}

#[test]
fn the_shipped_model_finds_digits_likelier_than_noise() {
    let pipeline = mnist();
    let options = BoundOptions {
        steps: Some(10),
        ..BoundOptions::default()
    };
    // A bar on black, and random grey levels.
    let bar = (0..784).map(|i| {
        let inside = (4..24).contains(&(i / 28)) && (13..16).contains(&(i % 28));
        if inside { 1.0 } else { -1.0 }
    });
    let noise = Generator::new(0).uniform(784);
    let noise = noise.into_iter().map(|u| (u * 255.0).round() / 127.5 - 1.0);
    let images: Vec<f32> = bar.chain(noise).collect();
    let found = total(pipeline.variational_bound(&images, &options).unwrap());
    assert!(found[0] * 10.0 < found[1], "{found:?}");
    let again = total(pipeline.variational_bound(&images, &options).unwrap());
    assert_eq!(found, again);
}

#[test]
fn all_that_a_caller_chooses_about_a_bound_acts() {
    let pipeline = mnist();
    let image: Vec<f32> = (0..784).map(|i| (i % 28) as f32 / 14.0 - 1.0).collect();
    let usual = BoundOptions {
        steps: Some(2),
        ..BoundOptions::default()
    };
    let of = |options: &BoundOptions| total(pipeline.variational_bound(&image, options).unwrap());
    let expected = of(&usual);
    for options in [
        BoundOptions {
            steps: Some(3),
            ..usual.clone()
        },
        BoundOptions {
            seed: 1,
            ..usual.clone()
        },
        BoundOptions {
            class_labels: vec![3],
            ..usual.clone()
        },
    ] {
        assert_ne!(of(&options), expected, "{options:?}");
    }
}

#[test]
fn bad_images_and_steps_are_refused_by_name() {
    let pipeline = mnist();
    let refused = |images: &[f32], options: &BoundOptions| {
        let run = pipeline.variational_bound(images, options);
        run.err().unwrap().to_string()
    };
    let usual = BoundOptions::default();
    for images in [&[0.0; 5][..], &[f32::NAN; 784], &[1.5; 784], &[]] {
        assert!(refused(images, &usual).starts_with("images must be"));
    }
    for steps in [0, 1, 1001] {
        let options = BoundOptions {
            steps: Some(steps),
            ..usual.clone()
        };
        assert!(refused(&[0.0; 784], &options).starts_with("steps must be"));
    }
    let options = BoundOptions {
        class_labels: vec![99],
        ..usual
    };
    assert!(refused(&[0.0; 784], &options).starts_with("class_labels must be"));
}
