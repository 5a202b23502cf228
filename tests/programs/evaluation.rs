//! The feature space of a classifier, and the measurements in it.

use burn::tensor::Device;
use tweedie::evaluation::{
    Data, FEATURES, FeatureSpace, Reference, Request, Row, Table, Training, labels_of,
    sample_images,
};
use tweedie::random::Generator;
use tweedie::sampler::dormand_prince::Tolerance;
use tweedie::sampler::{Heun, Method};
use tweedie::train::Samples;
use tweedie::{Checkpoint, Error, Pipeline, SampleOptions};

/// Noise that is brighter on the left in class 0, and on the right in class 1.
fn halves(count: usize, seed: u32) -> Samples<4> {
    let noise = Generator::new(seed).normal(count * 64);
    let value = |(index, noise): (usize, &f32)| {
        let (class, is_left) = (index / 64 % 2, index % 8 < 4);
        let bright = is_left == (class == 0);
        (if bright { 0.5 } else { -0.5 } + 0.5 * noise).clamp(-1.0, 1.0)
    };
    let values = noise.iter().enumerate().map(value).collect();
    let samples = Samples::new(values, [count, 1, 8, 8]).unwrap();
    samples
        .with_classes((0..count).map(|index| index % 2).collect())
        .unwrap()
}

fn data() -> Data {
    Data::new(halves(200, 0), Some(halves(100, 1)), Vec::new()).unwrap()
}

fn trained(data: &Data, seed: u32) -> FeatureSpace {
    let training = Training {
        steps: 60,
        batch: 32,
        seed,
    };
    FeatureSpace::train(data, &training, &Device::flex(), |_, _| ()).unwrap()
}

#[test]
fn a_classifier_learns_two_classes_and_is_the_same_for_the_same_seed() {
    let data = data();
    let space = trained(&data, 3);
    let about = space.about();
    assert!(about.accuracy > 0.95, "{about:?}");
    assert_eq!((about.train, about.held_out), (200, 100));
    let bytes = space.to_bytes().unwrap();
    assert!(trained(&data, 3).to_bytes().unwrap() == bytes);
    assert!(trained(&data, 4).to_bytes().unwrap() != bytes);
}

#[test]
fn a_saved_classifier_has_the_features_of_the_one_that_was_trained() {
    let data = data();
    let space = trained(&data, 0);
    let bytes = space.to_bytes().unwrap();
    let read = FeatureSpace::from_bytes(&bytes, &Device::flex()).unwrap();
    assert_eq!(read.about(), space.about());
    let features = space.features(&data.held_out).unwrap();
    assert_eq!(features.len(), 100 * FEATURES);
    assert_eq!(read.features(&data.held_out).unwrap(), features);
    assert_eq!(read.classify(&features), space.classify(&features));
    for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        let broken = FeatureSpace::from_bytes(&bytes[..length], &Device::flex());
        assert!(matches!(broken, Err(Error::MalformedFile { .. })));
    }
    let other = Samples::new(vec![0.0; 2 * 49], [2, 1, 7, 7]).unwrap();
    assert!(
        matches!(space.features(&other), Err(Error::InvalidOption { name, .. }) if name == "images")
    );
}

#[test]
fn real_images_are_nearer_to_the_data_than_noise_is() {
    let data = data();
    let space = trained(&data, 0);
    let reference = Reference::new(&space, &data.train).unwrap();
    let itself = space.features(&data.train).unwrap();
    let itself = reference.compare(&itself).unwrap();
    assert!(itself.frechet < 1e-6 && itself.precision == 1.0 && itself.recall == 1.0);
    let held_out = space.features(&data.held_out).unwrap();
    let held_out = reference.compare(&held_out).unwrap();
    let noise = Generator::new(9).normal(100 * 64);
    let noise = Samples::new(noise, [100, 1, 8, 8]).unwrap();
    let noise = reference.compare(&space.features(&noise).unwrap()).unwrap();
    assert!(itself.frechet < held_out.frechet && 3.0 * held_out.frechet < noise.frechet);
    assert!(held_out.precision > noise.precision);
}

#[test]
fn where_no_images_are_kept_apart_every_tenth_is_held_out() {
    let data = Data::new(halves(95, 0), None, Vec::new()).unwrap();
    assert_eq!((data.train.len(), data.held_out.len()), (86, 9));
    let all = halves(95, 0);
    assert_eq!(
        data.held_out,
        all.select(&[9, 19, 29, 39, 49, 59, 69, 79, 89]).unwrap()
    );
    let without = Samples::new(vec![0.0; 95 * 64], [95, 1, 8, 8]).unwrap();
    let refused = Data::new(without, None, Vec::new())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("labelled images"), "{refused}");
    assert!(Data::new(halves(39, 0), None, Vec::new()).is_err());
}

#[test]
fn other_images_other_classes_and_others_held_out_have_another_checksum() {
    let data = data();
    let turned = |samples: &Samples<4>| {
        let classes = samples.classes().iter().map(|class| 1 - class).collect();
        samples.clone().with_classes(classes).unwrap()
    };
    let checksum = |train: Samples<4>, held_out: Samples<4>| {
        let data = Data::new(train, Some(held_out), Vec::new());
        data.unwrap().checksum()
    };
    let (train, held_out) = (&data.train, &data.held_out);
    let own = data.checksum();
    assert_eq!(checksum(train.clone(), held_out.clone()), own);
    for (train, held_out) in [
        (halves(200, 5), held_out.clone()),
        (train.clone(), halves(100, 5)),
        (turned(train), held_out.clone()),
        (train.clone(), turned(held_out)),
    ] {
        assert_ne!(checksum(train, held_out), own);
    }
}

#[test]
fn held_out_images_of_another_size_are_refused_and_their_classes_count() {
    let other = Samples::new(vec![0.5; 10 * 49], [10, 1, 7, 7]).unwrap();
    let other = other.with_classes(vec![1; 10]).unwrap();
    let refused = Data::new(halves(100, 0), Some(other), Vec::new());
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.starts_with("held-out images must be [1, 8, 8]"),
        "{refused}"
    );
    let third = halves(10, 1).with_classes(vec![2; 10]).unwrap();
    let data = Data::new(halves(100, 0), Some(third), Vec::new()).unwrap();
    assert_eq!(data.kind().classes, 3);
}

#[test]
fn features_of_many_images_are_those_of_each() {
    let data = data();
    let space = trained(&data, 0);
    let many = halves(600, 2);
    let together = space.features(&many).unwrap();
    let each = (0..600).step_by(100).flat_map(|start| {
        let rows: Vec<usize> = (start..start + 100).collect();
        space.features(&many.select(&rows).unwrap()).unwrap()
    });
    crate::common::assert_close("features", &together, &each.collect::<Vec<_>>(), 1e-5);
}

#[test]
fn precision_and_recall_are_taken_with_as_many_real_images_from_all_of_them() {
    let data = data();
    let space = trained(&data, 0);
    let features = |samples: &Samples<4>| space.features(samples).unwrap();
    // The classes separately: one in the first half, the other in the second.
    let mut rows: Vec<usize> = (0..200).step_by(2).collect();
    rows.extend((1..200).step_by(2));
    let sorted = data.train.select(&rows).unwrap();
    let reference = Reference::new(&space, &sorted).unwrap();
    // Every tenth image of both classes represents all real images.
    let tenth: Vec<usize> = (0..200).step_by(10).collect();
    let found = reference.compare(&features(&sorted.select(&tenth).unwrap()));
    let found = found.unwrap();
    assert_eq!((found.precision, found.recall), (1.0, 1.0));
    // A single class looks real, but covers only half of the images.
    let one: Vec<usize> = (0..100).collect();
    let found = reference.compare(&features(&sorted.select(&one).unwrap()));
    let found = found.unwrap();
    assert!(found.precision > 0.9 && found.recall < 0.7, "{found:?}");
}

#[test]
fn classes_are_sampled_in_the_proportions_of_the_data() {
    let classes = [2, 0, 0, 0, 0, 1, 1, 0];
    assert_eq!(labels_of(&classes, 8), [0, 0, 0, 0, 0, 1, 1, 2]);
    let many = labels_of(&classes, 800);
    let count = |class| many.iter().filter(|label| **label == class).count();
    assert_eq!([count(0), count(1), count(2)], [500, 200, 100]);
    assert!(labels_of(&[], 5).is_empty());
}

#[test]
fn a_row_is_a_sampler_with_options_steps_and_samples() {
    let row: Row = "ddim,eta=0.5:20@300".parse().unwrap();
    assert_eq!(
        (row.sampler.as_str(), row.steps, row.count),
        ("ddim", Some(20), Some(300))
    );
    assert_eq!(row.title(), "DDIM, `eta=0.5`");
    let row: Row = "unipc".parse().unwrap();
    assert_eq!(
        (row.title().as_str(), row.steps, row.count),
        ("UniPC", None, None)
    );
    for (text, named) in [
        ("euler2:10", "dpm-solver++"),
        ("ddim:0", "steps"),
        ("ddim:x", "steps"),
        ("ddim:5@0", "count"),
        ("ddim,eta", "name=value"),
        ("ddim,order_of=3", "use_clipped_model_output"),
    ] {
        let refused = text.parse::<Row>().unwrap_err().to_string();
        assert!(refused.contains(named), "{text}: {refused}");
    }
}

#[test]
fn images_of_batches_are_those_of_the_pipeline_rounded_to_bytes() {
    let folder = crate::common::fixture("tiny_pipeline");
    let pipeline = Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex());
    let pipeline = pipeline.unwrap();
    let request = Request {
        method: None,
        steps: Some(2),
        guidance_scale: 1.0,
        count: 5,
        class_labels: Vec::new(),
        batch: 3,
        seed: 7,
    };
    let mut told = Vec::new();
    let sampled = sample_images(&pipeline, &request, |done| told.push(done)).unwrap();
    let images = sampled.images;
    assert_eq!(sampled.evaluations, 2);
    assert_eq!(images.shape(), [5, 3, 8, 8]);
    assert_eq!(told.last(), Some(&5.0));
    assert!(told.is_sorted());
    let mut expected = Vec::new();
    for (seed, batch) in [(7, 3), (8, 2)] {
        let options = SampleOptions {
            steps: Some(2),
            seed,
            batch: Some(batch),
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        while sampling.step().unwrap().is_some() {}
        expected.extend(crate::common::values(sampling.noisy().clamp(-1.0, 1.0)));
    }
    crate::common::assert_close("images", images.values(), &expected, 0.5 / 127.5 + 1e-6);
    let levels = images.values().iter().map(|value| (value + 1.0) * 127.5);
    assert!(
        levels
            .into_iter()
            .all(|level| (level - level.round()).abs() < 1e-3)
    );
    let none = Request {
        batch: 0,
        ..request
    };
    assert!(sample_images(&pipeline, &none, |_| ()).is_err());
}

#[test]
fn evaluations_of_an_adaptive_solver_are_those_that_it_took() {
    let folder = crate::common::fixture("tiny_pipeline");
    let pipeline = Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex());
    let pipeline = pipeline.unwrap();
    let method = Some(Method::DormandPrince(Tolerance::default()));
    let request = Request {
        method: method.clone(),
        steps: None,
        guidance_scale: 1.0,
        count: 2,
        class_labels: Vec::new(),
        batch: 1,
        seed: 3,
    };
    let sampled = sample_images(&pipeline, &request, |_| ()).unwrap();
    let taken = [3, 4].map(|seed| {
        let options = SampleOptions {
            method: method.clone(),
            seed,
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        while sampling.step().unwrap().is_some() {}
        sampling.completed_steps()
    });
    let mean = (taken[0] + taken[1]) as f64 / 2.0;
    assert_eq!(sampled.evaluations, mean.round() as usize, "{taken:?}");
    assert_ne!(sampled.evaluations, request.evaluations(&pipeline).unwrap());
}

#[test]
fn classes_and_guidance_of_batches_are_those_of_the_pipeline() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    let pipeline = Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex());
    let pipeline = pipeline.unwrap();
    let method = Some(Method::Heun(Heun));
    let request = Request {
        method: method.clone(),
        steps: Some(2),
        guidance_scale: 3.0,
        count: 3,
        class_labels: vec![7, 1, 4],
        batch: 2,
        seed: 0,
    };
    assert_eq!(request.evaluations(&pipeline).unwrap(), 3);
    let images = sample_images(&pipeline, &request, |_| ()).unwrap().images;
    let mut expected = Vec::new();
    for (seed, class_labels) in [(0, vec![7, 1]), (1, vec![4])] {
        let options = SampleOptions {
            method: method.clone(),
            steps: Some(2),
            seed,
            class_labels,
            guidance_scale: 3.0,
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        while sampling.step().unwrap().is_some() {}
        expected.extend(crate::common::values(sampling.noisy().clamp(-1.0, 1.0)));
    }
    crate::common::assert_close("images", images.values(), &expected, 0.5 / 127.5 + 1e-6);
}

#[test]
fn tables_keep_their_cells_apart() {
    let mut table = Table::new(&["name", "value"]);
    table.push(vec!["a, \"b\" | c".to_owned(), "1".to_owned()]);
    table.push(vec!["d".to_owned()]);
    assert_eq!(table.to_csv(), "name,value\n\"a, \"\"b\"\" | c\",1\nd,\n");
    let markdown = table.to_markdown();
    assert_eq!(
        markdown,
        "| name | value |\n|---|---:|\n| a, \"b\" \\| c | 1 |\n| d |  |\n"
    );
}
