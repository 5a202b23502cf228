//! Command-line options.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use tweedie::cli::{DeviceKind, ImageSize, finite};
use tweedie::train::LearningRateDecay;
use tweedie::{Error, Result};

/// Train a diffusion model on images and save it as a diffusers pipeline.
///
/// Ctrl-C saves and exits. --resume continues; on the CPU the result is bit-identical to an uninterrupted run.
#[derive(Clone, Debug, PartialEq, Parser, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(version)]
pub struct Options {
    /// Training images: a folder with idx files such as MNIST's, an .npz with `images` and optionally `label`, or a
    /// folder of PNG, JPEG or WebP files, with one subfolder per class
    #[arg(long, value_name = "PATH", required_unless_present = "resume")]
    pub data: Option<PathBuf>,
    /// Scale each image to cover this size and crop its centre: a side, or WIDTHxHEIGHT [default: all images must have
    /// the size of the config]
    #[arg(long, value_name = "SIZE")]
    #[serde(default)]
    pub size: Option<ImageSize>,
    /// config.json of a diffusers UNet2DModel
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub config: Option<PathBuf>,
    /// Output folder of the pipeline; its subfolder training/ contains the losses, sample images, and the state for
    /// --resume
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub output: Option<PathBuf>,
    /// Resume the run in DIR with its saved options; --data, --steps, --learning-rate, --every and --device override
    /// them
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,

    /// Prediction type of the network
    #[arg(long, value_enum, default_value_t = Target::Epsilon)]
    pub prediction: Target,
    /// Min-SNR weighting: the error of the clean image times min(SNR, GAMMA) (Hang et al. 2023, with GAMMA 5) [default:
    /// the error of the prediction]
    #[arg(long = "min-snr", id = "gamma", value_name = "GAMMA", value_parser = finite)]
    pub min_snr: Option<f64>,
    /// Noise schedule, by its name in diffusers
    #[arg(long, value_enum, default_value_t = BetaSchedule::SquaredcosCapV2)]
    pub beta_schedule: BetaSchedule,
    /// beta of the first timestep, for schedules that have it
    #[arg(long, value_parser = finite, default_value_t = 1e-4)]
    pub beta_start: f64,
    /// beta of the last timestep, for schedules that have it
    #[arg(long, value_parser = finite, default_value_t = 0.02)]
    pub beta_end: f64,
    /// Number of timesteps of the schedule
    #[arg(
        long = "timesteps",
        id = "num_train_timesteps",
        value_name = "TIMESTEPS",
        default_value_t = 1000
    )]
    pub timesteps: usize,
    /// A scheduler_config.json of diffusers, instead of the five options above
    #[arg(long, value_name = "FILE", conflicts_with_all = ["prediction", "beta_schedule", "beta_start", "beta_end", "num_train_timesteps"])]
    pub scheduler: Option<PathBuf>,
    /// Probability of replacing a class by the null class, the last one if num_class_embeds is one more than the number
    /// of classes
    #[arg(long, value_parser = finite, default_value_t = 0.1)]
    pub class_dropout: f64,

    /// Number of optimiser steps
    #[arg(long, default_value_t = 10_000)]
    pub steps: usize,
    /// Batch size
    #[arg(long, default_value_t = 128)]
    pub batch: usize,
    /// Peak learning rate
    #[arg(long, value_parser = finite, default_value_t = 1e-3)]
    pub learning_rate: f64,
    /// Length of the warm-up in steps
    #[arg(long, default_value_t = 200)]
    pub warm_up: usize,
    /// Decay of the learning rate to 0 at the last step
    #[arg(long, value_enum, default_value_t = LearningRateDecay::Cosine)]
    pub decay: LearningRateDecay,
    /// Adam's beta_1
    #[arg(long, value_parser = finite, default_value_t = 0.9)]
    pub beta_1: f64,
    /// Adam's beta_2
    #[arg(long, value_parser = finite, default_value_t = 0.999)]
    pub beta_2: f64,
    /// AdamW's weight decay
    #[arg(long, value_parser = finite, default_value_t = 1e-4)]
    pub weight_decay: f64,
    /// Maximum norm of the gradients
    #[arg(
        long = "clip",
        id = "max_gradient_norm",
        value_name = "NORM",
        value_parser = finite,
        default_value_t = 1.0
    )]
    pub clip: f64,
    /// EMA decay of the weights; the averaged weights are saved
    #[arg(
        long = "ema",
        id = "ema_decay",
        value_name = "EMA",
        value_parser = finite,
        default_value_t = 0.999
    )]
    pub ema: f64,
    /// Mirror images left to right with probability 1/2
    #[arg(long)]
    pub flips: bool,
    /// Seed of the initial weights, the order of the images, and all noise
    #[arg(long, default_value_t = 0)]
    pub seed: u32,

    /// Number of steps between checkpoints, each with sample images
    #[arg(long, value_name = "STEPS", default_value_t = 500)]
    pub every: usize,
    /// Number format of the saved weights
    #[arg(long, value_enum, default_value_t = Format::F32)]
    pub weights: Format,
    /// Device; vulkan and cuda require the feature of that name
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,

    /// Title of the model card
    #[arg(long, default_value = "A diffusion model")]
    pub title: String,
    /// Licence in the model card
    #[arg(long, default_value = "unknown")]
    pub license: String,
    /// Source of the data and credits, for the model card
    #[arg(long, default_value = "")]
    pub credit: String,

    /// Checksum of the images, once they are read.
    #[arg(skip)]
    pub data_checksum: Option<u32>,
}

impl Options {
    /// Overrides the saved options of a resumed run with those given on the command line.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names an option that cannot change.
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
    /// Evenly spaced betas.
    Linear,
    /// Evenly spaced square roots of beta.
    ScaledLinear,
    /// The cosine schedule.
    #[value(name = "squaredcos_cap_v2")]
    #[serde(rename = "squaredcos_cap_v2")]
    SquaredcosCapV2,
    /// A logistic curve.
    Sigmoid,
}

/// Number format of the saved weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// 32 bits.
    F32,
    /// 16 bits.
    F16,
}
