//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tweedie::cli::{DeviceKind, ImageSize, finite};
use tweedie::evaluation::{Row, Training};

const EXAMPLES: &str = "\
Examples:
  evaluate --model www/models/mnist --data path/to/mnist --part samplers --row ddim:20 --row unipc:10 --count 500
  evaluate --model www/models/mnist --data path/to/mnist --part guidance

A row is SAMPLER[,option=value...][:STEPS][@COUNT]; `sample --help` lists the samplers and their options.
Compare Frechet distances of equal counts alone: they are the larger the fewer samples there are.";

/// Measure the quality of an image diffusion model in the feature space of a classifier trained on the same images
#[derive(Parser, Debug)]
#[command(name = "evaluate", after_help = EXAMPLES)]
pub struct Arguments {
    /// The model: a diffusers folder
    #[arg(long, value_name = "FOLDER")]
    pub model: PathBuf,
    /// Labelled images: a folder with MNIST's idx files, an .npz, or one folder of PNG, JPEG or WebP files per class
    #[arg(long, value_name = "PATH")]
    pub data: PathBuf,
    /// Scale each image to cover this size and crop its centre: a side, or WIDTHxHEIGHT
    #[arg(long, value_name = "SIZE")]
    pub size: Option<ImageSize>,
    /// Output folder of the tables (samplers.md, guidance.md, and the same as .csv) and of the classifier
    #[arg(long, short, value_name = "FOLDER", default_value = "evaluation")]
    pub output: PathBuf,
    /// The classifier, read if the file exists and otherwise trained and written [default: classifier.safetensors in
    /// the output folder]
    #[arg(long, value_name = "FILE")]
    pub classifier: Option<PathBuf>,
    /// Training steps of the classifier
    #[arg(long, value_name = "NUMBER", default_value_t = Training::default().steps)]
    pub classifier_steps: usize,
    /// Number of samples of each row, unless the row sets it
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 1000)]
    pub count: usize,
    /// Number of samples of each row of the guidance table
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    pub guidance_count: usize,
    /// Batch size; larger batches need more memory
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub batch: usize,
    /// Seed of the noise of the first batch and of the classifier
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u32,
    /// The tables to compute
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Samplers, Part::Guidance])]
    pub part: Vec<Part>,
    /// Rows of the sampler table [default: ddim, heun, dpm-solver++, unipc and deis at 5, 10, 20 and 50 steps,
    /// ddpm:1000]
    #[arg(long = "row", value_name = "ROW")]
    pub rows: Vec<Row>,
    /// Sampler of the guidance table
    #[arg(
        long,
        value_name = "ROW",
        default_value = "ddim,use_clipped_model_output=true:20"
    )]
    pub guidance_row: Row,
    /// Guidance scales
    #[arg(long = "guidance-scale", value_name = "NUMBER", value_parser = finite, value_delimiter = ',', default_values_t = [1.0, 2.0, 4.0])]
    pub guidance_scales: Vec<f64>,
    /// Device; vulkan and cuda require the feature of that name
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
}

/// A table of the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Distances by sampler and number of steps
    Samplers,
    /// Class accuracy by guidance scale
    Guidance,
}

impl Arguments {
    /// Rows of the sampler table, fastest first; the default rows with no more steps than the schedule has timesteps.
    pub fn rows(&self, timesteps: usize) -> Vec<Row> {
        if !self.rows.is_empty() {
            return self.rows.clone();
        }
        let fast = ["ddim", "heun", "dpm-solver++", "unipc", "deis"];
        let steps = [5, 10, 20, 50].into_iter();
        let steps: Vec<usize> = steps.filter(|steps| *steps <= timesteps).collect();
        let all = [timesteps];
        let fast = fast.into_iter().map(|name| (name, &steps[..]));
        let rows = fast.chain([("ddpm", &all[..])]);
        rows.flat_map(|(name, steps)| steps.iter().map(move |steps| format!("{name}:{steps}")))
            .filter_map(|row| row.parse().ok())
            .collect()
    }

    /// Path of the classifier.
    pub fn classifier(&self) -> PathBuf {
        let default = || self.output.join("classifier.safetensors");
        self.classifier.clone().unwrap_or_else(default)
    }
}
