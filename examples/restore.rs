//! Restores the test digits of MNIST and draws anagrams, and measures both with a classifier.
//! `cargo run --release --example restore -- FOLDER [COUNT] [STEPS] [TASK]`, where FOLDER holds the files of MNIST.
//!
//! Each digit has lost resolution or its lower half, and noise of standard deviation 0.05 was added. The table has the share of answers
//! that the classifier reads as the true class, the peak signal-to-noise ratio, and the residual, which should be about 0.05.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData};
use tweedie::dataset::images::ImageData;
use tweedie::evaluation::{Data, FeatureSpace, Training};
use tweedie::pipeline::{RePaintOptions, RestoreMethod, RestoreOptions, SynchroniseOptions};
use tweedie::restore::{Degradation, Transform, View};
use tweedie::sampler::{Ddim, Method};
use tweedie::train::Samples;
use tweedie::{Checkpoint, Error, Pipeline, Result, SampleOptions};

const NOISE: f64 = 0.05;
const BATCH: usize = 50;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else {
        println!("the first argument is the folder with the files of MNIST");
        return Ok(());
    };
    let number = |index: usize, default| {
        let given = arguments.get(index);
        given.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let bench = Bench::open(Path::new(folder), number(1, 200), number(2, 100))?;
    let task = arguments.get(3).map_or("", String::as_str);
    println!("| task | method | read as the true class | PSNR / dB | residual | s |");
    println!("|---|---|---|---|---|---|");
    if "super-resolution".contains(task) {
        bench.super_resolution()?;
    }
    if "half".contains(task) {
        bench.lower_half()?;
    }
    if "anagram".contains(task) {
        bench.anagrams()?;
    }
    Ok(())
}

/// A model, test digits and a classifier.
struct Bench {
    pipeline: Pipeline,
    classifier: FeatureSpace,
    digits: Samples<4>,
    steps: usize,
}

impl Bench {
    fn open(folder: &Path, count: usize, steps: usize) -> Result<Self> {
        let device = Device::flex();
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
        let held_out = ImageData::read_held_out(folder)?;
        let data = Data::of_images(ImageData::read(folder)?, held_out, 1)?;
        let rows: Vec<usize> = (0..count).collect();
        Ok(Self {
            pipeline: Pipeline::new(Checkpoint::read_folder(model.as_ref())?, &device)?,
            classifier: classifier(&data)?,
            digits: data.held_out.select(&rows)?,
            steps,
        })
    }

    fn super_resolution(&self) -> Result<()> {
        let name = "4× super-resolution";
        let degradation = Degradation::Downsample { factor: 4 };
        self.report(name, "the digits", &self.digits.clone(), None, 0.0)?;
        let observed = self.observe(self.digits.values(), &degradation)?;
        let options = InterpolateOptions {
            align_corners: false,
            output_size: Some([28, 28]),
            ..InterpolateOptions::new(InterpolateMode::Bilinear)
        };
        let bilinear = interpolate(observed, options);
        let bilinear = Samples::new(numbers(bilinear), self.digits.shape())?;
        self.report(name, "bilinear", &bilinear, None, 0.0)?;
        for method in [
            RestoreMethod::PiGdm,
            RestoreMethod::Dps { step_size: 100.0 },
            RestoreMethod::Ddrm { eta: 0.85 },
            RestoreMethod::Replacement,
        ] {
            self.restore(name, &degradation, method)?;
        }
        Ok(())
    }

    fn lower_half(&self) -> Result<()> {
        let mask = (0..28 * 28).map(|i| f32::from(i < 14 * 28)).collect();
        let degradation = Degradation::Inpaint { mask };
        for method in [
            RestoreMethod::PiGdm,
            RestoreMethod::Dps { step_size: 100.0 },
            RestoreMethod::Ddrm { eta: 0.85 },
            RestoreMethod::Replacement,
            RestoreMethod::RePaint(RePaintOptions {
                jump_samples: 3,
                eta: Some(1.0),
                ..RePaintOptions::default()
            }),
        ] {
            self.restore("lower half hidden", &degradation, method)?;
        }
        Ok(())
    }

    fn observe(&self, images: &[f32], degradation: &Degradation) -> Result<Tensor<4>> {
        self.pipeline.observe(images, degradation, NOISE, 1)
    }

    fn restore(&self, task: &str, degradation: &Degradation, method: RestoreMethod) -> Result<()> {
        let (mut answers, mut residuals) = (Vec::new(), Vec::new());
        let started = Instant::now();
        for images in self.digits.values().chunks(BATCH * 784) {
            let observed = numbers(self.observe(images, degradation)?);
            let options = RestoreOptions {
                method: Some(method),
                noise: NOISE,
                sample: SampleOptions {
                    method: sampler(method),
                    steps: Some(self.steps),
                    batch: Some(images.len() / 784),
                    ..SampleOptions::default()
                },
                ..RestoreOptions::new(degradation.clone())
            };
            let mut restoration = self.pipeline.restore(&observed, &options)?;
            while restoration.step()?.is_some() {}
            answers.extend(numbers(restoration.verified()?.clamp(-1.0, 1.0)));
            residuals.extend(restoration.residual().map(numbers).unwrap_or_default());
        }
        let seconds = started.elapsed().as_secs_f64();
        let answers = Samples::new(answers, self.digits.shape())?;
        let residual = residuals.iter().sum::<f32>() / residuals.len() as f32;
        let name = format!("{method:?}");
        self.report(task, &name, &answers, Some(residual), seconds)
    }

    fn report(
        &self,
        task: &str,
        method: &str,
        answers: &Samples<4>,
        residual: Option<f32>,
        seconds: f64,
    ) -> Result<()> {
        let features = self.classifier.features(answers)?;
        let accuracy = self.classifier.accuracy(&features, self.digits.classes());
        let residual = residual.map_or_else(String::new, |residual| format!("{residual:.3}"));
        let psnr = mean_psnr(answers.values(), self.digits.values());
        println!("| {task} | {method} | {accuracy:.3} | {psnr:.1} | {residual} | {seconds:.0} |");
        Ok(())
    }

    /// Digits that read 6 upright and 9 turned over.
    fn anagrams(&self) -> Result<()> {
        let started = Instant::now();
        let view = |class, transform| View {
            class_label: Some(class),
            transform,
            ..View::default()
        };
        let count = self.digits.len();
        let mut pictures = Vec::new();
        for first in (0..count).step_by(BATCH) {
            let mut sampling = self.pipeline.synchronise(&SynchroniseOptions {
                views: vec![view(6, Transform::Identity), view(9, Transform::Rotate180)],
                sample: SampleOptions {
                    method: Some(Ddim::default().into()),
                    steps: Some(50),
                    seed: first as u32,
                    batch: Some(BATCH.min(count - first)),
                    guidance_scale: 3.0,
                    ..SampleOptions::default()
                },
                ..SynchroniseOptions::default()
            })?;
            while sampling.step()?.is_some() {}
            pictures.extend(numbers(sampling.verified()?.clamp(-1.0, 1.0)));
        }
        let turned = pictures.chunks(784).flat_map(|image| image.iter().rev());
        let turned: Vec<f32> = turned.copied().collect();
        let shape = [count, 1, 28, 28];
        let read = |values| -> Result<Vec<usize>> {
            let features = self.classifier.features(&Samples::new(values, shape)?)?;
            Ok(self.classifier.classify(&features))
        };
        let both = read(pictures)?.into_iter().zip(read(turned)?);
        let right = both.filter(|both| *both == (6, 9)).count();
        let share = right as f64 / count as f64;
        let seconds = started.elapsed().as_secs_f64();
        println!("| anagram 6/9 | synchronised | {share:.3} both ways | | | {seconds:.0} |");
        Ok(())
    }
}

/// DDIM with some noise, for methods that any sampler runs.
fn sampler(method: RestoreMethod) -> Option<Method> {
    let has_own_steps = matches!(
        method,
        RestoreMethod::Ddrm { .. } | RestoreMethod::RePaint(_)
    );
    let ddim = Ddim {
        eta: 1.0,
        ..Ddim::default()
    };
    (!has_own_steps).then_some(ddim.into())
}

/// Trains the classifier, or reads it from the file of an earlier run.
fn classifier(data: &Data) -> Result<FeatureSpace> {
    let file: PathBuf = std::env::temp_dir().join("tweedie-digits-classifier.safetensors");
    let device = Device::flex();
    if let Ok(bytes) = std::fs::read(&file) {
        let space = FeatureSpace::from_bytes(&bytes, &device)?;
        if space.about().checksum == data.checksum() {
            return Ok(space);
        }
    }
    let space = FeatureSpace::train(data, &Training::default(), &device, |step, loss| {
        if step % 100 == 0 {
            eprintln!("classifier: step {step}, loss {loss:.3}");
        }
    })?;
    let unwritable = |error| Error::unwritable(file.display(), error);
    std::fs::write(&file, space.to_bytes()?).map_err(unwritable)?;
    Ok(space)
}

/// Mean over the images of `10·log10(4/mse)`, for values in [−1, 1].
fn mean_psnr(found: &[f32], expected: &[f32]) -> f64 {
    let psnr = |(found, expected): (&[f32], &[f32])| {
        let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
        let sum: f64 = found.iter().zip(expected).map(square).sum();
        10.0 * (4.0 * 784.0 / sum.max(1e-9)).log10()
    };
    let images = found.chunks(784).zip(expected.chunks(784));
    let count = found.len() / 784;
    images.map(psnr).sum::<f64>() / count as f64
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data: TensorData = tensor.into_data();
    data.iter().collect()
}
