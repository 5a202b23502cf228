//! `sample`: generates images from a diffusers folder into a PNG file.

mod restore;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use tweedie::checkpoint::scheduler::{FinalSigma, Spacing, SpacingOptions};
use tweedie::cli::{self, DeviceKind, Picture};
use tweedie::sampler::Progress;
use tweedie::{Checkpoint, Error, Pipeline, Result, SampleOptions};

use crate::restore::RestoreArguments;

const ABOUT: &str = "Sample from a diffusion model into a grid of images";
const EXAMPLES: &str = "\
Examples:
  sample www/models/mnist --sampler ddim --steps 20 --class 0,1,2,3,4,5,6,7,8,9 --count 100 --output digits.png
  sample www/models/mnist --sampler ddim --use-clipped-model-output --guidance-scale 2 --class 7 --output sevens.png
  sample www/models/mnist --sampler dpm-solver++ --order 3 --steps 10 --seed 1 --output samples.png
  sample www/models/mnist --restore small.png --operator downsample:factor=4 --noise 0.05 --steps 50 --count 8

A seed gives the images that the browser and diffusers give.";

#[derive(Args, Debug)]
struct Arguments {
    /// The model: a diffusers folder
    folder: PathBuf,
    /// Output file
    #[arg(long, short, value_name = "FILE", default_value = "samples.png")]
    output: PathBuf,
    /// Number of images
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 16)]
    count: usize,
    /// Number of columns [default: the square root of the number of images]
    #[arg(long, value_name = "NUMBER")]
    columns: Option<usize>,
    /// Number of steps [default: that of diffusers' pipelines]
    #[arg(long, value_name = "NUMBER")]
    steps: Option<usize>,
    /// Seed of all noise
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u32,
    /// Classes by name or number, repeated in turn [default: the null class]
    #[arg(
        long = "class",
        id = "class_labels",
        value_name = "CLASS",
        value_delimiter = ','
    )]
    classes: Vec<String>,
    /// Strength of classifier-free guidance; 1 disables it
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    guidance_scale: f64,
    /// Rescaling of guided predictions to the standard deviation of the conditional ones, 0 to 1
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    guidance_rescale: f64,
    /// Range of noise levels sigma/alpha in which guidance is applied [default: all]
    #[arg(long, value_names = ["LOW", "HIGH"], num_args = 2)]
    guidance_interval: Option<Vec<f64>>,
    /// Spacing of the noise levels [default: that of the model's scheduler]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(Spacing::ALL.map(Spacing::name)))]
    spacing: Option<String>,
    /// Noise level at the end [default: that of the model's scheduler]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(FinalSigma::ALL.map(FinalSigma::name)))]
    final_sigma: Option<String>,
    /// Device; vulkan and cuda require the feature of that name
    #[arg(long, value_enum, default_value_t)]
    device: DeviceKind,
    #[command(flatten)]
    restoration: RestoreArguments,
}

fn main() -> ExitCode {
    let command = Command::new("sample").about(ABOUT).after_help(EXAMPLES);
    let command = cli::with_samplers(Arguments::augment_args(command));
    let matches = command.clone().get_matches();
    match run(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", cli::in_arguments(error, &command));
            ExitCode::FAILURE
        }
    }
}

fn run(matches: &ArgMatches) -> Result<()> {
    let arguments = Arguments::from_arg_matches(matches).unwrap_or_else(|error| error.exit());
    check_output(&arguments)?;
    let checkpoint = Checkpoint::read_folder(&arguments.folder)?;
    let pipeline = Pipeline::new(checkpoint, &arguments.device.open())?;
    let options = sample_options(&arguments, matches, &pipeline)?;
    let columns = match arguments.columns {
        Some(columns) => columns,
        None => (arguments.count as f64).sqrt().ceil() as usize,
    };
    let restoration = arguments.restoration.start(&pipeline, options.clone())?;
    let images = if let Some(mut restoration) = restoration {
        complete(restoration.steps(), || restoration.step())?;
        if let Some(residual) = restoration.residual() {
            let residual: f32 = residual.mean().into_scalar();
            eprintln!("residual of the observation: {residual:.4}");
        }
        restoration.verified()?
    } else {
        let mut sampling = pipeline.sample(&options)?;
        complete(sampling.steps(), || sampling.step())?;
        sampling.verified()?
    };
    Picture::grid(images, pipeline.data_range(), columns)?.write_png(&arguments.output)?;
    println!("{}", arguments.output.display());
    Ok(())
}

/// Runs all steps under a progress bar.
fn complete(steps: usize, mut step: impl FnMut() -> Result<Option<Progress>>) -> Result<()> {
    let template = "{bar:40} {pos}/{len} network evaluations, {eta} left";
    let bar = cli::progress_bar(steps, template);
    while let Some(progress) = step()? {
        bar.set_length(progress.steps as u64);
        bar.set_position(progress.step as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Checks the output file before minutes of sampling.
fn check_output(arguments: &Arguments) -> Result<()> {
    let (path, columns) = (&arguments.output, arguments.columns);
    if columns == Some(0) {
        return Err(Error::invalid("columns", "at least 1", 0));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let reason = "there is no such folder";
            Err(Error::unwritable(path.display(), reason))
        }
        _ => Ok(()),
    }
}

fn sample_options(
    arguments: &Arguments,
    matches: &ArgMatches,
    pipeline: &Pipeline,
) -> Result<SampleOptions> {
    let (name, mut own) = cli::sampler(matches)?;
    let method = pipeline.scheduler().method_named(name, &mut own)?;
    let is_the_models = name.is_none() && method == pipeline.default_method();
    let interval = arguments.guidance_interval.as_deref();
    let spacing = arguments.spacing.as_deref();
    let final_sigma = arguments.final_sigma.as_deref();
    if arguments.count == 0 {
        return Err(Error::invalid("count", "at least 1", 0));
    }
    Ok(SampleOptions {
        method: (!is_the_models).then_some(method),
        spacing: SpacingOptions {
            spacing: spacing.and_then(Spacing::from_name),
            final_sigma: final_sigma.and_then(FinalSigma::from_name),
        },
        steps: arguments.steps,
        seed: arguments.seed,
        batch: Some(arguments.count),
        class_labels: cli::class_labels(pipeline, &arguments.classes, arguments.count)?,
        guidance_scale: arguments.guidance_scale,
        guidance_rescale: arguments.guidance_rescale,
        guidance_interval: interval.and_then(|interval| interval.try_into().ok()),
        ..SampleOptions::default()
    })
}
