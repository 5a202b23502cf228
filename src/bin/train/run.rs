//! The training run: steps, checkpoints, sample images.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use clap::ArgMatches;
use indicatif::HumanDuration;
use tweedie::checkpoint::{SavedPipeline, write_folder};
use tweedie::cli::{Picture, progress_bar};
use tweedie::diffusion::Process;
use tweedie::evaluation::{Request, sample_images};
use tweedie::nn::UNet2d;
use tweedie::pipeline::DataRange;
use tweedie::random::Generator;
use tweedie::sampler::{Ddim, Method};
use tweedie::train::{AutodiffModel, Trainer, TrainingState};
use tweedie::{Checkpoint, Error, Pipeline, Result, json};

use crate::card::card;
use crate::curve::Curve;
use crate::options::Options;
use crate::recipe::Recipe;

const STATE: &str = "training/state.safetensors";
const LOSSES: &str = "training/losses.csv";
const OPTIONS: &str = "training/options.json";
/// DDIM steps of the sample images.
const SAMPLING_STEPS: usize = 20;
/// Maximum number of columns and rows of the sample images.
const MAX_COLUMNS: usize = 10;
const ROWS: usize = 4;

/// A training run and its folder.
struct Run {
    recipe: Recipe,
    trainer: Trainer<AutodiffModel<UNet2d>, 4>,
    curve: Curve,
    device: Device,
}

/// Trains until all steps are complete, or Ctrl-C.
pub fn run(options: Options, matches: &ArgMatches) -> Result<()> {
    let mut run = match &options.resume {
        Some(folder) => Run::resume(folder, &options, matches)?,
        None => Run::new(options)?,
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    ctrlc::set_handler(move || {
        // The second Ctrl-C exits immediately.
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .map_err(|error| Error::invalid("Ctrl-C", "free to handle", error.to_string()))?;
    run.train(&interrupted)
}

impl Run {
    fn new(mut options: Options) -> Result<Self> {
        // --resume may be called from another directory.
        let data = options.data.map(std::path::absolute).transpose();
        options.data = data.map_err(|error| Error::invalid("data", "a path", error.to_string()))?;
        check_output(options.output.as_deref().unwrap_or(Path::new(".")))?;
        let recipe = Recipe::new(options)?;
        let device = recipe.options.device.open();
        let mut generator = Generator::new(recipe.options.seed);
        let network = UNet2d::initialised(&recipe.unet, &mut generator, &device)?;
        let model = AutodiffModel::new(network, &device);
        let trainer = Trainer::new(model, recipe.samples()?, recipe.train.clone())?;
        let run = Self {
            recipe,
            trainer,
            curve: Curve::default(),
            device,
        };
        // Detects a pipeline that cannot be sampled from, and a folder that cannot be created.
        let (pipeline, request) = run.sampler(run.pipeline_files(&run.trainer.model().ema())?)?;
        request.evaluations(&pipeline)?;
        let output = run.recipe.output();
        std::fs::create_dir_all(output)
            .map_err(|error| Error::unwritable(output.display(), error))?;
        Ok(run)
    }

    fn resume(folder: &Path, changed: &Options, matches: &ArgMatches) -> Result<Self> {
        let malformed = |name: &str, error: String| {
            Error::malformed(folder.join(name).display().to_string(), error)
        };
        let read = |name: &str| {
            std::fs::read(folder.join(name)).map_err(|error| malformed(name, error.to_string()))
        };
        let mut options: Options =
            json::read(&read(OPTIONS)?).map_err(|error| malformed(OPTIONS, error.to_string()))?;
        changed.change(&mut options, matches)?;
        // The folder may have been moved.
        options.output = Some(folder.to_owned());
        options.config = Some(folder.join("unet/config.json"));
        options.scheduler = Some(folder.join("scheduler/scheduler_config.json"));
        let recipe = Recipe::new(options)?;
        let device = recipe.options.device.open();
        let mut state = TrainingState::from_bytes(&read(STATE)?, &device)
            .map_err(|error| malformed(STATE, error.to_string()))?;
        if state.options.augmentation.class_dropout != recipe.train.augmentation.class_dropout {
            let expected = "images with the same number of classes as at the start of the run";
            let found = recipe.data.class_names().len();
            return Err(Error::invalid("data", expected, found));
        }
        // Includes changes of the number of steps and of the learning rate.
        state.options.optimizer.learning_rate = recipe.train.optimizer.learning_rate;
        // The initial weights are overwritten.
        let network = UNet2d::initialised(&recipe.unet, &mut Generator::new(0), &device)?;
        let curve = Curve::read(&folder.join(LOSSES), state.step)?;
        let model = AutodiffModel::new(network, &device);
        let trainer = Trainer::resume(model, recipe.samples()?, state)?;
        Ok(Self {
            recipe,
            trainer,
            curve,
            device,
        })
    }

    fn train(&mut self, interrupted: &AtomicBool) -> Result<()> {
        let (first, last) = (self.trainer.steps(), self.recipe.options.steps);
        let folder = self.recipe.output().display().to_string();
        let bar = progress_bar(last, "{wide_bar} {pos}/{len} {msg}").with_position(first as u64);
        let start = Instant::now();
        while self.trainer.steps() < last {
            if let Err(error) = self.step() {
                bar.abandon();
                if let Error::Diverged { .. } = error {
                    self.curve.truncate(self.trainer.steps());
                    self.save()?;
                    let steps = self.trainer.steps();
                    println!(
                        "saved the weights of step {steps}; continue with --resume {folder} --learning-rate RATE"
                    );
                }
                return Err(error);
            }
            let steps = self.trainer.steps();
            let (done, seconds) = ((steps - first) as f64, start.elapsed().as_secs_f64());
            let left = Duration::from_secs_f64((last - steps) as f64 * seconds / done);
            bar.set_message(format!(
                "loss {:.5}, {:.0} images/s, {} left",
                self.curve.recent(),
                done * self.recipe.options.batch as f64 / seconds,
                HumanDuration(left)
            ));
            bar.set_position(steps as u64);
            let stop = interrupted.load(Ordering::SeqCst);
            if stop || steps == last || steps.is_multiple_of(self.recipe.options.every) {
                let files = self.save()?;
                if !stop {
                    self.draw(files)?;
                }
            }
            if stop {
                bar.abandon();
                println!("saved at step {steps}; continue with --resume {folder}");
                return Ok(());
            }
        }
        bar.finish();
        println!("saved in {folder}");
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        let rate = self.trainer.learning_rate();
        // Dropout depends only on the step.
        self.device
            .seed((u64::from(self.recipe.options.seed) << 32) + self.trainer.steps() as u64);
        let loss = self.trainer.step()?.into_scalar::<f32>();
        if self.device != Device::flex() {
            self.trainer
                .record_loss(self.trainer.steps() - 1, f64::from(loss))?;
        }
        self.curve.push(loss, rate);
        Ok(())
    }

    /// The files of the pipeline with these weights.
    fn pipeline_files(&self, network: &UNet2d) -> Result<BTreeMap<String, Vec<u8>>> {
        let pipeline = SavedPipeline {
            unet_config: &self.recipe.unet_json,
            scheduler_config: &self.recipe.scheduler_json,
            labels: match self.recipe.unet.class_count() {
                0 => &[],
                _ => self.recipe.data.class_names(),
            },
            null_class_label: self.recipe.null_class_label,
            network,
            format: self.recipe.format(),
        };
        pipeline.to_files()
    }

    /// Writes the pipeline, the losses and the state, and returns the pipeline's files.
    fn save(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let network = self.trainer.model().ema();
        let files = self.pipeline_files(&network)?;
        let (parameters, steps) = (network.parameter_count(), self.trainer.steps());
        let card = card(&self.recipe, parameters, steps, self.curve.recent());
        let options = serde_json::to_vec_pretty(&self.recipe.options)
            .map_err(|error| Error::malformed(OPTIONS, error))?;
        let (losses, state) = (self.curve.to_csv(), self.trainer.state().to_bytes()?);
        let training = [
            ("README.md", card.as_bytes()),
            (OPTIONS, &options),
            (LOSSES, &losses),
            // Last: if the state is new, all other files are.
            (STATE, &state),
        ];
        let pipeline = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), &bytes[..]));
        write_folder(self.recipe.output(), pipeline.chain(training))?;
        Ok(files)
    }

    /// Generates sample images from the saved pipeline.
    fn draw(&self, files: BTreeMap<String, Vec<u8>>) -> Result<()> {
        let (pipeline, request) = self.sampler(files)?;
        let images = sample_images(&pipeline, &request, |_| ())?.images;
        let columns = columns(&pipeline);
        let picture = Picture::grid(
            images.to_tensor(&self.device),
            DataRange::Symmetric,
            columns,
        )?;
        let folder = self.recipe.output().join("training/samples");
        std::fs::create_dir_all(&folder)
            .map_err(|error| Error::unwritable(folder.display(), error))?;
        picture.write_png(&folder.join(format!("{:07}.png", self.trainer.steps())))
    }

    /// The pipeline and the sampling options of the sample images: the classes in turn, with at most a batch of images
    /// at a time.
    fn sampler(&self, files: BTreeMap<String, Vec<u8>>) -> Result<(Pipeline, Request)> {
        let pipeline = Pipeline::new(Checkpoint::from_files(files)?, &self.device)?;
        let ddim = Method::from(Ddim::default());
        let (method, steps) = match &pipeline.scheduler().process {
            Process::Discrete(schedule) => (Some(ddim), SAMPLING_STEPS.min(schedule.len())),
            _ => (None, SAMPLING_STEPS),
        };
        let classes = pipeline.labels().map_or(0, <[String]>::len);
        let columns = columns(&pipeline);
        let count = columns * ROWS;
        let request = Request {
            method,
            steps: Some(steps),
            guidance_scale: 1.0,
            count,
            class_labels: match classes {
                0 => Vec::new(),
                classes => (0..count).map(|index| index % columns % classes).collect(),
            },
            batch: count.min(self.recipe.options.batch),
            seed: 0,
        };
        Ok((pipeline, request))
    }
}

/// Number of columns of the sample images: one per class.
fn columns(pipeline: &Pipeline) -> usize {
    match pipeline.labels() {
        Some(labels) => labels.len().min(MAX_COLUMNS),
        None => MAX_COLUMNS,
    }
}

/// Checks that the folder does not contain anything that would be overwritten.
fn check_output(folder: &Path) -> Result<()> {
    if folder.join(STATE).exists() {
        let expected = "a folder without a saved run; continue that run with --resume";
        return Err(Error::invalid("output", expected, folder));
    }
    match std::fs::read_dir(folder) {
        Ok(mut files) => match files.next() {
            None => Ok(()),
            Some(_) => {
                let expected = "a new or empty folder";
                Err(Error::invalid("output", expected, folder))
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::unwritable(folder.display(), error)),
    }
}
