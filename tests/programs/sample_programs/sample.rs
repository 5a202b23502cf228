//! `sample`: its images, and rejected arguments.

use std::fs;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use tempfile::TempDir;
use tweedie::checkpoint::scheduler::{FinalSigma, Spacing, SpacingOptions};
use tweedie::cli::Picture;
use tweedie::pipeline::DataRange;
use tweedie::sampler::catalog::CATALOG;
use tweedie::sampler::{Ddim, Euler, Method, ddim};
use tweedie::{Checkpoint, Pipeline, SampleOptions};

use super::{SAMPLE, mnist, refusal, run, tiny};

/// Width, height, and RGBA pixels.
fn read_png(path: &Path) -> ([usize; 2], Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(frame.buffer_size());
    ([frame.width as usize, frame.height as usize], bytes)
}

#[test]
fn sample_writes_the_pixels_of_the_library_for_the_same_seed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("grid.png");
    let output = run(
        SAMPLE,
        &[
            &mnist(),
            "--sampler=ddim",
            "--eta=0.5",
            "--use-clipped-model-output",
            "--steps=2",
            "--seed=3",
            "--count=3",
            "--columns=2",
            "--class=7,1",
            "--guidance-scale=2",
            "--output",
            path.to_str().unwrap(),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let checkpoint = Checkpoint::read_folder(mnist().as_ref()).unwrap();
    let pipeline = Pipeline::new(checkpoint, &Device::flex()).unwrap();
    let options = SampleOptions {
        method: Some(Method::Ddim(Ddim {
            eta: 0.5,
            noise_estimate: ddim::NoiseEstimate::Rederived,
        })),
        steps: Some(2),
        seed: 3,
        class_labels: vec![7, 1, 7],
        guidance_scale: 2.0,
        ..SampleOptions::default()
    };
    let mut sampling = pipeline.sample(&options).unwrap();
    while sampling.step().unwrap().is_some() {}
    let expected = Picture::grid(sampling.noisy(), DataRange::Symmetric, 2).unwrap();
    assert_eq!([expected.width, expected.height], [58, 58]);
    assert_eq!(read_png(&path), ([58, 58], expected.pixels));
}

#[test]
fn sample_takes_what_is_said_about_guidance_and_levels() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("grid.png");
    let usual = [
        &mnist(),
        "--sampler=euler",
        "--steps=8",
        "--count=2",
        "--class=7",
        "--guidance-scale=2",
        "--output",
        path.to_str().unwrap(),
    ];
    let output = run(
        SAMPLE,
        &[
            &usual[..],
            &[
                "--guidance-rescale=0.7",
                "--guidance-interval",
                "0.5",
                "5",
                "--spacing=beta",
                "--final-sigma=sigma-min",
            ],
        ]
        .concat(),
    );
    assert!(output.status.success(), "{output:?}");
    let checkpoint = Checkpoint::read_folder(mnist().as_ref()).unwrap();
    let pipeline = Pipeline::new(checkpoint, &Device::flex()).unwrap();
    let mut sampling = pipeline
        .sample(&SampleOptions {
            method: Some(Method::Euler(Euler)),
            spacing: SpacingOptions {
                spacing: Spacing::from_name("beta"),
                final_sigma: FinalSigma::from_name("sigma-min"),
            },
            steps: Some(8),
            class_labels: vec![7; 2],
            guidance_scale: 2.0,
            guidance_rescale: 0.7,
            guidance_interval: Some([0.5, 5.0]),
            ..SampleOptions::default()
        })
        .unwrap();
    while sampling.step().unwrap().is_some() {}
    // As many columns as rows, or one more.
    let expected = Picture::grid(sampling.noisy(), DataRange::Symmetric, 2).unwrap();
    assert_eq!([expected.width, expected.height], [58, 28]);
    assert_eq!(read_png(&path), ([58, 28], expected.pixels));
}

#[test]
fn images_of_a_picture_lie_in_rows_with_a_gap_between_them() {
    // Three images of two pixels in one row.
    let values = vec![-1.0_f32, -0.6, -0.2, 0.2, 0.6, 1.0];
    let images = Tensor::from_data(TensorData::new(values, [3, 1, 1, 2]), &Device::flex());
    let picture = Picture::grid(images, DataRange::Symmetric, 2).unwrap();
    assert_eq!([picture.width, picture.height], [6, 4]);
    let rows: Vec<Vec<u8>> = picture
        .pixels
        .chunks(6 * 4)
        .map(|row| row.chunks(4).map(|pixel| pixel[0]).collect())
        .collect();
    let empty = vec![0; 6];
    assert_eq!(
        rows,
        [
            vec![0, 51, 0, 0, 102, 153],
            empty.clone(),
            empty,
            vec![204, 255, 0, 0, 0, 0]
        ]
    );
    let gap = picture.pixels.chunks(4).filter(|pixel| pixel[3] == 0);
    assert_eq!(gap.count(), 24 - 6, "what is no image is transparent");
}

#[test]
fn every_sampler_that_fits_the_model_runs_by_its_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("grid.png");
    for entry in CATALOG {
        let mut arguments = vec![tiny(), "--count=1".to_owned()];
        arguments.push(format!("--output={}", path.display()));
        arguments.push(format!("--sampler={}", entry.name));
        if entry.name != "dormand-prince" {
            arguments.push("--steps=5".to_owned());
        }
        if entry.name.ends_with("langevin") {
            arguments.push("--step-size=1e-4".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(SAMPLE, &arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        match entry.name {
            "consistency" => assert!(
                message.contains("only supports consistency models"),
                "{message}"
            ),
            name => {
                assert!(output.status.success(), "{name}: {message}");
                assert_eq!(read_png(&path).0, [8, 8]);
                fs::remove_file(&path).unwrap();
            }
        }
    }
}

#[test]
fn what_sample_cannot_do_is_refused_by_the_name_of_the_argument() {
    let (tiny, mnist) = (tiny(), mnist());
    let cases: [(&[&str], &[&str]); 12] = [
        (&[&tiny, "--sampler=euler2"], &["dpm-solver++", "unipc"]),
        (
            &[&tiny, "--sampler=ddim", "--order=2"],
            &["--order", "eta, use_clipped_model_output"],
        ),
        (
            &[&tiny, "--sampler=unipc", "--variant=bh3"],
            &["--variant", "bh1, bh2"],
        ),
        (&[&tiny, "--sampler=lms", "--order=9"], &["order", "4"]),
        (&[&tiny, "--sampler=langevin"], &["--step-size", "given"]),
        (
            &[&tiny, "--sampler=ddim", "--eta=much"],
            &["--eta", "a number"],
        ),
        (&[&tiny, "--class=3"], &["--class", "no classes"]),
        (&[&mnist, "--class=ten"], &["--class", "0 to 10"]),
        (
            &[&mnist, "--guidance-scale=2"],
            &["--guidance-scale", "no class labels"],
        ),
        (&[&tiny, "--count=0"], &["--count", "at least 1"]),
        (&[&tiny, "--columns=0"], &["--columns", "at least 1"]),
        (
            &[&tiny, "--steps=5", "--output=no/such/folder/grid.png"],
            &["no/such/folder", "written"],
        ),
    ];
    for (arguments, named) in cases {
        let message = refusal(SAMPLE, arguments);
        for name in named {
            assert!(
                message.contains(name),
                "{arguments:?}: {message} does not name {name}"
            );
        }
    }
}

#[test]
fn help_lists_every_sampler_and_every_option() {
    let output = run(SAMPLE, &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for entry in CATALOG {
        assert!(help.contains(entry.name));
        for option in entry.options {
            let argument = format!("--{}", option.name.replace('_', "-"));
            assert!(help.contains(&argument), "{argument}");
        }
    }
}
