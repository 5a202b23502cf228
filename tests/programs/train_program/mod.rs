//! The training program: it learns, resumes bit-identically, and rejects invalid input.

mod saved;
#[cfg(unix)]
mod stopped;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::fixture;
use burn::tensor::Device;
use tempfile::TempDir;
use tweedie::{Checkpoint, Pipeline, SampleOptions};

const SIDE: usize = 8;
const IMAGES: usize = 64;

/// 64 images of two classes, with a bright left or a bright lower half, whose edge varies.
fn write_images(folder: &Path) {
    for index in 0..IMAGES {
        let class = index % 2;
        let edge = 2 + index / 2 % 5;
        let pixel = |p: usize| {
            let place = [p % SIDE, p / SIDE][class];
            if place < edge { 230 } else { 20 }
        };
        let bytes: Vec<u8> = (0..SIDE * SIDE).map(pixel).collect();
        let path = folder
            .join(["left", "upper"][class])
            .join(format!("{index}.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder =
            png::Encoder::new(fs::File::create(path).unwrap(), SIDE as u32, SIDE as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&bytes)
            .unwrap();
    }
}

fn write_config(path: &Path, side: usize, classes: usize) {
    let config = serde_json::json!({
        "sample_size": side, "in_channels": 1, "out_channels": 1, "block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4,
        "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "num_class_embeds": classes,
        "dropout": 0.1,
    });
    fs::write(path, config.to_string()).unwrap();
}

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        write_images(&folder.path().join("data"));
        write_config(&folder.path().join("config.json"), SIDE, 3);
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, output: &str, steps: usize, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command
            .arg("--data")
            .arg(self.path("data"))
            .arg("--config")
            .arg(self.path("config.json"))
            .arg("--output")
            .arg(self.path(output))
            .args([
                "--steps",
                &steps.to_string(),
                "--batch",
                "16",
                "--flips",
                "--warm-up",
                "5",
                "--seed",
                "3",
            ])
            .args(more);
        command
    }

    fn resume(&self, output: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.arg("--resume").arg(self.path(output));
        command
    }

    fn state(&self, output: &str) -> Vec<u8> {
        fs::read(self.path(output).join("training/state.safetensors")).unwrap()
    }
}

#[track_caller]
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[track_caller]
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn losses(folder: &Path) -> Vec<f32> {
    let text = fs::read_to_string(folder.join("training/losses.csv")).unwrap();
    let loss = |line: &str| line.split(',').nth(1).unwrap().parse().unwrap();
    text.lines().skip(1).map(loss).collect()
}

#[test]
fn two_hundred_steps_on_64_images_overfit_and_the_saved_pipeline_samples() {
    let place = Place::new();
    let options = [
        "--every",
        "200",
        "--learning-rate",
        "4e-3",
        "--decay",
        "constant",
        "--ema",
        "0.95",
        "--weights",
        "f16",
    ];
    succeeds(&mut place.command("out", 200, &options));
    let losses = losses(&place.path("out"));
    assert_eq!(losses.len(), 200);
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    assert!(mean(&losses[..5]) > 0.8, "{}", mean(&losses[..5]));
    assert!(mean(&losses[180..]) < 0.2, "{}", mean(&losses[180..]));
    assert!(place.path("out/training/samples/0000200.png").is_file());
    let card = fs::read_to_string(place.path("out/README.md")).unwrap();
    assert!(
        card.contains("left, upper; 2 is the null class") && card.contains("seed | 3"),
        "{card}"
    );

    let checkpoint = Checkpoint::read_folder(&place.path("out")).unwrap();
    assert_eq!(checkpoint.labels().unwrap(), ["left", "upper"]);
    let pipeline = Pipeline::new(checkpoint, &Device::flex()).unwrap();
    let options = SampleOptions {
        steps: Some(3),
        class_labels: vec![0, 1],
        guidance_scale: 2.0,
        ..SampleOptions::default()
    };
    let mut sampling = pipeline.sample(&options).unwrap();
    while sampling.step().unwrap().is_some() {}
    assert_eq!(sampling.noisy().dims(), [2, 1, SIDE, SIDE]);
}

#[test]
fn a_config_that_does_not_fit_the_data_is_refused_with_both() {
    let place = Place::new();
    write_config(&place.path("config.json"), 16, 3);
    let message = refusal(&mut place.command("out", 1, &[]));
    assert!(
        message.contains("sample_size")
            && message.contains("[8, 8]")
            && message.contains("[16, 16]"),
        "{message}"
    );
    write_config(&place.path("config.json"), SIDE, 7);
    let message = refusal(&mut place.command("out", 1, &[]));
    assert!(
        message.contains("num_class_embeds") && message.contains('2') && message.contains('7'),
        "{message}"
    );
    assert!(!place.path("out").exists());
}

#[test]
fn options_out_of_range_and_broken_files_are_refused_before_anything_is_written() {
    let place = Place::new();
    for (options, word) in [
        (["--batch", "0"], "batch"),
        (["--learning-rate", "0"], "--learning-rate"),
        (["--class-dropout", "2"], "--class-dropout"),
        (["--min-snr", "-1"], "--min-snr"),
        (["--timesteps", "0"], "--timesteps"),
        (["--clip", "0"], "--clip"),
        (["--every", "0"], "every"),
        (["--clip", "inf"], "--clip"),
        // Unused with this schedule, but saved with the run.
        (["--beta-end", "inf"], "--beta-end"),
        (["--min-snr", "nan"], "--min-snr"),
        (["--weight-decay", "1e999"], "--weight-decay"),
    ] {
        let options = [format!("{}={}", options[0], options[1])];
        let message =
            refusal(&mut place.command("out", 1, &options.each_ref().map(String::as_str)));
        assert!(message.contains(word), "{message}");
    }
    let broken = place.path("data/left/0.png");
    fs::write(&broken, b"no picture").unwrap();
    assert!(refusal(&mut place.command("out", 1, &[])).contains("0.png"));
    assert!(!place.path("out").exists());
}

#[test]
fn what_could_not_be_sampled_from_later_is_refused_at_once() {
    let place = Place::new();
    // Sampling with it requires a different network.
    let scheduler =
        serde_json::json!({"_class_name": "DDPMScheduler", "variance_type": "learned_range"});
    let path = place.path("scheduler.json");
    fs::write(&path, scheduler.to_string()).unwrap();
    let learned = format!("--scheduler={}", path.display());
    let message = refusal(&mut place.command("out", 1, &[&learned]));
    assert!(message.contains("out_channels"), "{message}");
    // Valid for 10 steps, but not for the 20 of the sample images.
    let offset = serde_json::json!({"_class_name": "DDPMScheduler", "steps_offset": 60});
    fs::write(&path, offset.to_string()).unwrap();
    let message = refusal(&mut place.command("out", 1, &[&learned]));
    assert!(message.contains("steps_offset"), "{message}");
    let config = fs::read_to_string(place.path("config.json")).unwrap();
    let fourier = config.replacen('{', "{\"time_embedding_type\": \"fourier\",", 1);
    fs::write(place.path("config.json"), fourier).unwrap();
    let message = refusal(&mut place.command("out", 1, &[]));
    assert!(message.contains("time_embedding_type"), "{message}");
    let learned = config.replacen(
        '{',
        "{\"time_embedding_type\": \"learned\", \"num_train_timesteps\": 10,",
        1,
    );
    fs::write(place.path("config.json"), learned).unwrap();
    let message = refusal(&mut place.command("out", 1, &[]));
    assert!(message.contains("num_train_timesteps"), "{message}");
    assert!(!place.path("out").exists());
}

#[test]
fn what_was_read_is_said_and_a_schedule_that_ends_too_soon_is_warned_of() {
    let place = Place::new();
    let said = |options: &[&str]| {
        let output = place.path("out");
        let _ = fs::remove_dir_all(&output);
        String::from_utf8(succeeds(&mut place.command("out", 1, options)).stderr).unwrap()
    };
    fs::write(place.path("data/left/notes.txt"), "mine").unwrap();
    let stderr = said(&["--timesteps=100", "--beta-schedule=linear"]);
    for words in [
        "64 images of 8x8 in 2 classes: left (32), upper (32)",
        "warning: skipped 1 file that is no image (notes.txt)",
        "warning: The last of the 100 timesteps still holds 36.4 % signal",
        "(0.20 for 100 timesteps)",
    ] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
    let stderr = said(&[
        "--timesteps=100",
        "--beta-schedule=linear",
        "--beta-end=0.2",
        "--beta-start=1e-3",
    ]);
    assert!(!stderr.contains("signal"), "{stderr}");
    write_config(&place.path("config.json"), SIDE, 0);
    let config = fs::read_to_string(place.path("config.json")).unwrap();
    fs::write(
        place.path("config.json"),
        config.replace("\"num_class_embeds\":0", "\"num_class_embeds\":null"),
    )
    .unwrap();
    assert!(said(&[]).contains("does not learn the 2 classes"));
}

#[test]
fn pictures_of_other_sizes_are_resized_and_the_size_is_kept_for_later() {
    let place = Place::new();
    let large = [120; 3 * 32 * 20];
    let path = place.path("data/left/large.jpg");
    image::save_buffer(&path, &large, 32, 20, image::ExtendedColorType::Rgb8).unwrap();
    assert!(refusal(&mut place.command("out", 1, &[])).contains("--size"));
    assert!(refusal(&mut place.command("out", 1, &["--size=4"])).contains("sample_size"));
    succeeds(&mut place.command("out", 1, &["--size=8"]));
    succeeds(place.resume("out").args(["--steps", "2"]));
}

#[test]
fn pythons_json_is_read_and_written_back() {
    let place = Place::new();
    let config = fs::read_to_string(place.path("config.json")).unwrap();
    fs::write(place.path("config.json"), format!("\u{feff}{config}")).unwrap();
    let scheduler = fixture("scheduler_configs/DPMSolverMultistepScheduler.json");
    let given = format!("--scheduler={}", scheduler.display());
    succeeds(&mut place.command("out", 1, &[&given]));
    let saved = place.path("out/scheduler/scheduler_config.json");
    let text = fs::read_to_string(&saved).unwrap();
    assert!(text.contains("\"lambda_min_clipped\": -Infinity"), "{text}");
    succeeds(place.resume("out").args(["--steps", "2"]));
    fs::write(
        place.path("config.json"),
        "version https://git-lfs.github.com/spec/v1\n",
    )
    .unwrap();
    assert!(refusal(&mut place.command("other", 1, &[])).contains("git lfs pull"));
}

#[test]
fn fewer_timesteps_than_the_steps_of_the_picture_are_enough() {
    let place = Place::new();
    succeeds(&mut place.command("out", 1, &["--timesteps=5", "--prediction=sample"]));
    assert!(place.path("out/training/samples/0000001.png").is_file());
}

#[test]
fn a_model_of_another_kind_of_noise_is_trained_by_its_scheduler() {
    let place = Place::new();
    let path = place.path("scheduler.json");
    let given = format!("--scheduler={}", path.display());
    let write = |scheduler: serde_json::Value| fs::write(&path, scheduler.to_string()).unwrap();
    write(serde_json::json!({"_class_name": "FlowMatchEulerDiscreteScheduler"}));
    succeeds(&mut place.command("out", 2, &[&given]));
    let checkpoint = Checkpoint::read_folder(&place.path("out")).unwrap();
    let scheduler = &checkpoint.scheduler_config()["_class_name"];
    assert_eq!(scheduler, "FlowMatchEulerDiscreteScheduler");
    assert!(place.path("out/training/samples/0000002.png").is_file());
    write(serde_json::json!({"_class_name": "ScoreSdeVeScheduler"}));
    let message = refusal(&mut place.command("other", 1, &[&given]));
    assert!(message.contains("ScoreSdeVeScheduler"), "{message}");
}

#[test]
fn what_is_in_a_folder_of_something_else_is_not_overwritten() {
    let place = Place::new();
    fs::create_dir(place.path("out")).unwrap();
    fs::write(place.path("out/README.md"), "mine").unwrap();
    let message = refusal(&mut place.command("out", 1, &[]));
    assert!(
        message.contains("--output") && message.contains("empty"),
        "{message}"
    );
    assert_eq!(fs::read(place.path("out/README.md")).unwrap(), b"mine");
    let message = refusal(&mut place.command("config.json", 1, &[]));
    assert!(message.contains("config.json"), "{message}");
    fs::remove_file(place.path("out/README.md")).unwrap();
    succeeds(&mut place.command("out", 1, &[]));
}

#[test]
fn a_training_is_not_overwritten_and_a_broken_state_is_named() {
    let place = Place::new();
    succeeds(&mut place.command("out", 2, &[]));
    assert!(refusal(&mut place.command("out", 2, &[])).contains("--resume"));
    let state = place.path("out/training/state.safetensors");
    let bytes = fs::read(&state).unwrap();
    fs::write(&state, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refusal(&mut place.resume("out")).contains("state.safetensors"));
    assert!(refusal(&mut place.resume("nowhere")).contains("nowhere"));
}
