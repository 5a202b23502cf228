//! Models whose input is scaled to unit variance: the final samples of a pipeline have the scale of the data.

use crate::common::{assert_close, fixture, values};
use burn::tensor::Device;
use tweedie::checkpoint::scheduler::{FinalSigma, SpacingOptions};
use tweedie::pipeline::{ImageSampling, LatentOptions, Start};
use tweedie::random::Generator;
use tweedie::{Checkpoint, Pipeline, SampleOptions};

const SIGMA_DATA: f32 = 0.5;
const SIGMA_MIN: f32 = 0.002;

/// A tiny network with a scheduler.
fn pipeline(scheduler: &str) -> Pipeline {
    let json = format!(r#"{{"_class_name": "{scheduler}"}}"#);
    let scheduler = ("scheduler_config.json".to_owned(), json.into_bytes());
    let files = std::fs::read_dir(fixture("unet/single_level")).unwrap();
    let files = files.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(&path).unwrap())
    });
    let checkpoint = Checkpoint::from_files(files.chain([scheduler]).collect()).unwrap();
    Pipeline::new(checkpoint, &Device::flex()).unwrap()
}

/// Runs all steps except the last.
fn before_the_last(mut run: ImageSampling) -> ImageSampling {
    while run.completed_steps() + 1 < run.steps() {
        run.step().unwrap();
    }
    run
}

#[test]
fn a_consistency_models_last_sample_is_its_estimate() {
    let options = SampleOptions {
        steps: Some(2),
        ..SampleOptions::default()
    };
    let pipeline = pipeline("CMStochasticIterativeScheduler");
    let mut run = before_the_last(pipeline.sample(&options).unwrap());
    run.step().unwrap();
    let clean = values(run.clean().unwrap());
    assert_close("the sample", &values(run.noisy()), &clean, 1e-6);
}

#[test]
fn edms_last_sample_is_in_the_scale_of_the_data_where_some_noise_is_left() {
    let options = SampleOptions {
        steps: Some(3),
        spacing: SpacingOptions {
            final_sigma: Some(FinalSigma::SigmaMin),
            ..SpacingOptions::default()
        },
        ..SampleOptions::default()
    };
    let pipeline = pipeline("EDMEulerScheduler");
    let mut run = before_the_last(pipeline.sample(&options).unwrap());
    let scaled = values(run.noisy());
    let progress = run.step().unwrap().unwrap();
    // The network is conditioned on ln(s)/4.
    let sigma = (4.0 * progress.timestep).exp() as f32;
    let clean = values(run.clean().unwrap());
    let expected: Vec<f32> = scaled
        .iter()
        .zip(&clean)
        .map(|(x, clean)| {
            let noisy = x * sigma.hypot(SIGMA_DATA);
            clean + SIGMA_MIN / sigma * (noisy - clean)
        })
        .collect();
    assert_close("the sample", &values(run.noisy()), &expected, 1e-5);
}

fn finish(mut run: ImageSampling) -> Vec<f32> {
    while run.step().unwrap().is_some() {}
    values(run.noisy())
}

/// Grey levels in [−1, 1].
fn images(pipeline: &Pipeline) -> Vec<f32> {
    let numbers = pipeline.channels() * pipeline.sample_size().iter().product::<usize>();
    let uniform = Generator::new(4).uniform(numbers);
    uniform.into_iter().map(|u| 2.0 * u - 1.0).collect()
}

#[test]
fn an_image_goes_to_edms_latents_in_their_scale_and_comes_back_in_its_own() {
    let pipeline = pipeline("EDMEulerScheduler");
    let images = images(&pipeline);
    let options = LatentOptions::default();
    let run = pipeline.encode(&images, &options).unwrap();
    let scale = 1.0 / SIGMA_MIN.hypot(SIGMA_DATA);
    let scaled: Vec<f32> = images.iter().map(|x| x * scale).collect();
    assert_close("the start", &values(run.noisy()), &scaled, 1e-5);
    let latents = finish(run);
    let back = finish(pipeline.decode(&latents, &options).unwrap());
    assert_close("the images", &back, &images, 1e-2);
}

#[test]
fn images_of_a_variance_exploding_model_begin_between_zero_and_one() {
    let pipeline = pipeline("ScoreSdeVeScheduler");
    let images = images(&pipeline);
    let unit: Vec<f32> = images.iter().map(|x| 0.5 * x + 0.5).collect();
    let run = pipeline.encode(&images, &LatentOptions::default()).unwrap();
    assert_close("the latents", &values(run.noisy()), &unit, 1e-6);
    let options = SampleOptions {
        steps: Some(10),
        start: Some(Start {
            images,
            strength: 0.5,
        }),
        ..SampleOptions::default()
    };
    let run = pipeline.sample(&options).unwrap();
    let noise = Generator::new(0).normal(unit.len());
    // Song et al. 2021: sigma decreases geometrically from 1348 to 0.01; half of the ten steps are left.
    let sigma = 1348.0_f32 * (0.01_f32 / 1348.0).powf(5.0 / 9.0);
    let expected: Vec<f32> = unit.iter().zip(noise).map(|(x, z)| x + sigma * z).collect();
    assert_close("the start", &values(run.noisy()), &expected, 1e-3);
}
