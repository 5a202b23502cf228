//! The native programs `sample` and `evaluate`, run as a user runs them.
#![cfg(all(feature = "cli", not(target_family = "wasm")))]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use burn::tensor::{Device, Tensor, TensorData};
use tempfile::TempDir;
use tweedie::cli::Picture;
use tweedie::pipeline::DataRange;
use tweedie::random::Generator;
use tweedie::sampler::catalog::CATALOG;
use tweedie::sampler::{Method, ddim};
use tweedie::{Checkpoint, Pipeline, SampleOptions};

const SAMPLE: &str = env!("CARGO_BIN_EXE_sample");
const EVALUATE: &str = env!("CARGO_BIN_EXE_evaluate");

fn tiny() -> String {
    common::fixture("tiny_pipeline").display().to_string()
}

fn mnist() -> String {
    format!("{}/www/models/mnist", env!("CARGO_MANIFEST_DIR"))
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// What the program says of arguments that it does not take; nothing is written.
#[track_caller]
fn refusal(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?} were taken");
    assert!(message.starts_with("error: "), "{message}");
    message
}

/// Width and height, and the pixels as RGBA.
fn read_png(path: &Path) -> ([usize; 2], Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(frame.buffer_size());
    ([frame.width as usize, frame.height as usize], bytes)
}

#[test]
fn sample_writes_the_pixels_of_the_library_for_the_same_seed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("grid.png");
    let output = run(
        SAMPLE,
        &[
            &mnist(),
            "--sampler=ddim",
            "--eta=0.5",
            "--use-clipped-model-output",
            "--steps=2",
            "--seed=3",
            "--count=3",
            "--columns=2",
            "--class=7,1",
            "--guidance-scale=2",
            "--output",
            path.to_str().unwrap(),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let checkpoint = Checkpoint::read_folder(mnist().as_ref()).unwrap();
    let pipeline = Pipeline::new(checkpoint, &Device::flex()).unwrap();
    let options = SampleOptions {
        method: Some(Method::Ddim {
            eta: 0.5,
            direction: ddim::Direction::FromClipped,
        }),
        steps: Some(2),
        seed: 3,
        class_labels: vec![7, 1, 7],
        guidance_scale: 2.0,
        ..SampleOptions::default()
    };
    let mut sampling = pipeline.sample(&options).unwrap();
    while sampling.step().unwrap().is_some() {}
    let expected = Picture::grid(sampling.noisy(), DataRange::Symmetric, 2).unwrap();
    assert_eq!([expected.width, expected.height], [58, 58]);
    assert_eq!(read_png(&path), ([58, 58], expected.pixels));
}

#[test]
fn every_sampler_that_fits_the_model_runs_by_its_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("grid.png");
    for entry in CATALOG {
        let mut arguments = vec![tiny(), "--count=1".to_owned()];
        arguments.push(format!("--output={}", path.display()));
        arguments.push(format!("--sampler={}", entry.name));
        if entry.name != "dormand-prince" {
            arguments.push("--steps=5".to_owned());
        }
        if entry.name.ends_with("langevin") {
            arguments.push("--step-size=1e-4".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(SAMPLE, &arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        match entry.name {
            "consistency" => assert!(message.contains("consistency models alone"), "{message}"),
            name => {
                assert!(output.status.success(), "{name}: {message}");
                assert_eq!(read_png(&path).0, [8, 8]);
                fs::remove_file(&path).unwrap();
            }
        }
    }
}

#[test]
fn what_sample_cannot_do_is_refused_by_the_name_of_the_argument() {
    let (tiny, mnist) = (tiny(), mnist());
    let cases: [(&[&str], &[&str]); 11] = [
        (&[&tiny, "--sampler=euler2"], &["dpm-solver++", "unipc"]),
        (
            &[&tiny, "--sampler=ddim", "--order=2"],
            &["--order", "eta, use_clipped_model_output"],
        ),
        (
            &[&tiny, "--sampler=unipc", "--variant=bh3"],
            &["--variant", "bh1, bh2"],
        ),
        (&[&tiny, "--sampler=lms", "--order=9"], &["order", "4"]),
        (&[&tiny, "--sampler=langevin"], &["--step-size", "given"]),
        (
            &[&tiny, "--sampler=ddim", "--eta=much"],
            &["--eta", "a number"],
        ),
        (&[&tiny, "--class=3"], &["--class", "no classes"]),
        (&[&mnist, "--class=ten"], &["--class", "0 to 10"]),
        (
            &[&mnist, "--guidance-scale=2"],
            &["--guidance-scale", "no class labels"],
        ),
        (&[&tiny, "--count=0"], &["--count", "at least 1"]),
        (
            &[&tiny, "--steps=5", "--output=no/such/folder/grid.png"],
            &["no/such/folder", "written"],
        ),
    ];
    for (arguments, named) in cases {
        let message = refusal(SAMPLE, arguments);
        for name in named {
            assert!(
                message.contains(name),
                "{arguments:?}: {message} does not name {name}"
            );
        }
    }
}

#[test]
fn a_corrupt_folder_is_an_error_that_names_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let none = path.join("none").display().to_string();
    assert!(refusal(SAMPLE, &[&none]).contains(&none));
    for part in ["unet", "scheduler"] {
        fs::create_dir(path.join(part)).unwrap();
        for file in fs::read_dir(common::fixture("tiny_pipeline").join(part)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), path.join(part).join(file.file_name())).unwrap();
        }
    }
    let weights = "unet/diffusion_pytorch_model.safetensors";
    let bytes = fs::read(path.join(weights)).unwrap();
    fs::write(path.join(weights), &bytes[..bytes.len() / 2]).unwrap();
    let given = path.display().to_string();
    for (program, arguments) in [
        (SAMPLE, vec![given.as_str()]),
        (EVALUATE, vec!["--model", &given, "--data", &given]),
    ] {
        assert!(refusal(program, &arguments).contains(weights));
    }
    fs::write(path.join("unet/config.json"), "{").unwrap();
    assert!(refusal(SAMPLE, &[&given]).contains("unet/config.json"));
}

#[test]
fn help_lists_every_sampler_and_every_option() {
    let output = run(SAMPLE, &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for entry in CATALOG {
        assert!(help.contains(entry.name));
        for option in entry.options {
            let argument = format!("--{}", option.name.replace('_', "-"));
            assert!(help.contains(&argument), "{argument}");
        }
    }
}

/// Twenty bright and twenty dark images of 8x8 pixels, in a folder each.
fn pictures(folder: &Path) {
    for (class, base) in [("bright", 0.6), ("dark", -0.6)] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for index in 0..20 {
            let noise = Generator::new(index).normal(3 * 64);
            let values: Vec<f32> = noise.iter().map(|noise| base + 0.2 * noise).collect();
            let data = TensorData::new(values, [1, 3, 8, 8]);
            let image = Tensor::<4>::from_data(data, &Device::flex());
            let picture = Picture::grid(image, DataRange::Symmetric, 1).unwrap();
            let path = folder.join(class).join(format!("{index}.png"));
            picture.write_png(&path).unwrap();
        }
    }
}

#[test]
fn evaluate_prints_its_table_and_keeps_the_classifier() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    pictures(&data);
    let output = folder.path().join("evaluation");
    let (tiny, given) = (tiny(), data.display().to_string());
    let arguments = |steps: &'static str| {
        vec![
            "--model".to_owned(),
            tiny.clone(),
            "--data".to_owned(),
            given.clone(),
            "--count=8".to_owned(),
            "--batch=4".to_owned(),
            "--row=ddim:2".to_owned(),
            "--row=heun:3@6".to_owned(),
            format!("--classifier-steps={steps}"),
            format!("--output={}", output.display()),
        ]
    };
    let table = |steps| {
        let arguments = arguments(steps);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(EVALUATE, &arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let first = table("30");
    for part in [
        "| held-out real images |",
        "| DDIM | 2 | 2 | 8 |",
        "| Heun | 3 | 5 | 6 |",
    ] {
        assert!(first.contains(part), "{part} is not in {first}");
    }
    let csv = fs::read_to_string(output.join("samplers.csv")).unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(first.contains(&fs::read_to_string(output.join("evaluation.md")).unwrap()));
    // The file's classifier is taken, so that the steps asked for do not matter.
    assert_eq!(table("1"), first);
    fs::copy(data.join("dark/0.png"), data.join("dark/20.png")).unwrap();
    let arguments = arguments("1");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert!(refusal(EVALUATE, &arguments).contains("trained on these images"));
}

#[test]
fn what_evaluate_cannot_do_is_refused_before_anything_is_sampled() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    pictures(&data);
    let (tiny, data) = (tiny(), data.display().to_string());
    let model = ["--model", &tiny, "--data", &data];
    let cases: [(&[&str], &str); 5] = [
        (&["--row=euler2:5"], "dpm-solver++"),
        (&["--row=ddim:5@3"], "--count"),
        (&["--row=ddim,order=3:5"], "use_clipped_model_output"),
        (&["--row=ddim:2000"], "steps"),
        (&["--part=pictures"], "guidance"),
    ];
    for (arguments, named) in cases {
        let message = refusal(EVALUATE, &[&model, arguments].concat());
        assert!(message.contains(named), "{arguments:?}: {message}");
    }
    let mnist = mnist();
    let message = refusal(EVALUATE, &["--model", &mnist, "--data", &data]);
    assert!(message.contains("28 by 28"), "{message}");
}
