//! From the options to a validated training run.

use std::path::Path;

use serde_json::{Map, Value, json};
use tweedie::checkpoint::{DIFFUSERS_VERSION, SchedulerConfig, WeightFormat};
use tweedie::cli::read_images;
use tweedie::dataset::images::ImageData;
use tweedie::diffusion::{Process, Sde};
use tweedie::nn::UNet2dConfig;
use tweedie::nn::unet2d::config::TimeEmbeddingType;
use tweedie::train::{
    Augmentation, ClassDropout, Flips, LearningRateSchedule, Objective, Optimizer, Samples,
    TimeSampling, TrainOptions, Weighting,
};
use tweedie::{Checkpoint, Error, Result, json};

use crate::options::{BetaSchedule, Format, Options, Target};

/// The data, the network and the options of a training run.
pub struct Recipe {
    pub options: Options,
    pub data: ImageData,
    pub unet_json: Map<String, Value>,
    pub unet: UNet2dConfig,
    pub scheduler_json: Map<String, Value>,
    pub null_class_label: Option<usize>,
    pub train: TrainOptions,
}

impl Recipe {
    pub fn new(mut options: Options) -> Result<Self> {
        let (Some(path), Some(config)) = (&options.data, &options.config) else {
            return Err(Error::invalid("data and config", "given", "nothing"));
        };
        let unet_json = read_json(config)?;
        let unet = Checkpoint::read_unet_config(&unet_json)?;
        let data = read_images(path, options.size)?;
        check_fit(&unet, &data)?;
        let checksum = Some(data.checksum());
        if options.data_checksum.is_some() && options.data_checksum != checksum {
            let expected =
                "the images of the start of the run; to continue with other images, use --data";
            return Err(Error::invalid("data", expected, path));
        }
        options.data_checksum = checksum;
        let classes = data.class_names().len();
        let null_class_label = (unet.class_count() > classes && classes > 0).then_some(classes);
        let scheduler_json = match &options.scheduler {
            Some(path) => read_json(path)?,
            None => scheduler(&options),
        };
        for warning in SchedulerConfig::from_json(&scheduler_json)?.warnings() {
            eprintln!("warning: {warning}");
        }
        if unet.class_count() == 0 && classes > 0 {
            eprintln!(
                "warning: num_class_embeds of the config is null: the network does not learn the {classes} classes"
            );
        }
        let train = train_options(&options, &scheduler_json, null_class_label)?;
        train.check()?;
        check_times(&unet, &train.objective.process)?;
        if options.every == 0 || options.steps == 0 {
            let found = [options.every, options.steps];
            return Err(Error::invalid("every and steps", "at least 1 each", found));
        }
        Ok(Self {
            options,
            data,
            unet_json,
            unet,
            scheduler_json,
            null_class_label,
            train,
        })
    }

    pub fn format(&self) -> WeightFormat {
        match self.options.weights {
            Format::F32 => WeightFormat::F32,
            Format::F16 => WeightFormat::F16,
        }
    }

    /// The images as training samples.
    pub fn samples(&self) -> Result<Samples<4>> {
        let samples = self.data.samples(self.unet.in_channels)?;
        Ok(match self.unet.class_count() {
            0 => samples.without_classes(),
            _ => samples,
        })
    }

    /// The output folder.
    pub fn output(&self) -> &Path {
        self.options.output.as_deref().unwrap_or(Path::new("."))
    }
}

fn read_json(path: &Path) -> Result<Map<String, Value>> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| Error::malformed(&name, error))?;
    json::read_object(&name, &bytes)
}

/// Checks that the network matches the images.
fn check_fit(config: &UNet2dConfig, data: &ImageData) -> Result<()> {
    let (size, found) = (data.size(), config.sample_size());
    if size != found {
        let [height, width] = found;
        let expected = format!(
            "{size:?}, the height and width of the images; or resize them with --size {width}x{height}"
        );
        return Err(Error::invalid("sample_size of the config", expected, found));
    }
    if config.in_channels != config.out_channels {
        let expected = format!("{}, equal to in_channels", config.in_channels);
        return Err(Error::invalid(
            "out_channels of the config",
            expected,
            config.out_channels,
        ));
    }
    if let Some(kind) = config.class_embed_type {
        return Err(Error::unsupported(
            "class_embed_type",
            kind,
            "null, with num_class_embeds",
        ));
    }
    let (classes, embeds) = (data.class_names().len(), config.class_count());
    match (embeds, classes) {
        (0, _) => Ok(()),
        (_, 0) => {
            let expected = "null: the images are unlabelled";
            Err(Error::invalid(
                "num_class_embeds of the config",
                expected,
                embeds,
            ))
        }
        _ if embeds == classes || embeds == classes + 1 => Ok(()),
        _ => {
            let expected = format!(
                "{classes}, the number of classes of the images, or {}, with an additional null class",
                classes + 1
            );
            Err(Error::invalid(
                "num_class_embeds of the config",
                expected,
                embeds,
            ))
        }
    }
}

/// Rejects timestep 0 for networks that embed the logarithm of the time.
fn check_times(config: &UNet2dConfig, process: &Process) -> Result<()> {
    match (config.time_embedding_type, process) {
        (TimeEmbeddingType::Fourier, Process::Discrete(_)) => {
            let supported = "positional; fourier requires a --scheduler without timesteps, such as that of a score SDE";
            Err(Error::unsupported(
                "time_embedding_type",
                "fourier",
                supported,
            ))
        }
        _ => Ok(()),
    }
}

/// The `scheduler_config.json` for the options.
fn scheduler(options: &Options) -> Map<String, Value> {
    let prediction = match options.prediction {
        Target::Epsilon => "epsilon",
        Target::Sample => "sample",
        Target::VPrediction => "v_prediction",
    };
    let schedule = match options.beta_schedule {
        BetaSchedule::Linear => "linear",
        BetaSchedule::ScaledLinear => "scaled_linear",
        BetaSchedule::SquaredcosCapV2 => "squaredcos_cap_v2",
        BetaSchedule::Sigmoid => "sigmoid",
    };
    let config = json!({
        "_class_name": "DDPMScheduler",
        "_diffusers_version": DIFFUSERS_VERSION,
        "beta_end": options.beta_end,
        "beta_schedule": schedule,
        "beta_start": options.beta_start,
        "clip_sample": true,
        "clip_sample_range": 1.0,
        "num_train_timesteps": options.timesteps,
        "prediction_type": prediction,
        "timestep_spacing": "leading",
        "variance_type": "fixed_small",
    });
    match config {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn train_options(
    options: &Options,
    scheduler: &Map<String, Value>,
    null_class: Option<usize>,
) -> Result<TrainOptions> {
    let scheduler = SchedulerConfig::from_json(scheduler)?;
    if let Process::Sde(Sde::VarianceExploding { .. }) = scheduler.process {
        let supported =
            "schedulers for images with values in [-1, 1]; ScoreSdeVeScheduler uses [0, 1]";
        return Err(Error::unsupported(
            "scheduler",
            "ScoreSdeVeScheduler",
            supported,
        ));
    }
    let steps = options.steps;
    Ok(TrainOptions {
        objective: Objective {
            process: scheduler.process,
            prediction: scheduler.prediction,
            weighting: match options.min_snr {
                Some(gamma) => Weighting::MinSnr { gamma },
                None => Weighting::Simple,
            },
            times: TimeSampling::LowVariance,
        },
        optimizer: Optimizer {
            learning_rate: LearningRateSchedule {
                peak: options.learning_rate,
                warm_up: options.warm_up,
                decay: options.decay,
                steps,
            },
            beta_1: options.beta_1,
            beta_2: options.beta_2,
            weight_decay: options.weight_decay,
            max_gradient_norm: Some(options.clip),
            ema_decay: options.ema,
            ..Optimizer::default()
        },
        augmentation: Augmentation {
            class_dropout: null_class.map(|null_class| ClassDropout {
                null_class,
                probability: options.class_dropout,
            }),
            flips: if options.flips {
                Flips::Horizontal
            } else {
                Flips::None
            },
        },
        batch: options.batch,
        seed: options.seed,
    })
}
