//! Divergences that models compute themselves, against automatic differentiation.

use crate::common::{assert_close, values};
use burn::tensor::{Device, Tensor, TensorData};
use tweedie::dataset::{Named, PointData};
use tweedie::diffusion::{
    Betas, Denoiser, IdealDenoiser, NoiseLevel, NoiseSchedule, Prediction, Process,
};
use tweedie::nn::activation::Activation;
use tweedie::nn::mlp::TimeEmbedding;
use tweedie::nn::{Mlp, MlpConfig};
use tweedie::pipeline::PointModel;
use tweedie::random::Generator;

fn points() -> Tensor<2> {
    let numbers = Generator::new(4).normal(2 * 50);
    Tensor::from_data(TensorData::new(numbers, [50, 2]), &Device::flex())
}

/// `∇·x0_hat` from two gradients.
fn differentiated(model: &impl Denoiser<2>, points: &Tensor<2>, level: NoiseLevel) -> Vec<f32> {
    let mut divergence = vec![0.0; points.dims()[0]];
    for axis in 0..2 {
        let x = points.clone().autodiff().require_grad();
        let clean = model.denoise(x.clone(), level).clean;
        let gradients = clean.narrow(1, axis, 1).sum().backward();
        let gradient = values(x.grad(&gradients).unwrap().narrow(1, axis, 1));
        divergence
            .iter_mut()
            .zip(gradient)
            .for_each(|(sum, term)| *sum += term);
    }
    divergence
}

#[track_caller]
fn is_its_own_divergence(what: &str, model: &impl Denoiser<2>, level: NoiseLevel, tolerance: f32) {
    let (estimate, divergence) = model.denoise_with_divergence(&points(), level).unwrap();
    let clean = model.denoise(points(), level).clean;
    assert_close(what, &values(estimate.clean), &values(clean), tolerance);
    let expected = differentiated(model, &points(), level);
    assert_close(what, &values(divergence), &expected, tolerance);
}

#[test]
fn a_networks_divergence_is_that_of_automatic_differentiation() {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    let schedule = NoiseSchedule::new(&betas, 1000).unwrap();
    let level = schedule.level(300).unwrap();
    for activation in [
        Activation::Silu,
        Activation::Mish,
        Activation::Gelu,
        Activation::Relu,
        Activation::Tanh,
    ] {
        for (depth, prediction) in [
            (1, Prediction::Noise),
            (2, Prediction::Clean),
            (3, Prediction::Velocity),
            (3, Prediction::Score),
        ] {
            let config = MlpConfig {
                width: 24,
                depth,
                activation,
                time_embedding: TimeEmbedding::Fourier { frequencies: 2 },
                octaves: depth - 1,
                ..MlpConfig::default()
            };
            let network = Mlp::new(&config, &mut Generator::new(1), &Device::flex()).unwrap();
            // Tensors with gradients are computed by Burn.
            let (output, by_tensors) = network.forward_with_divergence(points().autodiff(), level);
            let (kernels, by_kernels) = network.forward_with_divergence(points(), level);
            let what = format!("{config:?} by tensors");
            assert_close(&what, &values(output.inner()), &values(kernels), 1e-5);
            assert_close(
                &what,
                &values(by_tensors.inner()),
                &values(by_kernels),
                1e-5,
            );
            let model = PointModel::new(network, prediction, Process::Discrete(schedule.clone()));
            is_its_own_divergence(&format!("{config:?}"), &model, level, 1e-5);
        }
    }
}

#[test]
fn an_ideal_denoisers_divergence_is_that_of_automatic_differentiation() {
    let data = PointData::draw(Named::TwoMoons, 200, 0).unwrap();
    let of_points = IdealDenoiser::of_points(data.tensor(&Device::flex()));
    let means = Tensor::from_floats([[0.8, -0.3], [-0.5, 0.6]], &Device::flex());
    let mixture = IdealDenoiser::of_mixture(means, vec![0.4, 0.25], vec![1.0, 3.0]).unwrap();
    for noise_to_signal in [0.2, 1.0, 5.0] {
        let level = NoiseLevel::from_noise_to_signal(0.0, noise_to_signal);
        for model in [&of_points, &mixture] {
            is_its_own_divergence(&format!("at {noise_to_signal}"), model, level, 1e-4);
        }
    }
}
