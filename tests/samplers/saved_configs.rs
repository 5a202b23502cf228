//! Scheduler configurations as written by diffusers, with all their keys.

use std::fs;

use serde_json::{Map, Value};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::json;

use crate::common::fixture;

fn saved() -> Vec<(String, Map<String, Value>)> {
    let files = fs::read_dir(fixture("scheduler_configs")).unwrap();
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, json::read(&fs::read(&path).unwrap()).unwrap())
    };
    files.map(|file| read(file.unwrap().path())).collect()
}

#[test]
fn every_saved_scheduler_is_read_and_is_the_one_with_the_defaults() {
    let saved = saved();
    assert_eq!(saved.len(), 21);
    for (class, fields) in saved {
        let config = SchedulerConfig::from_json(&fields);
        let config = config.unwrap_or_else(|error| panic!("{class}: {error}"));
        let alone = Map::from_iter([("_class_name".to_owned(), fields["_class_name"].clone())]);
        let default = SchedulerConfig::from_json(&alone).unwrap();
        let facts = |config: &SchedulerConfig| {
            let model = (config.class, config.process.clone(), config.prediction);
            let steps = (config.clipping, config.variance, config.method.clone());
            (model, steps, format!("{:?}", config.trajectory(7).unwrap()))
        };
        assert_eq!(facts(&config), facts(&default), "{class}");
    }
}

#[test]
fn what_python_cannot_mean_is_refused_by_its_name() {
    for (key, text) in [
        ("lambda_min_clipped", "NaN"),
        ("lambda_min_clipped", "Infinity"),
        ("beta_end", "Infinity"),
        ("clip_sample_range", "-Infinity"),
        ("num_train_timesteps", "NaN"),
        ("an_option_that_nobody_knows", "Infinity"),
    ] {
        let text =
            format!("{{\"_class_name\": \"DPMSolverMultistepScheduler\", \"{key}\": {text}}}");
        let fields: Map<String, Value> = json::read(text.as_bytes()).unwrap();
        let message = SchedulerConfig::from_json(&fields).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("{key} must be a finite number")),
            "{message}"
        );
    }
    let betas = b"{\"_class_name\": \"DDPMScheduler\", \"trained_betas\": [0.1, NaN]}";
    let fields: Map<String, Value> = json::read(betas).unwrap();
    let message = SchedulerConfig::from_json(&fields).unwrap_err().to_string();
    assert!(
        message.contains("string \"NaN\", expected f64"),
        "{message}"
    );
}

#[test]
fn a_last_level_with_signal_is_warned_of_whatever_the_schedule() {
    let warnings = |fields: &str| {
        let text = format!("{{\"_class_name\": {fields}}}");
        SchedulerConfig::from_json(&json::read(text.as_bytes()).unwrap())
            .unwrap()
            .warnings()
    };
    for (class, fields) in saved() {
        let config = SchedulerConfig::from_json(&fields).unwrap();
        assert!(
            config.warnings().is_empty(),
            "{class}: {:?}",
            config.warnings()
        );
    }
    for schedule in ["linear", "scaled_linear", "sigmoid", "constant"] {
        let short = format!(
            "\"DDPMScheduler\", \"beta_schedule\": \"{schedule}\", \"num_train_timesteps\": 100"
        );
        let [warning] = &warnings(&short)[..] else {
            panic!("{schedule}")
        };
        assert!(
            warning.starts_with("The last of the 100 timesteps still holds"),
            "{warning}"
        );
        let rescaled = format!(
            "{short}, \"rescale_betas_zero_snr\": true, \"prediction_type\": \"v_prediction\""
        );
        assert!(warnings(&rescaled).is_empty());
    }
    for timesteps in [1, 2, 5, 100, 10_000] {
        let cosine = format!(
            "\"DDPMScheduler\", \"beta_schedule\": \"squaredcos_cap_v2\", \"num_train_timesteps\": {timesteps}"
        );
        assert!(warnings(&cosine).is_empty(), "{timesteps}");
    }
    assert!(
        warnings("\"DDPMScheduler\", \"num_train_timesteps\": 10")[0]
            .contains("take more timesteps or the cosine")
    );
    assert!(
        warnings("\"ScoreSdeVpScheduler\", \"beta_max\": 2.0")[0].starts_with("The noisiest level")
    );
}

#[test]
fn an_infinite_range_clips_nothing() {
    let with = |fields: &str| {
        let text = format!("{{\"_class_name\": \"DDPMScheduler\", {fields}}}");
        SchedulerConfig::from_json(&json::read(text.as_bytes()).unwrap())
            .unwrap()
            .clipping
    };
    assert_eq!(
        with("\"clip_sample_range\": Infinity"),
        with("\"clip_sample\": false")
    );
    with("\"thresholding\": true, \"sample_max_value\": Infinity");
}
