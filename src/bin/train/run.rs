//! The run: steps, checkpoints, pictures.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use burn::tensor::Device;
use indicatif::{ProgressBar, ProgressStyle};
use tweedie::checkpoint::{SavedPipeline, write_folder};
use tweedie::cli::Picture;
use tweedie::diffusion::Process;
use tweedie::nn::UNet2d;
use tweedie::random::Generator;
use tweedie::sampler::{Method, ddim};
use tweedie::train::{AutodiffLearner, Trainer, TrainingState};
use tweedie::{Checkpoint, Error, Pipeline, Result, SampleOptions};

use crate::card::card;
use crate::curve::Curve;
use crate::options::Options;
use crate::recipe::Recipe;

const STATE: &str = "training/state.safetensors";
const LOSSES: &str = "training/losses.csv";
const OPTIONS: &str = "training/options.json";
/// Steps of DDIM for the pictures of samples.
const SAMPLING_STEPS: usize = 20;
/// Images across and down in them.
const MOST_COLUMNS: usize = 10;
const ROWS: usize = 4;

/// A training in its folder.
struct Run {
    recipe: Recipe,
    trainer: Trainer<AutodiffLearner<UNet2d>, 4>,
    curve: Curve,
    device: Device,
}

/// Trains until all steps are done, or Ctrl-C.
pub fn run(options: Options) -> Result<()> {
    let mut run = match &options.resume {
        Some(folder) => Run::resume(folder)?,
        None => Run::new(options)?,
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    ctrlc::set_handler(move || {
        // The second time, it was meant.
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .map_err(|error| Error::invalid("Ctrl-C", "free to handle", error.to_string()))?;
    run.train(&interrupted)
}

impl Run {
    fn new(mut options: Options) -> Result<Self> {
        // --resume may be called from elsewhere.
        let data = options.data.map(std::path::absolute).transpose();
        options.data = data.map_err(|error| Error::invalid("data", "a path", error.to_string()))?;
        let recipe = Recipe::new(options)?;
        if recipe.output().join(STATE).exists() {
            let expected =
                "a folder without a training; --resume goes on with the one that is there";
            return Err(Error::invalid("output", expected, recipe.output()));
        }
        let device = recipe.options.device.open();
        let mut generator = Generator::new(recipe.options.seed);
        let network = UNet2d::initialised(&recipe.unet, &mut generator, &device)?;
        let learner = AutodiffLearner::new(network, &device);
        let trainer = Trainer::new(learner, recipe.samples()?, recipe.train.clone())?;
        Ok(Self {
            recipe,
            trainer,
            curve: Curve::default(),
            device,
        })
    }

    fn resume(folder: &Path) -> Result<Self> {
        let malformed = |name: &str, error: String| {
            Error::malformed(folder.join(name).display().to_string(), error)
        };
        let read = |name: &str| {
            std::fs::read(folder.join(name)).map_err(|error| malformed(name, error.to_string()))
        };
        let mut options: Options = serde_json::from_slice(&read(OPTIONS)?)
            .map_err(|error| malformed(OPTIONS, error.to_string()))?;
        // The folder may have been moved.
        options.output = Some(folder.to_owned());
        options.config = Some(folder.join("unet/config.json"));
        options.scheduler = Some(folder.join("scheduler/scheduler_config.json"));
        let recipe = Recipe::new(options)?;
        let device = recipe.options.device.open();
        let state = TrainingState::from_bytes(&read(STATE)?, &device)
            .map_err(|error| malformed(STATE, error.to_string()))?;
        // Its weights are overwritten.
        let network = UNet2d::initialised(&recipe.unet, &mut Generator::new(0), &device)?;
        let curve = Curve::read(&folder.join(LOSSES), state.step)?;
        let learner = AutodiffLearner::new(network, &device);
        let trainer = Trainer::resume(learner, recipe.samples()?, state)?;
        Ok(Self {
            recipe,
            trainer,
            curve,
            device,
        })
    }

    fn train(&mut self, interrupted: &AtomicBool) -> Result<()> {
        let (first, last) = (self.trainer.steps(), self.recipe.options.steps);
        let bar = progress_bar(first, last);
        let start = Instant::now();
        while self.trainer.steps() < last {
            self.step()?;
            let steps = self.trainer.steps();
            let images = ((steps - first) * self.recipe.options.batch) as f64;
            let speed = images / start.elapsed().as_secs_f64();
            bar.set_message(format!(
                "loss {:.5}, {speed:.0} images/s",
                self.curve.recent()
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
                let folder = self.recipe.output().display();
                bar.abandon();
                println!("saved at step {steps}; go on with --resume {folder}");
                return Ok(());
            }
        }
        bar.finish();
        println!("saved in {}", self.recipe.output().display());
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        let rate = self.trainer.learning_rate();
        // What a dropout draws depends on the step alone.
        self.device
            .seed((u64::from(self.recipe.options.seed) << 32) + self.trainer.steps() as u64);
        let loss = self.trainer.step()?.into_scalar::<f32>();
        if self.device != Device::flex() {
            self.trainer
                .judge(self.trainer.steps() - 1, f64::from(loss))?;
        }
        self.curve.push(loss, rate);
        Ok(())
    }

    /// Writes the pipeline, the state and the losses, and returns the pipeline's files.
    fn save(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let network = self.trainer.learner().average();
        let pipeline = SavedPipeline {
            unet_config: &self.recipe.unet_json,
            scheduler_config: &self.recipe.scheduler_json,
            labels: match self.recipe.unet.class_count() {
                0 => &[],
                _ => self.recipe.data.class_names(),
            },
            null_class_label: self.recipe.null_class_label,
            network: &network,
            format: self.recipe.format(),
        };
        let files = pipeline.to_files()?;
        let (parameters, steps) = (network.parameter_count(), self.trainer.steps());
        let card = card(&self.recipe, parameters, steps, self.curve.recent());
        let options = serde_json::to_vec_pretty(&self.recipe.options)
            .map_err(|error| Error::malformed(OPTIONS, error))?;
        let mut all = files.clone();
        all.insert("README.md".to_owned(), card.into_bytes());
        all.insert(OPTIONS.to_owned(), options);
        all.insert(LOSSES.to_owned(), self.curve.to_csv());
        all.insert(STATE.to_owned(), self.trainer.state().to_bytes()?);
        write_folder(self.recipe.output(), &all)?;
        Ok(files)
    }

    /// Draws samples from the pipeline as it was saved.
    fn draw(&self, files: BTreeMap<String, Vec<u8>>) -> Result<()> {
        let pipeline = Pipeline::new(Checkpoint::from_files(files)?, &self.device)?;
        let classes = pipeline.labels().map_or(0, <[String]>::len);
        let columns = if classes == 0 {
            MOST_COLUMNS
        } else {
            classes.min(MOST_COLUMNS)
        };
        let count = columns * ROWS;
        let method = Method::Ddim {
            eta: 0.0,
            direction: ddim::Direction::Predicted,
        };
        let discrete = matches!(pipeline.scheduler().process, Process::Discrete(_));
        let mut sampling = pipeline.sample(&SampleOptions {
            method: discrete.then_some(method),
            steps: Some(SAMPLING_STEPS),
            batch: Some(count),
            class_labels: match classes {
                0 => Vec::new(),
                classes => (0..count).map(|index| index % columns % classes).collect(),
            },
            ..SampleOptions::default()
        })?;
        while sampling.step()?.is_some() {}
        let picture = Picture::grid(sampling.noisy(), pipeline.data_range(), columns)?;
        let folder = self.recipe.output().join("training/samples");
        std::fs::create_dir_all(&folder)
            .map_err(|error| Error::unwritable(folder.display(), error))?;
        picture.write_png(&folder.join(format!("{:07}.png", self.trainer.steps())))
    }
}

fn progress_bar(first: usize, last: usize) -> ProgressBar {
    let bar = ProgressBar::new(last as u64).with_position(first as u64);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.reset_eta();
    bar
}
