//! Whole pipelines against diffusers: the published tiny one, and the bundled MNIST model.

use std::path::Path;

use crate::common::{Tensors, assert_close, values};
use burn::tensor::{Device, Int, Tensor};
use tweedie::checkpoint::scheduler::{Spacing, SpacingOptions};
use tweedie::diffusion::{Denoiser, NoiseLevel, Prediction};
use tweedie::nn::{UNet2d, UNet2dConfig};
use tweedie::pipeline::{DataRange, Guidance, Start, UNetDenoiser, rgba};
use tweedie::random::Generator;
use tweedie::sampler::{
    Ddim, Ddpm, Method, ProbabilityFlow, ddim, ddpm, dpm_solver, probability_flow::Solver,
};
use tweedie::{Checkpoint, Error, Pipeline, SampleOptions};

fn load(folder: &Path) -> Pipeline {
    Pipeline::new(Checkpoint::read_folder(folder).unwrap(), &Device::flex()).unwrap()
}

fn mnist() -> Pipeline {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist"))
}

fn ddim(eta: f64, noise_estimate: ddim::NoiseEstimate) -> Option<Method> {
    Some(Method::Ddim(Ddim {
        eta,
        noise_estimate,
    }))
}

#[test]
fn the_published_tiny_pipeline_is_reproduced() {
    let pipeline = load(&crate::common::fixture("tiny_pipeline"));
    assert_eq!(pipeline.parameter_count(), 11_767);
    let options = SampleOptions {
        steps: Some(2),
        ..SampleOptions::default()
    };
    let mut sampling = pipeline.sample(&options).unwrap();
    let times: Vec<f64> = std::iter::from_fn(|| sampling.step().unwrap())
        .map(|progress| progress.timestep)
        .collect();
    assert_eq!(times, [500.0, 0.0]);
    let image = sampling.noisy().permute([0, 2, 3, 1]) / 2.0 + 0.5;
    let image = image.clamp(0.0, 1.0);
    let expected = Tensors::read("tiny_pipeline/io.safetensors").values("images");
    assert_close("image", &values(image.clone()), &expected, 1e-4);
    let corner = values(image.slice([0..1, 5..8, 5..8, 2..3]));
    let published = crate::common::json("tiny_pipeline/io.json")["published_corner"].clone();
    let published: Vec<f32> = serde_json::from_value(published).unwrap();
    assert_close("corner", &corner, &published, 1e-2);
}

#[test]
fn the_shipped_network_equals_diffusers() {
    let checkpoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    let unet = Checkpoint::read_folder(&checkpoint)
        .unwrap()
        .load_unet(&Device::flex())
        .unwrap();
    let fixture = Tensors::read("mnist.safetensors");
    let labels: Tensor<1, Int> = Tensor::from_ints([3, 7], &Device::flex());
    for time in [999, 500, 1] {
        let times = Tensor::full([2], f64::from(time), &Device::flex());
        let found = unet.forward(
            fixture.tensor("network.sample"),
            times,
            Some(labels.clone()),
        );
        let name = format!("network.output.{time}");
        assert_close(&name, &values(found), &fixture.values(&name), 1e-4);
    }
}

#[test]
fn every_run_of_the_shipped_model_equals_diffusers() {
    let pipeline = mnist();
    let tensors = Tensors::read("mnist.safetensors");
    let fixture = crate::common::json("mnist.json");
    let runs = fixture["runs"].as_object().unwrap();
    assert!(runs.len() >= 4);
    for (name, run) in runs {
        let noise_estimate = if run["use_clipped_model_output"].as_bool().unwrap() {
            ddim::NoiseEstimate::Rederived
        } else {
            ddim::NoiseEstimate::FromModel
        };
        let options = SampleOptions {
            method: match run["scheduler"].as_str().unwrap() {
                "DDIMScheduler" => ddim(run["eta"].as_f64().unwrap(), noise_estimate),
                _ => Some(Method::Ddpm(Ddpm {
                    variance: ddpm::Variance::FixedSmall,
                })),
            },
            steps: run["num_inference_steps"]
                .as_u64()
                .map(|steps| steps as usize),
            seed: run["seed"].as_u64().unwrap() as u32,
            class_labels: serde_json::from_value(run["class_labels"].clone()).unwrap(),
            guidance_scale: run["guidance_scale"].as_f64().unwrap_or(1.0),
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        let noise = tensors.values(&format!("{name}.initial_noise"));
        assert_close(name, &values(sampling.noisy()), &noise, 0.0);
        while sampling.step().unwrap().is_some() {}
        assert_close(
            name,
            &values(sampling.noisy()),
            &tensors.values(&format!("{name}.final")),
            1e-3,
        );
    }
}

#[test]
fn given_noise_replaces_that_of_the_seed() {
    let pipeline = mnist();
    let noise = Tensors::read("mnist.safetensors").values("ddim.initial_noise");
    let mut options = SampleOptions {
        method: ddim(0.0, ddim::NoiseEstimate::FromModel),
        steps: Some(2),
        class_labels: vec![3, 7],
        ..SampleOptions::default()
    };
    let finish = |options: &SampleOptions| {
        let mut sampling = pipeline.sample(options).unwrap();
        while sampling.step().unwrap().is_some() {}
        values(sampling.noisy())
    };
    let from_seed = finish(&options);
    options.initial_noise = Some(noise);
    options.seed = 99;
    assert_eq!(finish(&options), from_seed);
    options.initial_noise = None;
    assert_ne!(finish(&options), from_seed);
}

#[test]
fn a_start_takes_the_last_steps_from_the_images_with_the_noise_of_their_level() {
    let pipeline = mnist();
    let images: Vec<f32> = (0..784).map(|i| (i % 28) as f32 / 14.0 - 1.0).collect();
    let options = |strength: f64| SampleOptions {
        method: ddim(0.0, ddim::NoiseEstimate::FromModel),
        steps: Some(10),
        seed: 5,
        start: Some(Start {
            images: images.clone(),
            strength,
        }),
        ..SampleOptions::default()
    };
    let schedule = pipeline.scheduler().process.schedule().unwrap();
    let noise = Generator::new(5).normal(784);
    // Ten steps starting at timestep 900, of which ⌊10·strength⌋ are run.
    for (strength, steps, timestep) in [(1.0, 10, 900), (0.49, 4, 300), (0.1, 1, 0)] {
        let sampling = pipeline.sample(&options(strength)).unwrap();
        assert_eq!(sampling.steps(), steps);
        let level = schedule.level(timestep).unwrap();
        let (alpha, sigma) = (level.alpha as f32, level.sigma as f32);
        let expected: Vec<f32> = images
            .iter()
            .zip(&noise)
            .map(|(x, z)| alpha * x + sigma * z)
            .collect();
        assert_close("the start", &values(sampling.noisy()), &expected, 1e-5);
    }
    for strength in [0.0, 0.09, -0.5, 1.01, f64::NAN] {
        let refused = pipeline.sample(&options(strength)).unwrap_err().to_string();
        assert!(refused.starts_with("start.strength must be"), "{refused}");
    }
    let mut short = options(0.5);
    short.start = Some(Start {
        images: vec![0.0; 783],
        strength: 0.5,
    });
    let refused = pipeline.sample(&short).unwrap_err().to_string();
    assert!(refused.starts_with("start.images must be"), "{refused}");
}

#[test]
fn without_clipping_ddim_is_dpm_solver_of_order_1_and_clipping_applies_to_any_sampler() {
    let pipeline = mnist();
    let first_order = Method::DpmSolver(dpm_solver::Options {
        order: 1,
        ..dpm_solver::Options::default()
    });
    let ddim = Method::Ddim(Ddim {
        eta: 0.0,
        noise_estimate: ddim::NoiseEstimate::Rederived,
    });
    let run = |method: &Method, clip_sample| {
        let options = SampleOptions {
            method: Some(method.clone()),
            spacing: SpacingOptions {
                spacing: Spacing::from_name("trailing"),
                final_sigma: None,
            },
            clip_sample,
            steps: Some(5),
            seed: 4,
            class_labels: vec![3],
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        while sampling.step().unwrap().is_some() {}
        values(sampling.noisy())
    };
    let [free, own] = [Some(false), None].map(|clips| run(&ddim, clips));
    assert_close("without clipping", &free, &run(&first_order, None), 1e-4);
    assert_close("with clipping", &own, &run(&first_order, Some(true)), 1e-4);
    assert_eq!(own, run(&ddim, Some(true)));
    let apart = free.iter().zip(&own).map(|(a, b)| (a - b).abs());
    assert!(apart.fold(0.0, f32::max) > 0.01, "clipping changes nothing");
}

#[test]
fn samplings_of_one_pipeline_do_not_disturb_each_other() {
    let pipeline = mnist();
    let options = |seed| SampleOptions {
        steps: Some(3),
        seed,
        ..SampleOptions::default()
    };
    let alone = |seed| {
        let mut sampling = pipeline.sample(&options(seed)).unwrap();
        while sampling.step().unwrap().is_some() {}
        values(sampling.noisy())
    };
    let expected = [alone(1), alone(2)];
    let [mut first, mut second] = [1, 2].map(|seed| pipeline.sample(&options(seed)).unwrap());
    drop(pipeline);
    while first.step().unwrap().is_some() | second.step().unwrap().is_some() {}
    assert_eq!([values(first.noisy()), values(second.noisy())], expected);
}

#[test]
fn guidance_of_one_is_the_conditional_model() {
    let pipeline = mnist();
    let run = |labels: Vec<usize>, guidance_scale| {
        let options = SampleOptions {
            steps: Some(2),
            class_labels: labels,
            guidance_scale,
            ..SampleOptions::default()
        };
        let mut sampling = pipeline.sample(&options).unwrap();
        while sampling.step().unwrap().is_some() {}
        values(sampling.noisy())
    };
    // s = 0 is the unconditional model, s = 1 the conditional one.
    assert_close("0", &run(vec![5], 0.0), &run(vec![], 1.0), 1e-4);
    assert_close("1", &run(vec![5], 1.0 + 1e-9), &run(vec![5], 1.0), 1e-4);
}

#[test]
fn guidance_leaves_a_learned_variance_alone() {
    let device = Device::flex();
    let config = crate::common::json("tiny_pipeline/unet/config.json");
    let mut config = config.as_object().unwrap().clone();
    config.insert("out_channels".into(), 6.into());
    config.insert("num_class_embeds".into(), 3.into());
    let unet = UNet2d::new(&UNet2dConfig::from_json(&config).unwrap(), &device).unwrap();
    let denoiser = || UNetDenoiser::new(unet.clone(), Prediction::Noise, 3);
    let noisy: Tensor<4> = Tensor::full([2, 3, 8, 8], 0.3, &device);
    let level = NoiseLevel::from_alpha_bar(500.0, 0.4);
    let conditional = denoiser()
        .conditional(&[0, 1], &device)
        .denoise(noisy.clone(), level);
    let guidance = Guidance {
        scale: 3.0,
        ..Guidance::default()
    };
    let guided = denoiser()
        .guided(&[0, 1], 2, guidance, &device)
        .denoise(noisy, level);
    let variances = [guided.variance, conditional.variance].map(|v| values(v.unwrap()));
    assert_close("variance", &variances[0], &variances[1], 1e-6);
    assert_ne!(values(guided.clean), values(conditional.clean));
}

#[test]
fn a_sample_too_large_for_memory_is_refused_before_anything_is_allocated() {
    let mut files = std::collections::BTreeMap::new();
    for name in [
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    ] {
        let bytes = std::fs::read(crate::common::fixture("tiny_pipeline").join(name)).unwrap();
        files.insert(name.to_owned(), bytes);
    }
    let scheduler = br#"{"_class_name": "DDPMScheduler"}"#.to_vec();
    files.insert("scheduler/scheduler_config.json".into(), scheduler);
    let mut change = |key: &str, value: serde_json::Value| {
        let mut config: serde_json::Value =
            serde_json::from_slice(&files["unet/config.json"]).unwrap();
        config[key] = value;
        files.insert("unet/config.json".into(), config.to_string().into_bytes());
        Pipeline::new(
            Checkpoint::from_files(files.clone()).unwrap(),
            &Device::flex(),
        )
    };
    let pipeline = change("sample_size", 8192.into()).unwrap();
    let too_many = SampleOptions {
        batch: Some(3),
        ..SampleOptions::default()
    };
    let error = pipeline.sample(&too_many).map(drop).unwrap_err();
    assert!(
        matches!(&error, Error::InvalidOption { name, .. } if name == "batch"),
        "{error}"
    );
    // The weights do not match this configuration, but are not read.
    let error = change("block_out_channels", vec![16, 32].into()).unwrap_err();
    assert!(
        matches!(&error, Error::InvalidOption { name, .. } if name == "sample_size"),
        "{error}"
    );
}

#[test]
fn guidance_evaluates_each_image_twice_and_halves_the_largest_batch() {
    let pipeline = mnist();
    let most = |guidance_scale: f64| -> usize {
        let options = SampleOptions {
            batch: Some(usize::MAX),
            class_labels: vec![3],
            guidance_scale,
            ..SampleOptions::default()
        };
        match pipeline.sample(&options).map(drop).unwrap_err() {
            Error::InvalidOption { expected, .. } => {
                let most = expected.rsplit(' ').next().unwrap();
                most.parse().unwrap()
            }
            other => panic!("{other}"),
        }
    };
    assert_eq!(most(3.0), most(1.0) / 2);
}

#[test]
fn bad_options_are_refused_by_name_and_leave_the_pipeline_usable() {
    let pipeline = mnist();
    let default = SampleOptions::default;
    let nan = f64::NAN;
    let cases = [
        (
            "steps",
            SampleOptions {
                steps: Some(0),
                ..default()
            },
        ),
        (
            "steps",
            SampleOptions {
                steps: Some(1_000_000),
                ..default()
            },
        ),
        (
            "batch",
            SampleOptions {
                batch: Some(0),
                ..default()
            },
        ),
        (
            "batch",
            SampleOptions {
                batch: Some(usize::MAX),
                ..default()
            },
        ),
        (
            "eta",
            SampleOptions {
                method: ddim(nan, ddim::NoiseEstimate::FromModel),
                ..default()
            },
        ),
        (
            "eta",
            SampleOptions {
                method: ddim(-0.1, ddim::NoiseEstimate::FromModel),
                ..default()
            },
        ),
        (
            "class_labels",
            SampleOptions {
                class_labels: vec![11],
                ..default()
            },
        ),
        (
            "class_labels",
            SampleOptions {
                class_labels: vec![1, 2],
                batch: Some(3),
                ..default()
            },
        ),
        (
            "guidance_scale",
            SampleOptions {
                guidance_scale: nan,
                class_labels: vec![1],
                ..default()
            },
        ),
        (
            "guidance_scale",
            SampleOptions {
                guidance_scale: 2.0,
                ..default()
            },
        ),
        (
            "initial_noise",
            SampleOptions {
                initial_noise: Some(vec![0.0; 783]),
                ..default()
            },
        ),
        (
            "initial_noise",
            SampleOptions {
                initial_noise: Some(vec![f32::NAN; 784]),
                ..default()
            },
        ),
    ];
    for (option, options) in cases {
        let error = pipeline.sample(&options).unwrap_err();
        assert!(
            matches!(&error, Error::InvalidOption { name, .. } if name == option),
            "{error}"
        );
    }
    let method = Some(Method::ProbabilityFlow(ProbabilityFlow {
        solver: Solver::Heun,
    }));
    let mut sampling = pipeline
        .sample(&SampleOptions {
            method,
            steps: Some(2),
            ..default()
        })
        .unwrap();
    assert_eq!(std::iter::from_fn(|| sampling.step().unwrap()).count(), 3);
    assert!(values(sampling.noisy()).iter().all(|x| x.abs() <= 1.0));
}

#[test]
fn pixels_follow_the_channels() {
    assert_eq!(
        rgba(&[-1.0, 0.0, 2.0], 1, 3, DataRange::Symmetric),
        [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]
    );
    assert_eq!(
        rgba(&[-1.0, 1.0, 0.2], 3, 1, DataRange::Symmetric),
        [0, 255, 153, 255]
    );
    assert_eq!(
        rgba(&[-1.0, 1.0, 0.2, -1.0], 4, 1, DataRange::Symmetric),
        [0, 255, 153, 0]
    );
    assert_eq!(
        rgba(&[f32::NAN], 1, 1, DataRange::Symmetric),
        [0, 0, 0, 255]
    );
}
