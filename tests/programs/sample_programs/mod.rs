//! The native programs `sample` and `evaluate`, run on the command line.

mod evaluate;
mod sample;

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

const SAMPLE: &str = env!("CARGO_BIN_EXE_sample");
const EVALUATE: &str = env!("CARGO_BIN_EXE_evaluate");

fn tiny() -> String {
    crate::common::fixture("tiny_pipeline")
        .display()
        .to_string()
}

fn mnist() -> String {
    format!("{}/www/models/mnist", env!("CARGO_MANIFEST_DIR"))
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// The error message for rejected arguments; nothing is written.
#[track_caller]
fn refusal(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?} were taken");
    // Only the summary of the data may precede it.
    let is_error = |line: &str| line.starts_with("error: ");
    let mut lines = message.lines();
    let first = lines
        .find(|line| is_error(line) || !line.contains(" images of "))
        .unwrap_or_default();
    assert!(is_error(first), "{message}");
    message
}

#[test]
fn a_corrupt_folder_is_an_error_that_names_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let none = path.join("none").display().to_string();
    assert!(refusal(SAMPLE, &[&none]).contains(&none));
    for part in ["unet", "scheduler"] {
        fs::create_dir(path.join(part)).unwrap();
        for file in fs::read_dir(crate::common::fixture("tiny_pipeline").join(part)).unwrap() {
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
