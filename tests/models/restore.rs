//! Restoration and synchronisation by whole pipelines.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::pipeline::{RePaintOptions, RestoreMethod, RestoreOptions, SynchroniseOptions};
use tweedie::random::Generator;
use tweedie::restore::{Degradation, Inpaint, Transform, View};
use tweedie::sampler::Euler;
use tweedie::{Checkpoint, Pipeline, SampleOptions};

use crate::common::{Tensors, assert_close, fixture, values};

fn digits() -> Pipeline {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex()).unwrap()
}

/// The network of 8 × 8 colours of the fixtures, with a scheduler.
fn tiny(scheduler: &str) -> Pipeline {
    let folder = fixture("tiny_pipeline/unet");
    let read = |name: &str| (name.to_owned(), std::fs::read(folder.join(name)).unwrap());
    let scheduler = format!(r#"{{"_class_name": "{scheduler}"}}"#).into_bytes();
    let files = BTreeMap::from([
        read("config.json"),
        read("diffusion_pytorch_model.safetensors"),
        ("scheduler_config.json".to_owned(), scheduler),
    ]);
    Pipeline::new(Checkpoint::from_files(files).unwrap(), &Device::flex()).unwrap()
}

fn upper_half(side: usize) -> Degradation {
    let mask = (0..side * side).map(|i| f32::from(i < side * side / 2));
    Degradation::Inpaint {
        mask: mask.collect(),
    }
}

#[test]
fn painted_images_are_those_of_diffusers() {
    let pipeline = tiny("RePaintScheduler");
    let fixture = Tensors::read("repaint/tiny.safetensors");
    let image = fixture.values("image");
    let mask = image[..64].iter().map(|value| f32::from(*value > 0.0));
    let degradation = Degradation::Inpaint {
        mask: mask.collect(),
    };
    for (name, eta) in [("ddim", None), ("ddpm", Some(1.0))] {
        let options = RestoreOptions {
            method: Some(RestoreMethod::RePaint(RePaintOptions {
                jump_length: 2,
                jump_samples: 2,
                eta,
            })),
            sample: SampleOptions {
                steps: Some(5),
                ..SampleOptions::default()
            },
            ..RestoreOptions::new(degradation.clone())
        };
        let mut run = pipeline.restore(&image, &options).unwrap();
        assert_eq!(run.steps(), 9);
        while run.step().unwrap().is_some() {}
        let images = run.noisy().permute([0, 2, 3, 1]) / 2.0 + 0.5;
        let images = values(images.clamp(0.0, 1.0));
        assert_close(name, &images, &fixture.values(name), 1e-3);
    }
}

/// The network of diffusers' unit test of RePaint, with the weights that torch draws after `manual_seed(0)`: uniform in
/// ±1/√fan_in for the weight and the bias of each layer.
fn published_pipeline(fixture: &serde_json::Value) -> Pipeline {
    let mut generator = Generator::new(0);
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut put = |name: String, shape: Vec<usize>, numbers: Vec<f32>| {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        tensors.push((name, shape, bytes));
    };
    let layers: Vec<(String, Vec<usize>)> =
        serde_json::from_value(fixture["layers"].clone()).unwrap();
    for (name, shape) in layers {
        let bound = (shape[1..].iter().product::<usize>() as f32).sqrt().recip();
        let mut draw = |count| -> Vec<f32> {
            let uniform = generator.uniform(count).into_iter();
            uniform.map(|u| u * 2.0 * bound - bound).collect()
        };
        let weight = draw(shape.iter().product());
        let bias = draw(shape[0]);
        put(format!("{name}.bias"), vec![shape[0]], bias);
        put(format!("{name}.weight"), shape, weight);
    }
    let constant: BTreeMap<String, Vec<usize>> =
        serde_json::from_value(fixture["constant"].clone()).unwrap();
    for (name, shape) in constant {
        let value = f32::from(name.ends_with("weight"));
        put(name, shape.clone(), vec![value; shape[0]]);
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
        (name, view.unwrap())
    });
    let weights = safetensors::serialize(views, None).unwrap();
    let config = fixture["config"].to_string().into_bytes();
    let scheduler = br#"{"_class_name": "RePaintScheduler"}"#.to_vec();
    let files = BTreeMap::from([
        ("config.json".to_owned(), config),
        ("diffusion_pytorch_model.safetensors".to_owned(), weights),
        ("scheduler_config.json".to_owned(), scheduler),
    ]);
    Pipeline::new(Checkpoint::from_files(files).unwrap(), &Device::flex()).unwrap()
}

#[test]
fn the_published_slice_of_repaint_is_reproduced() {
    let fixture = crate::common::json("repaint/published.json");
    let pipeline = published_pipeline(&fixture);
    let image = Tensors::read("repaint/published.safetensors").values("image");
    let mask: Vec<f32> = image.iter().map(|value| f32::from(*value > 0.0)).collect();
    let mask = TensorData::new(mask, [1, 3, 32, 32]);
    let known = Inpaint {
        mask: Tensor::from_data(mask, &Device::flex()),
    };
    let options = RestoreOptions {
        method: Some(RestoreMethod::RePaint(RePaintOptions {
            jump_length: 2,
            jump_samples: 2,
            eta: None,
        })),
        sample: SampleOptions {
            steps: Some(5),
            ..SampleOptions::default()
        },
        ..RestoreOptions::new(Degradation::Custom(Arc::new(known)))
    };
    let mut run = pipeline.restore(&image, &options).unwrap();
    while run.step().unwrap().is_some() {}
    let corner = run.noisy().slice([0..1, 2..3, 29..32, 29..32]) / 2.0 + 0.5;
    let published = fixture["published_corner"].clone();
    let published: Vec<f32> = serde_json::from_value(published).unwrap();
    assert_close("corner", &values(corner.clamp(0.0, 1.0)), &published, 1e-3);
}

#[test]
fn every_method_fits_the_observation_better_than_the_prior() {
    let pipeline = tiny("DDIMScheduler");
    let image: Vec<f32> = Generator::new(2)
        .uniform(3 * 64)
        .iter()
        .map(|u| u * 1.6 - 0.8)
        .collect();
    let degradations = [
        upper_half(8),
        Degradation::Downsample { factor: 2 },
        Degradation::Blur { std: 1.0 },
        Degradation::MotionBlur {
            length: 3.0,
            angle: 45.0,
        },
        Degradation::Grey,
    ];
    for degradation in degradations {
        let observed = pipeline.observe(&image, &degradation, 0.02, 1).unwrap();
        let observed = values(observed);
        let residual = |method| {
            let options = RestoreOptions {
                method: Some(method),
                noise: 0.02,
                sample: SampleOptions {
                    steps: Some(20),
                    batch: Some(2),
                    ..SampleOptions::default()
                },
                ..RestoreOptions::new(degradation.clone())
            };
            let mut run = pipeline.restore(&observed, &options).ok()?;
            while run.step().unwrap().is_some() {}
            Some(values(run.residual().unwrap())[0])
        };
        let prior = residual(RestoreMethod::Dps { step_size: 0.0 }).unwrap();
        let methods = [
            RestoreMethod::PiGdm,
            RestoreMethod::Ddrm { eta: 0.85 },
            RestoreMethod::RePaint(RePaintOptions {
                jump_samples: 1,
                ..RePaintOptions::default()
            }),
            RestoreMethod::Replacement,
        ];
        for method in methods {
            if let Some(found) = residual(method) {
                let what = format!("{} of {}", method.name(), degradation.name());
                assert!(found < prior, "{what}: {found}, prior {prior}");
            }
        }
    }
}

#[test]
fn answers_have_a_mean_and_a_standard_deviation() {
    let pipeline = digits();
    let observation = vec![-1.0; 784];
    let options = RestoreOptions {
        method: Some(RestoreMethod::Replacement),
        sample: SampleOptions {
            steps: Some(2),
            batch: Some(2),
            ..SampleOptions::default()
        },
        ..RestoreOptions::new(upper_half(28))
    };
    let mut run = pipeline.restore(&observation, &options).unwrap();
    assert!(run.residual().is_none());
    while run.step().unwrap().is_some() {}
    let clean = values(run.clean().unwrap());
    let (first, second) = clean.split_at(784);
    let mean: Vec<f32> = first
        .iter()
        .zip(second)
        .map(|(a, b)| (a + b) / 2.0)
        .collect();
    assert_close("mean", &values(run.mean().unwrap()), &mean, 1e-5);
    let std = first.iter().zip(second).map(|(a, b)| (a - b).abs());
    let std: Vec<f32> = std.map(|difference| difference / 2f32.sqrt()).collect();
    assert_close("std", &values(run.std().unwrap()), &std, 1e-5);
    assert!(values(run.residual().unwrap()).iter().all(|x| *x < 1e-5));
}

#[test]
fn options_that_cannot_be_are_refused_by_name() {
    let pipeline = digits();
    let refused = |change: fn(&mut RestoreOptions), numbers: usize, start: &str| {
        let mut options = RestoreOptions::new(Degradation::Downsample { factor: 4 });
        options.sample.steps = Some(10);
        change(&mut options);
        let run = pipeline.restore(&vec![0.0; numbers], &options);
        let message = run.map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(start), "{message}");
    };
    refused(|_| (), 48, "observation must be 49 numbers");
    refused(|_| (), 0, "observation must be 49 numbers");
    refused(|options| options.noise = -0.1, 49, "noise must be between");
    refused(
        |options| options.noise = f64::NAN,
        49,
        "noise must be between",
    );
    refused(
        |options| options.sample.batch = Some(3),
        98,
        "observation must be one for all",
    );
    refused(
        |options| options.sample.batch = Some(1 << 30),
        49,
        "batch must be",
    );
    // A batch that can be sampled, but not with its gradients.
    refused(
        |options| options.sample.batch = Some(25_000),
        49,
        "batch must be at most",
    );
    refused(
        |options| options.method = Some(RestoreMethod::Dps { step_size: -1.0 }),
        49,
        "step_size must be between 0 and",
    );
    let own_steps = |options: &mut RestoreOptions| {
        options.method = Some(RestoreMethod::Ddrm { eta: 0.85 });
        options.sample.method = Some(Euler.into());
    };
    refused(own_steps, 49, "sampler must be left out");
    let unlike = |options: &mut RestoreOptions| {
        options.method = Some(RestoreMethod::PiGdm);
        options.degradation = Degradation::Quantise { levels: 2 };
    };
    refused(unlike, 784, "method must be one of dps");
    let long = |options: &mut RestoreOptions| {
        options.sample.steps = Some(1000);
        options.method = Some(RestoreMethod::RePaint(RePaintOptions {
            jump_samples: 1000,
            ..RePaintOptions::default()
        }));
    };
    refused(long, 49, "jump_samples must be so small");
    let observation = vec![f32::NAN; 49];
    let options = RestoreOptions::new(Degradation::Downsample { factor: 4 });
    let run = pipeline.restore(&observation, &options);
    assert!(
        run.unwrap_err()
            .to_string()
            .starts_with("observation must be finite")
    );
}

fn view(class: usize, transform: Transform) -> View {
    View {
        class_label: Some(class),
        transform,
        ..View::default()
    }
}

/// One view that shows all of the canvas is sampling.
#[test]
fn a_single_view_is_the_sample_of_its_class() {
    let pipeline = digits();
    let sample = SampleOptions {
        steps: Some(3),
        batch: Some(2),
        guidance_scale: 2.0,
        ..SampleOptions::default()
    };
    let mut alone = pipeline
        .sample(&SampleOptions {
            class_labels: vec![4],
            ..sample.clone()
        })
        .unwrap();
    let mut viewed = pipeline
        .synchronise(&SynchroniseOptions {
            views: vec![view(4, Transform::Identity)],
            sample,
            ..SynchroniseOptions::default()
        })
        .unwrap();
    while alone.step().unwrap().is_some() {}
    while viewed.step().unwrap().is_some() {}
    assert_close(
        "canvas",
        &values(viewed.noisy()),
        &values(alone.noisy()),
        1e-5,
    );
}

#[test]
fn canvases_that_cannot_be_are_refused_by_name() {
    let pipeline = digits();
    let refused = |change: fn(&mut SynchroniseOptions), start: &str| {
        let mut options = SynchroniseOptions {
            views: vec![view(6, Transform::Identity), view(9, Transform::Rotate180)],
            ..SynchroniseOptions::default()
        };
        change(&mut options);
        let run = pipeline.synchronise(&options);
        let message = run.map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(start), "{message}");
    };
    refused(
        |options| options.views.clear(),
        "views must be at least one",
    );
    refused(
        |options| options.views[1].class_label = Some(11),
        "views[1].class_labels",
    );
    refused(
        |options| options.canvas = Some([28, 5000]),
        "width must be at most 4096",
    );
    refused(
        |options| options.canvas = Some([14, 28]),
        "height must be at least 28",
    );
    refused(
        |options| options.canvas = Some([28, 40]),
        "views must be such",
    );
    refused(
        |options| options.sample.class_labels = vec![1],
        "class_labels must be left out",
    );
    refused(
        |options| options.sample.batch = Some(0),
        "batch must be between",
    );
    let unguided = |options: &mut SynchroniseOptions| {
        options.views = vec![View::default()];
        options.sample.guidance_scale = 3.0;
    };
    refused(unguided, "guidance_scale must be 1");
}
