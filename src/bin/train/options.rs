//! What the program is told.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use tweedie::cli::{DeviceKind, ImageSize};
use tweedie::train::LearningRateDecay;
use tweedie::{Error, Result};

/// Trains a diffusion model on images, and saves it as a pipeline of diffusers.
///
/// Ctrl-C saves and ends; --resume goes on, on the CPU as if nothing had happened, bit for bit.
#[derive(Clone, Debug, PartialEq, Parser, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(version)]
pub struct Options {
    /// A folder with idx files such as MNIST's, an .npz with `images` and perhaps `label`, or a folder of PNG, JPEG or WebP files, by class in folders
    #[arg(long, value_name = "PATH", required_unless_present = "resume")]
    pub data: Option<PathBuf>,
    /// Scales each image to cover this size and crops its middle: a side, or WIDTHxHEIGHT [default: all must have the config's size]
    #[arg(long, value_name = "SIZE")]
    #[serde(default)]
    pub size: Option<ImageSize>,
    /// config.json of diffusers' UNet2DModel
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub config: Option<PathBuf>,
    /// The pipeline's folder; beside it in training/ are the losses, pictures of samples, and what --resume needs
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub output: Option<PathBuf>,
    /// Goes on with the training whose folder this is, with its options; --data, --steps, --learning-rate, --every and --device change them
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,

    /// What the network predicts
    #[arg(long, value_enum, default_value_t = Target::Epsilon)]
    pub prediction: Target,
    /// Weighs noise levels by min(SNR, GAMMA) of the error of the clean image (Hang et al. 2023; 5 there); without it, by the error of what is predicted
    #[arg(long = "min-snr", id = "gamma", value_name = "GAMMA")]
    pub min_snr: Option<f64>,
    /// The noise schedule, by diffusers' name
    #[arg(long, value_enum, default_value_t = BetaSchedule::SquaredcosCapV2)]
    pub beta_schedule: BetaSchedule,
    /// beta of the first timestep, for schedules that have it
    #[arg(long, default_value_t = 1e-4)]
    pub beta_start: f64,
    /// beta of the last timestep, for schedules that have it
    #[arg(long, default_value_t = 0.02)]
    pub beta_end: f64,
    /// Timesteps of the schedule
    #[arg(
        long = "timesteps",
        id = "num_train_timesteps",
        value_name = "TIMESTEPS",
        default_value_t = 1000
    )]
    pub timesteps: usize,
    /// Any scheduler_config.json of diffusers, in place of the five options before
    #[arg(long, value_name = "FILE", conflicts_with_all = ["prediction", "beta_schedule", "beta_start", "beta_end", "num_train_timesteps"])]
    pub scheduler: Option<PathBuf>,
    /// How often the class is left out, where num_class_embeds is one more than the data have classes: its last one means no class
    #[arg(long, default_value_t = 0.1)]
    pub class_dropout: f64,

    /// Steps of the optimiser
    #[arg(long, default_value_t = 10_000)]
    pub steps: usize,
    /// Images in a step
    #[arg(long, default_value_t = 128)]
    pub batch: usize,
    /// The largest learning rate
    #[arg(long, default_value_t = 1e-3)]
    pub learning_rate: f64,
    /// Steps until it is reached
    #[arg(long, default_value_t = 200)]
    pub warm_up: usize,
    /// How it falls to 0 until the last step
    #[arg(long, value_enum, default_value_t = LearningRateDecay::Cosine)]
    pub decay: LearningRateDecay,
    /// How much of Adam's mean of the gradients stays in a step
    #[arg(long, default_value_t = 0.9)]
    pub beta_1: f64,
    /// How much of Adam's mean of their squares stays in a step
    #[arg(long, default_value_t = 0.999)]
    pub beta_2: f64,
    /// AdamW's weight decay
    #[arg(long, default_value_t = 1e-4)]
    pub weight_decay: f64,
    /// The largest norm of the gradient
    #[arg(
        long = "clip",
        id = "max_gradient_norm",
        value_name = "NORM",
        default_value_t = 1.0
    )]
    pub clip: f64,
    /// How much of the average of the weights, which is what is saved, stays in a step
    #[arg(
        long = "ema",
        id = "ema_decay",
        value_name = "EMA",
        default_value_t = 0.999
    )]
    pub ema: f64,
    /// Mirrors half of the images, left to right
    #[arg(long)]
    pub flips: bool,
    /// Of the initial weights, the order of the images, and all noise
    #[arg(long, default_value_t = 0)]
    pub seed: u32,

    /// Steps between two checkpoints, each with a picture of samples
    #[arg(long, value_name = "STEPS", default_value_t = 500)]
    pub every: usize,
    /// How the weights are stored
    #[arg(long, value_enum, default_value_t = Format::F32)]
    pub weights: Format,
    /// Where to compute: vulkan and cuda need the features of that name
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,

    /// The title of the model card
    #[arg(long, default_value = "A diffusion model")]
    pub title: String,
    /// The licence in the model card
    #[arg(long, default_value = "unknown")]
    pub license: String,
    /// Where the data are from, and whom to credit, for the model card
    #[arg(long, default_value = "")]
    pub credit: String,

    /// Of the images, once they were read.
    #[arg(skip)]
    pub data_checksum: Option<u32>,
}

impl Options {
    /// Changes the options of a training that goes on to those that were given on the command line.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names what cannot change any more.
    pub fn change(&self, saved: &mut Self, matches: &ArgMatches) -> Result<()> {
        let command = Self::command();
        let given = command
            .get_arguments()
            .map(|argument| argument.get_id().as_str())
            .filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
        for name in given {
            match name {
                "resume" => {}
                "data" => {
                    saved.data.clone_from(&self.data);
                    saved.data_checksum = None;
                }
                "steps" => saved.steps = self.steps,
                "learning_rate" => saved.learning_rate = self.learning_rate,
                "every" => saved.every = self.every,
                "device" => saved.device = self.device,
                other => {
                    let expected = "left out: it cannot change with --resume";
                    return Err(Error::invalid(other, expected, "given"));
                }
            }
        }
        Ok(())
    }
}

/// `prediction_type` of diffusers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The noise.
    Epsilon,
    /// The clean image.
    Sample,
    /// alpha·eps − sigma·x_0.
    VPrediction,
}

/// `beta_schedule` of diffusers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum BetaSchedule {
    /// Evenly spaced.
    Linear,
    /// Square roots evenly spaced.
    ScaledLinear,
    /// Cosine.
    #[value(name = "squaredcos_cap_v2")]
    #[serde(rename = "squaredcos_cap_v2")]
    SquaredcosCapV2,
    /// A logistic curve.
    Sigmoid,
}

/// How the weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As they were trained.
    F32,
    /// In half the size.
    F16,
}
