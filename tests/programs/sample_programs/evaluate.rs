//! `evaluate`: its tables, and rejected arguments.

use std::fs;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use tempfile::TempDir;
use tweedie::checkpoint::{SavedPipeline, WeightFormat, write_folder};
use tweedie::cli::Picture;
use tweedie::nn::{UNet2d, UNet2dConfig};
use tweedie::pipeline::DataRange;
use tweedie::random::Generator;

use super::{EVALUATE, mnist, refusal, run, tiny};

/// Twenty bright and twenty dark images of 8x8 pixels, in one folder each.
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
    assert!(first.contains(&fs::read_to_string(output.join("samplers.md")).unwrap()));
    // The existing classifier is used, so that the number of training steps does not matter.
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

/// A network with two named classes and a null class.
fn two_classes(folder: &Path, labels: [&str; 2]) {
    let mut config = crate::common::json("tiny_pipeline/unet/config.json");
    let config = config.as_object_mut().unwrap();
    config.insert("num_class_embeds".into(), 3.into());
    let unet = UNet2dConfig::from_json(config).unwrap();
    let network = UNet2d::initialised(&unet, &mut Generator::new(0), &Device::flex());
    let scheduler = crate::common::json("tiny_pipeline/scheduler/scheduler_config.json");
    let saved = SavedPipeline {
        unet_config: config,
        scheduler_config: scheduler.as_object().unwrap(),
        labels: &labels.map(str::to_owned),
        null_class_label: Some(2),
        network: &network.unwrap(),
        format: WeightFormat::F32,
    };
    write_folder(folder, &saved.to_files().unwrap()).unwrap();
}

#[test]
fn evaluate_measures_every_guidance_scale_of_a_model_of_the_same_classes() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    pictures(&folder.path().join("data"));
    two_classes(&folder.path().join("model"), ["bright", "dark"]);
    let (model, data, output) = (at("model"), at("data"), at("out"));
    let arguments = [
        "--model",
        &model,
        "--data",
        &data,
        "--classifier-steps=20",
        "--part=guidance",
        "--row=ddim:2",
        "--count=8",
        "--guidance-row=ddim:2",
        "--guidance-scale=1,40",
        "--guidance-count=8",
    ];
    let found = run(EVALUATE, &[&arguments[..], &["--output", &output]].concat());
    assert!(found.status.success(), "{found:?}");
    let csv = fs::read_to_string(folder.path().join("out/guidance.csv")).unwrap();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert_eq!(
        (rows[1][..2].to_vec(), &rows[2][..2]),
        (vec!["1", "8"], &["40", "8"][..])
    );
    // The Fréchet distance.
    assert_ne!(rows[1][3], rows[2][3], "{csv}");
    let guidance = fs::read_to_string(folder.path().join("out/guidance.md")).unwrap();
    assert!(guidance.contains("| 40 | 8 |"), "{guidance}");
    // A table that is not requested remains unchanged.
    assert!(!folder.path().join("out/samplers.csv").exists());

    // Detected before sampling, although the first scale is valid.
    let none = at("none");
    let others = ["--output", &none, "--guidance-scale=inf"];
    let elsewhere = [&arguments[..], &others].concat();
    let refused = refusal(EVALUATE, &elsewhere);
    assert!(refused.contains("--guidance-scale"), "{refused}");
    let (_, others) = arguments.split_last().unwrap();
    let few = [others, &["--output", &none, "--guidance-count=3"]].concat();
    let refused = refusal(EVALUATE, &few);
    assert!(refused.contains("--guidance-count"), "{refused}");
    assert!(!folder.path().join("none").exists());
    // Other names are accepted, but not the data's names in another order.
    two_classes(&folder.path().join("model"), ["day", "night"]);
    assert!(
        run(EVALUATE, &elsewhere[..elsewhere.len() - 1])
            .status
            .success()
    );
    two_classes(&folder.path().join("model"), ["dark", "bright"]);
    let refused = refusal(EVALUATE, &arguments);
    assert!(
        refused.contains("dark, bright") && refused.contains("bright, dark"),
        "{refused}"
    );
}
