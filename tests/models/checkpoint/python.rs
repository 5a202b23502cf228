//! Files as written by Python and other tools: JSON with extensions, and files whose content does not match their name.

use serde_json::Value;
use tweedie::checkpoint::{Checkpoint, SavedPipeline, WeightFormat};
use tweedie::json;

use super::files::{INDEX, WEIGHTS, error, flat, load, sharded};
use crate::common::fixture;

/// The checkpoint's scheduler as saved by diffusers' DPM-Solver, with -Infinity.
fn with_dpm_solver() -> super::files::Files {
    let mut files = flat();
    let path = fixture("scheduler_configs/DPMSolverMultistepScheduler.json");
    files.insert(
        "scheduler_config.json".to_owned(),
        std::fs::read(path).unwrap(),
    );
    files
}

#[test]
fn a_checkpoint_with_minus_infinity_is_read_and_saved_again() {
    let checkpoint = Checkpoint::from_files(with_dpm_solver()).unwrap();
    let scheduler = checkpoint.scheduler_config().clone();
    assert_eq!(
        json::number(&scheduler["lambda_min_clipped"]),
        Some(f64::NEG_INFINITY)
    );
    let unet = json::read_object("config.json", &flat()["config.json"]).unwrap();
    let network = checkpoint.load_unet(&burn::tensor::Device::flex()).unwrap();
    let saved = SavedPipeline {
        unet_config: &unet,
        scheduler_config: &scheduler,
        labels: &["Infinity".to_owned(), "NaN".to_owned()],
        null_class_label: None,
        network: &network,
        format: WeightFormat::F32,
    };
    let files = saved.to_files().unwrap();
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert!(
        text("scheduler/scheduler_config.json").contains("\"lambda_min_clipped\": -Infinity,\n")
    );
    assert!(text("model_index.json").contains("\"NaN\""));
    let again = Checkpoint::from_files(files).unwrap();
    assert_eq!(again.scheduler_config(), &scheduler);
    assert_eq!(again.labels().unwrap(), ["Infinity", "NaN"]);
}

#[test]
fn every_json_file_may_begin_with_a_byte_order_mark() {
    let utf16 = |text: &str| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let utf8 = |text: &str| format!("\u{feff}{text}").into_bytes();
    for marked in [&utf8 as &dyn Fn(&str) -> Vec<u8>, &utf16] {
        for whole in [with_dpm_solver(), sharded()] {
            let mut files = whole;
            files.insert("model_index.json".to_owned(), b"{}".to_vec());
            for (name, bytes) in &mut files {
                if name.ends_with(".json") {
                    *bytes = marked(std::str::from_utf8(bytes).unwrap());
                }
            }
            load(files).unwrap();
        }
    }
}

#[test]
fn a_number_that_a_network_cannot_have_is_named_as_python_writes_it() {
    let mut files = flat();
    let text = String::from_utf8(files["config.json"].clone()).unwrap();
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    fields.remove("norm_eps");
    let text = serde_json::to_string(&fields).unwrap();
    files.insert(
        "config.json".to_owned(),
        text.replacen('{', "{\"norm_eps\": NaN,", 1).into_bytes(),
    );
    assert_eq!(
        error(files).to_string(),
        "norm_eps = NaN is not supported; supported: f64"
    );
}

#[test]
fn files_that_are_not_what_their_names_say_are_named_with_the_remedy() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1234\n";
    for (bytes, what, remedy) in [
        (
            &pointer[..],
            "it is a Git LFS pointer to a file of 1234 bytes",
            "git lfs pull",
        ),
        (
            b"<!doctype html>\n<title>Sign in</title>",
            "it is an HTML page",
            "download the file itself",
        ),
        (
            b"PK\x03\x04\x00\x00\x08\x08archive/data.pkl",
            "a Python pickle",
            "save_pretrained",
        ),
        (
            b"\x80\x02}q\x00.",
            "it is a Python pickle",
            "save_pretrained",
        ),
        (b"\x1f\x8b\x08\x08", "it is compressed with gzip", "gunzip"),
        (b"", "it is empty", "download or copy it again"),
        (
            b"Entry not found",
            "it is text that starts with \"Entry not found\"",
            "",
        ),
    ] {
        for (files, name) in [
            (flat(), WEIGHTS),
            (flat(), "config.json"),
            (flat(), "scheduler_config.json"),
            (sharded(), INDEX),
            (
                sharded(),
                "diffusion_pytorch_model-00002-of-00002.safetensors",
            ),
        ] {
            let mut files = files;
            files.insert(name.to_owned(), bytes.to_vec());
            let message = error(files).to_string();
            let begins = message.starts_with(&format!("{name} cannot be read: "));
            assert!(
                begins && message.contains(what) && message.contains(remedy),
                "{message}"
            );
        }
    }
}

#[test]
fn weights_that_were_cut_off_say_how_long_they_should_be() {
    let whole = flat()[WEIGHTS].clone();
    let mut files = flat();
    files.insert(WEIGHTS.to_owned(), whole[..whole.len() / 2].to_vec());
    let (half, all) = (whole.len() / 2, whole.len());
    let expected = format!(
        "{WEIGHTS} cannot be read: it is cut off after {half} of at least {all} bytes: download or copy it again"
    );
    assert_eq!(error(files).to_string(), expected);
    let mut files = flat();
    files.insert(WEIGHTS.to_owned(), [&whole[..], b"more"].concat());
    assert!(
        error(files)
            .to_string()
            .contains(&format!("but its header describes {all}"))
    );
}
