//! Encoding and decoding, guidance, and the interpolation of latents.

use std::path::Path;

use crate::common::scalar::exact_flow;
use crate::common::{assert_close, values};
use burn::tensor::{Device, Tensor};
use tweedie::diffusion::{Betas, IdealDenoiser, NoiseSchedule, Process, slerp};
use tweedie::pipeline::{ImageSampling, Integrator, LatentOptions};
use tweedie::random::Generator;
use tweedie::sampler::probability_flow::Solver;
use tweedie::sampler::{Clipping, Euler, Heun, Method, Sampling, Step, Trajectory, dormand_prince};
use tweedie::{Checkpoint, Pipeline, SampleOptions};

fn mnist() -> Pipeline {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/mnist");
    Pipeline::new(Checkpoint::read_folder(&folder).unwrap(), &Device::flex()).unwrap()
}

fn finish(mut sampling: ImageSampling) -> Vec<f32> {
    while sampling.step().unwrap().is_some() {}
    values(sampling.noisy())
}

fn digits(pipeline: &Pipeline) -> Vec<f32> {
    let options = SampleOptions {
        method: Some(Method::Heun(Heun)),
        steps: Some(10),
        class_labels: vec![3, 8],
        ..SampleOptions::default()
    };
    let images = finish(pipeline.sample(&options).unwrap());
    images.into_iter().map(|x| x.clamp(-1.0, 1.0)).collect()
}

#[test]
fn a_hundred_heun_steps_to_latents_and_back_return_the_images() {
    let pipeline = mnist();
    let images = digits(&pipeline);
    let options = LatentOptions {
        class_labels: vec![3, 8],
        ..LatentOptions::default()
    };
    let latents = finish(pipeline.encode(&images, &options).unwrap());
    let variance = latents.iter().map(|x| x * x).sum::<f32>() / latents.len() as f32;
    assert!(
        (0.6..1.6).contains(&variance),
        "latents have the variance {variance}"
    );
    let back = finish(pipeline.decode(&latents, &options).unwrap());
    let error = distance(&images, &back);
    assert!(error < 1e-3, "root mean square difference {error}");
}

/// Root mean square difference.
fn distance(one: &[f32], other: &[f32]) -> f32 {
    let squares = one.iter().zip(other).map(|(a, b)| (a - b).powi(2));
    (squares.sum::<f32>() / one.len() as f32).sqrt()
}

#[test]
fn the_adaptive_solver_follows_the_flow_of_the_fixed_steps_there_and_back() {
    let pipeline = mnist();
    let image = &digits(&pipeline)[..784];
    let options = LatentOptions {
        integrator: Integrator::Adaptive(Integrator::TOLERANCE),
        class_labels: vec![3],
    };
    let latent = finish(pipeline.encode(image, &options).unwrap());
    let fixed = LatentOptions {
        integrator: Integrator::Fixed {
            solver: Solver::RungeKutta4,
            steps: 100,
        },
        class_labels: vec![3],
    };
    let expected = finish(pipeline.encode(image, &fixed).unwrap());
    let error = distance(&latent, &expected);
    assert!(error < 0.02, "from the latent of fixed steps: {error}");
    let back = finish(pipeline.decode(&latent, &options).unwrap());
    let error = distance(image, &back);
    assert!(error < 0.01, "root mean square difference {error}");
}

#[test]
fn the_end_of_the_adaptive_solver_is_in_the_images_own_scale() {
    let device = Device::flex();
    let process = Process::Edm { sigma_data: 0.5 };
    let [from, to] = [2.0, 0.5].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let trajectory = Trajectory::new(vec![Step { from, to }], process);
    let model = IdealDenoiser::of_mixture(Tensor::zeros([1, 2], &device), vec![0.5], vec![1.0]);
    let model = model.unwrap();
    let end = |divisor: f64| {
        let tolerance = dormand_prince::Tolerance::default();
        let mut plan = Method::DormandPrince(tolerance).plan(&trajectory).unwrap();
        plan.divide_end(divisor);
        let start = Tensor::<2>::from_floats([[0.4, -1.0]], &device);
        let mut run = Sampling::new(start, plan, Clipping::None, Generator::new(0));
        while run.step(&model).unwrap().is_some() {}
        values(run.noisy())
    };
    let scaled: Vec<f32> = end(1.0).iter().map(|x| x / 0.25).collect();
    assert_close("the end", &end(0.25), &scaled, 1e-6);
}

#[test]
fn the_adaptive_solver_goes_to_noise_and_back_as_the_exact_flow_does() {
    const STD: f64 = 0.5;
    let device = Device::flex();
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    let process = Process::Discrete(NoiseSchedule::new(&betas, 1000).unwrap());
    let ends = [0.02, 100.0].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let mean = Tensor::zeros([1, 3], &device);
    let model = IdealDenoiser::of_mixture(mean, vec![STD], vec![1.0]).unwrap();
    let start = [[0.3, -0.7, 1.0]];
    for [from, to] in [ends, [ends[1], ends[0]]] {
        let trajectory = Trajectory::new(vec![Step { from, to }], process.clone());
        let tolerance = dormand_prince::Tolerance {
            absolute: 1e-5,
            relative: 1e-5,
            ..Default::default()
        };
        let plan = Method::DormandPrince(tolerance).plan(&trajectory).unwrap();
        let noisy = Tensor::<2>::from_floats(start, &device);
        let mut run = Sampling::new(noisy, plan, Clipping::None, Generator::new(0));
        while run.step(&model).unwrap().is_some() {}
        let exact = start[0].map(|x| exact_flow(x, from, to, 0.0, STD) as f32);
        assert_close("the end", &values4(run.noisy()), &exact, 1e-4);
    }
}

#[test]
fn bad_latents_are_refused_by_name() {
    let pipeline = mnist();
    let options = LatentOptions::default();
    let refused = |run: tweedie::Result<ImageSampling>| run.err().unwrap().to_string();
    assert!(refused(pipeline.encode(&[0.0; 5], &options)).starts_with("images must be"));
    assert!(refused(pipeline.decode(&[f32::NAN; 784], &options)).starts_with("latents must be"));
    let options = |integrator| LatentOptions {
        integrator,
        ..LatentOptions::default()
    };
    for steps in [0, 100_001] {
        let solver = Solver::Heun;
        let options = options(Integrator::Fixed { solver, steps });
        assert!(refused(pipeline.encode(&[0.0; 784], &options)).starts_with("steps must be"));
    }
    let options = options(Integrator::Adaptive(dormand_prince::Tolerance {
        relative: 0.0,
        ..Default::default()
    }));
    let message = refused(pipeline.decode(&[0.0; 784], &options));
    assert!(
        message.starts_with("relative_tolerance must be"),
        "{message}"
    );
}

fn guided(rescale: f64, interval: Option<[f64; 2]>, scale: f64) -> SampleOptions {
    SampleOptions {
        method: Some(Method::Euler(Euler)),
        steps: Some(4),
        class_labels: vec![5],
        guidance_scale: scale,
        guidance_rescale: rescale,
        guidance_interval: interval,
        ..SampleOptions::default()
    }
}

#[test]
fn guidance_acts_in_its_interval_alone() {
    let pipeline = mnist();
    let run = |options| finish(pipeline.sample(&options).unwrap());
    let everywhere = run(guided(0.0, None, 3.0));
    assert_close(
        "all",
        &run(guided(0.0, Some([0.0, 1e9]), 3.0)),
        &everywhere,
        1e-6,
    );
    let conditional = run(guided(0.0, None, 1.0));
    assert_close(
        "none",
        &run(guided(0.0, Some([1e8, 1e9]), 3.0)),
        &conditional,
        1e-5,
    );
    let some = run(guided(0.0, Some([0.5, 20.0]), 3.0));
    assert!(some != everywhere && some != conditional);
    assert!(run(guided(1.0, None, 3.0)) != everywhere);
    let refused = |options| pipeline.sample(&options).err().unwrap().to_string();
    assert!(refused(guided(1.5, None, 3.0)).starts_with("guidance_rescale must be"));
    assert!(refused(guided(0.0, Some([2.0, 1.0]), 3.0)).starts_with("guidance_interval must be"));
}

#[test]
fn slerp_keeps_the_norm_and_divides_the_angle() {
    let device = Device::flex();
    let a = Tensor::<2>::from_floats([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]], &device);
    let b = Tensor::<2>::from_floats([[0.0, 2.0], [1.0, 1.0], [0.0, -3.0]], &device);
    let third = (std::f32::consts::FRAC_PI_6).sin_cos();
    let expected = [2.0 * third.1, 2.0 * third.0, 1.0, 1.0, 0.0, 1.0];
    assert_close(
        "a third",
        &values4(slerp(a.clone(), b.clone(), 1.0 / 3.0)),
        &expected,
        1e-5,
    );
    for (t, expected) in [(0.0, &a), (1.0, &b)] {
        let found = slerp(a.clone(), b.clone(), t);
        assert_close("an end", &values4(found), &values4(expected.clone()), 1e-5);
    }
    let noise = |seed| {
        Tensor::<1>::from_floats(Generator::new(seed).normal(4096).as_slice(), &device)
            .reshape([1, 4096])
    };
    let middle = values4(slerp(noise(0), noise(1), 0.5));
    let variance = middle.iter().map(|x| x * x).sum::<f32>() / 4096.0;
    assert!((variance - 1.0).abs() < 0.05, "{variance}");
}

fn values4(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}
