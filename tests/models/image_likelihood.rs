//! The log-likelihood of images under networks.

use std::f64::consts::{LN_2, PI};
use std::path::Path;

use crate::common::{Tensors, fixture, values};
use burn::tensor::{Device, Tensor};
use tweedie::diffusion::{Denoiser, NoiseLevel, Prediction, Process, Sde, SigmaSpacing};
use tweedie::likelihood::{Divergence, LogLikelihood};
use tweedie::pipeline::{Dequantisation, ImageLikelihood, LikelihoodOptions, UNetDenoiser};
use tweedie::random::Generator;
use tweedie::sampler::probability_flow::Solver;
use tweedie::{Checkpoint, Pipeline};

/// A tiny network of the parity fixtures, with a scheduler.
fn checkpoint(name: &str, scheduler: &str) -> Checkpoint {
    let scheduler = format!(r#"{{"_class_name": "{scheduler}"}}"#);
    let scheduler = ("scheduler_config.json".to_owned(), scheduler.into_bytes());
    let files = std::fs::read_dir(fixture(&format!("unet/{name}"))).unwrap();
    let files = files.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(&path).unwrap())
    });
    Checkpoint::from_files(files.chain([scheduler]).collect()).unwrap()
}

fn denoiser(name: &str, scheduler: &str, prediction: Prediction) -> UNetDenoiser {
    let unet = checkpoint(name, scheduler).load_unet(&Device::flex());
    UNetDenoiser::new(unet.unwrap(), prediction, 3)
}

/// The log-likelihood over a single Euler step.
fn one_step(images: Tensor<4>, model: &UNetDenoiser, divergence: Divergence) -> Vec<f32> {
    let process = Process::Sde(Sde::VariancePreserving {
        beta_min: 0.1,
        beta_max: 20.0,
    });
    let levels = LEVELS.map(told);
    let mut run = LogLikelihood::new(images, &levels, &process, Solver::Euler, divergence).unwrap();
    while run.step(model).unwrap().is_some() {}
    values(run.nats())
}

const LEVELS: [f64; 2] = [0.8, 1.1];

/// A variance-preserving level for a network conditioned on timesteps.
fn told(noise_to_signal: f64) -> NoiseLevel {
    NoiseLevel::from_noise_to_signal(100.0 * noise_to_signal, noise_to_signal)
}

/// The same by central differences in each value of one image.
fn by_finite_differences(image: &Tensor<4>, model: &UNetDenoiser) -> f64 {
    const STEP: f64 = 0.02;
    let [from, to] = LEVELS.map(told);
    let noisy = image.clone() * from.alpha;
    let numbers = noisy.dims().iter().product::<usize>();
    let unit = |index: usize| {
        let mut unit = vec![0.0_f32; numbers];
        unit[index] = 1.0;
        Tensor::<1>::from_floats(unit.as_slice(), &Device::flex()).reshape(noisy.dims())
    };
    let units = Tensor::cat((0..numbers).map(unit).collect(), 0); // [numbers, channels, height, width]
    let clean = |x: Tensor<4>| model.denoise(x, from).clean;
    let moved = |step: f64| clean(noisy.clone() + units.clone() * step);
    let difference = |step: f64| {
        let change = (moved(step) - moved(-step)) * units.clone();
        f64::from(values(change.sum())[0]) / (2.0 * step)
    };
    // Richardson extrapolation has an error of STEP^4.
    let trace = (4.0 * difference(STEP) - difference(2.0 * STEP)) / 3.0;

    let length = to.noise_to_signal() - from.noise_to_signal();
    let divergence = (numbers as f64 - from.alpha * trace) / from.noise_to_signal();
    let slope = (noisy.clone() - clean(noisy) * from.alpha) / from.sigma;
    let end = values((image.clone() + slope * length) * to.alpha);
    let squares: f64 = end.iter().map(|x| f64::from(*x).powi(2)).sum();
    let prior = numbers as f64 * (to.alpha.ln() - (2.0 * PI).ln() / 2.0) - squares / 2.0;
    prior + length * divergence
}

#[test]
fn the_likelihood_under_a_network_is_that_of_finite_differences() {
    let name = "single_level";
    let model = denoiser(name, "DDPMScheduler", Prediction::Noise);
    let sample = Tensors::read(&format!("unet/{name}/io.safetensors")).tensor::<4>("sample");
    let image = sample.narrow(0, 0, 1);
    let expected = by_finite_differences(&image, &model);
    let exact = f64::from(one_step(image.clone(), &model, Divergence::Exact)[0]);
    assert!((exact - expected).abs() < 0.01, "{exact}, not {expected}");

    let copies = 64;
    let divergence = Divergence::Hutchinson { probes: 2, seed: 3 };
    let found = one_step(image.repeat_dim(0, copies), &model, divergence);
    let mean = found.iter().map(|x| f64::from(*x)).sum::<f64>() / copies as f64;
    let squares = found.iter().map(|x| (f64::from(*x) - mean).powi(2));
    let error = squares.sum::<f64>().sqrt() / copies as f64;
    assert!(error > 0.0 && (mean - expected).abs() < 3.0 * error);
}

#[test]
fn values_from_zero_to_one_have_a_bit_more_to_a_grey_level() {
    let (name, scheduler) = ("ncsnpp", "ScoreSdeVeScheduler");
    let pipeline = Pipeline::new(checkpoint(name, scheduler), &Device::flex()).unwrap();
    let [channels, height, width] = [3, pipeline.sample_size()[0], pipeline.sample_size()[1]];
    let numbers = channels * height * width;
    let images: Vec<f32> = Generator::new(0).uniform(numbers);
    let options = LikelihoodOptions {
        solver: Solver::Euler,
        steps: 2,
        dequantisation: Dequantisation::None,
        ..LikelihoodOptions::default()
    };
    let found = finish(pipeline.log_likelihood(&images, &options).unwrap());

    let model = denoiser(name, scheduler, Prediction::Score);
    let process = &pipeline.scheduler().process;
    let [most, least] = pipeline.scheduler().noise_range().unwrap();
    let ratios =
        SigmaSpacing::Karras { rho: 7.0 }.noise_to_signal_ratios(least, most.min(200.0), 3);
    let levels = ratios.unwrap().into_iter().rev();
    let levels: Vec<NoiseLevel> = levels
        .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal))
        .collect();
    let images = Tensor::<1>::from_floats(images.as_slice(), &Device::flex());
    let images = images.reshape([1, channels, height, width]) * 0.5 + 0.5;
    let divergence = Divergence::Hutchinson { probes: 1, seed: 0 };
    let mut run = LogLikelihood::new(images, &levels, process, Solver::Euler, divergence).unwrap();
    while run.step(&model).unwrap().is_some() {}
    let nats = f64::from(values(run.nats())[0]);
    let expected = -nats / (numbers as f64 * LN_2) + 255_f64.log2();
    assert!(
        (f64::from(found[0]) / expected - 1.0).abs() < 1e-5,
        "{found:?}, not {expected}"
    );
}

fn mnist() -> Pipeline {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex()).unwrap()
}

fn finish(mut run: ImageLikelihood) -> Vec<f32> {
    while run.step().unwrap().is_some() {}
    assert_eq!(run.completed_steps(), run.steps());
    values(run.bits_per_dimension())
}

#[test]
fn the_shipped_model_gives_strokes_more_density_than_grey_levels_at_random() {
    let pipeline = mnist();
    let options = LikelihoodOptions {
        steps: 10,
        ..LikelihoodOptions::default()
    };
    let stroke = (0..784).map(|i| {
        let inside = (4..24).contains(&(i / 28)) && (13..16).contains(&(i % 28));
        if inside { 1.0 } else { -1.0 }
    });
    let random = Generator::new(0).uniform(784);
    let random = random
        .into_iter()
        .map(|u| (u * 255.0).round() / 127.5 - 1.0);
    let images: Vec<f32> = stroke.chain(random).collect();
    let start = |options: &LikelihoodOptions| pipeline.log_likelihood(&images, options).unwrap();
    let found = finish(start(&options));
    assert!(found[0] > 0.0 && found[0] + 3.0 < found[1], "{found:?}");
    assert_eq!(found, finish(start(&options)));
    let other = LikelihoodOptions { seed: 1, ..options };
    assert!(found != finish(start(&other)));
}

#[test]
fn all_that_a_caller_chooses_about_a_likelihood_acts() {
    let pipeline = mnist();
    let image: Vec<f32> = (0..784).map(|i| (i % 28) as f32 / 14.0 - 1.0).collect();
    let usual = LikelihoodOptions {
        solver: Solver::Euler,
        steps: 2,
        ..LikelihoodOptions::default()
    };
    let of =
        |options: &LikelihoodOptions| finish(pipeline.log_likelihood(&image, options).unwrap());
    let expected = of(&usual);
    assert_eq!(of(&usual), expected);
    for options in [
        LikelihoodOptions {
            solver: Solver::Heun,
            ..usual.clone()
        },
        LikelihoodOptions {
            steps: 3,
            ..usual.clone()
        },
        LikelihoodOptions {
            probes: 2,
            ..usual.clone()
        },
        LikelihoodOptions {
            dequantisation: Dequantisation::Uniform { seed: 1 },
            ..usual.clone()
        },
        LikelihoodOptions {
            dequantisation: Dequantisation::None,
            ..usual.clone()
        },
        LikelihoodOptions {
            class_labels: vec![3],
            ..usual.clone()
        },
    ] {
        assert_ne!(of(&options), expected, "{options:?}");
    }
}

#[test]
fn bad_options_are_refused_by_name() {
    let pipeline = mnist();
    let refused = |images: &[f32], options: &LikelihoodOptions| {
        let run = pipeline.log_likelihood(images, options);
        run.err().unwrap().to_string()
    };
    let usual = LikelihoodOptions::default();
    for images in [&[0.0; 5][..], &[f32::NAN; 784], &[1.5; 784], &[]] {
        assert!(refused(images, &usual).starts_with("images must be"));
    }
    let many = vec![0.0; 784 * 6000];
    assert!(refused(&many, &usual).starts_with("number of images must be"));
    let image = [0.0; 784];
    let no_steps = LikelihoodOptions {
        steps: 0,
        ..usual.clone()
    };
    assert!(refused(&image, &no_steps).starts_with("steps must be"));
    for probes in [0, 1025, usize::MAX] {
        let options = LikelihoodOptions {
            probes,
            ..usual.clone()
        };
        assert!(refused(&image, &options).starts_with("probes must be"));
    }
    // A single image supports 1024 probes, but all probes together must fit in memory.
    let probes = LikelihoodOptions {
        probes: 1000,
        ..usual.clone()
    };
    assert!(
        refused(&vec![0.0; 784 * 100], &probes).starts_with("probes must be between 1 and 855")
    );
    let no_class = LikelihoodOptions {
        class_labels: vec![99],
        ..usual
    };
    assert!(refused(&image, &no_class).starts_with("class_labels must be"));
}
