//! Checkpoints and point files with damaged bytes and modified metadata.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use burn::tensor::Device;
use serde_json::Value;
use tweedie::dataset::PointData;
use tweedie::pipeline::PointModel;
use tweedie::points::{PointDenoiser, PointTraining, PointTrainingOptions, Weights};
use tweedie::{Checkpoint, Pipeline};

use super::choices::Choices;

const CONFIG: &[u8] = include_bytes!("../../fixtures/unet/class_labels/config.json");
const WEIGHTS: &[u8] =
    include_bytes!("../../fixtures/unet/class_labels/diffusion_pytorch_model.safetensors");
const SCHEDULER: &[u8] = br#"{"_class_name": "DDIMScheduler", "beta_schedule": "linear"}"#;

/// A checkpoint loads or is rejected.
pub fn checkpoints(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut files = BTreeMap::from([
        ("config.json".to_owned(), CONFIG.to_vec()),
        ("scheduler_config.json".to_owned(), SCHEDULER.to_vec()),
        (
            "diffusion_pytorch_model.safetensors".to_owned(),
            WEIGHTS.to_vec(),
        ),
    ]);
    let name = choices.one_of(&[
        "config.json",
        "scheduler_config.json",
        "diffusion_pytorch_model.safetensors",
    ]);
    if let Some(file) = files.get_mut(name) {
        let is_json = name.ends_with(".json");
        *file = if choices.flag() {
            said_otherwise(file, is_json, &mut choices)
        } else {
            damaged(file, &mut choices)
        };
    }
    if let Ok(checkpoint) = Checkpoint::from_files(files) {
        let _ = Pipeline::new(checkpoint, &Device::flex());
    }
}

/// Point models and saved training runs load or are rejected; those that load can be used.
pub fn point_files(bytes: &[u8]) {
    static FILES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let options = PointTrainingOptions {
            width: 4,
            depth: 1,
            batch: 2,
            octaves: 0,
            ..PointTrainingOptions::default()
        };
        let points = [0.0, 1.0, -1.0, 0.5, 1.0, -1.5];
        let training = PointTraining::new(&points, options, &Device::flex()).unwrap();
        let PointDenoiser::Learned(model) = training
            .pipeline(Weights::Current)
            .unwrap()
            .denoiser()
            .clone()
        else {
            unreachable!("it was trained")
        };
        [
            model.to_safetensors().unwrap(),
            training.snapshot().to_bytes().unwrap(),
        ]
    });
    let mut choices = Choices::new(bytes);
    let which = choices.below(3);
    if which == 2 {
        let text: String = (0..choices.below(300))
            .map(|_| {
                choices.one_of(&[
                    ',', ';', '\n', '\t', ' ', '1', '9', '.', '-', 'e', 'x', '"', '#', '\u{feff}',
                    'é',
                ])
            })
            .collect();
        let _ = PointData::from_csv(&text);
        return;
    }
    let file = &FILES[which];
    let file = match (choices.flag(), which) {
        (false, _) => damaged(file, &mut choices),
        (true, 0) => said_otherwise(file, false, &mut choices),
        // The state of the training run is preceded by its options and data, a separate safetensors file, with its
        // length.
        (true, _) => {
            let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
            let data = said_otherwise(&file[8..8 + length], false, &mut choices);
            let state = &file[8 + length..];
            [&(data.len() as u64).to_le_bytes(), &data[..], state].concat()
        }
    };
    if which == 0 {
        let _ = PointModel::from_safetensors(&file, &Device::flex());
    } else if let Ok(mut training) = PointTraining::restore(&file, &Device::flex())
        && training.parameter_count() < 10_000
        && training.options().batch < 1000
    {
        let _ = training.step();
    }
}

/// The file with some bytes changed, or truncated.
fn damaged(file: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut file = file.to_vec();
    // Inconsistencies of a safetensors file are in its header.
    let reach = file.len().min(4000);
    for _ in 0..=choices.below(6) {
        let place = choices.below(reach);
        file[place] = if choices.flag() {
            choices.one_of(b"0123456789-+e.\"[]{},: ntf\\")
        } else {
            choices.below(256) as u8
        };
    }
    if choices.once_in(8) {
        file.truncate(choices.below(reach));
    }
    file
}

/// The file with modified values in its JSON, which is the header of a safetensors file.
fn said_otherwise(file: &[u8], is_json: bool, choices: &mut Choices<'_>) -> Vec<u8> {
    let (json, rest) = if is_json {
        (file, &[][..])
    } else {
        let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        (&file[8..8 + length], &file[8 + length..])
    };
    let mut value: Value = serde_json::from_slice(json).unwrap();
    for _ in 0..=choices.below(4) {
        change(&mut value, choices);
    }
    let json = serde_json::to_vec(&value).unwrap();
    if is_json {
        return json;
    }
    let length = (json.len() as u64).to_le_bytes();
    [&length[..], &json, rest].concat()
}

/// Changes one value somewhere in it.
fn change(value: &mut Value, choices: &mut Choices<'_>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let index = choices.below(fields.len());
            let name = fields.keys().nth(index).cloned().unwrap_or_default();
            match choices.below(8) {
                0 => {
                    fields.remove(&name);
                }
                1 => {
                    let moved = fields.remove(&name).unwrap_or(Value::Null);
                    fields.insert(format!("{name}x"), moved);
                }
                _ => {
                    if let Some(field) = fields.get_mut(&name) {
                        change(field, choices);
                    }
                }
            }
        }
        Value::Array(list) if !list.is_empty() && !choices.once_in(4) => {
            let index = choices.below(list.len());
            if choices.once_in(4) {
                list.remove(index);
            } else {
                change(&mut list[index], choices);
            }
        }
        // The metadata is JSON in a string.
        Value::String(text) if text.starts_with('{') => {
            if let Ok(mut inner) = serde_json::from_str::<Value>(text) {
                change(&mut inner, choices);
                *text = inner.to_string();
            }
        }
        value => {
            *value = match choices.below(8) {
                0..3 => choices.whole().into(),
                3..5 => choices.number().into(),
                5 => Value::Null,
                6 => choices
                    .one_of(&[
                        "",
                        "F16",
                        "F64",
                        "I64",
                        "DownBlock2D",
                        "UpBlock2D",
                        "gelu",
                        "fourier",
                    ])
                    .into(),
                _ => vec![choices.whole(); choices.below(5)].into(),
            };
        }
    }
}
