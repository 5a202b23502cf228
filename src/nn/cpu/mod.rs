//! CPU kernels for browsers: one thread, four lanes, no fused multiply-add. Those for native programs are in `native`.
//!
//! **Images.** Burn's convolution copies every pixel nine times into a matrix, reorders input and output, and
//! multiplies. In V8 this convolution takes as long as that product alone. Burn's sigmoid is not vectorised; this SiLU
//! takes a sixth of its time. Burn's normalisation allocates a tensor for every intermediate result.
//!
//! **Points.** The perceptron has hand-written forward and backward passes, also in native programs, so that both
//! compute the same numbers. In V8 a training step takes less than half the time of Burn's automatic differentiation.

mod activation;
mod convolution;
mod matmul;
mod mlp;
#[cfg(not(target_family = "wasm"))]
pub(super) mod native;
mod normalisation;

pub(crate) use mlp::Perceptron;

use super::activation::Activation;
use burn::tensor::{Device, Tensor, TensorData};

/// Whether the tensor is on the CPU of a browser, without gradients.
pub(super) fn is_browser<const D: usize>(tensor: &Tensor<D>) -> bool {
    cfg!(target_family = "wasm") && tensor.device() == Device::flex() && !tensor.is_autodiff()
}

/// 3x3 convolution of images, `[batch, channels_in, height, width]`, with padding of one pixel.
pub(super) fn convolve(images: Tensor<4>, weights: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let device = images.device();
    let [batch, channels_in, height, width] = images.dims();
    let [channels_out] = bias.dims();
    let kernel = convolution::Kernel::new(&numbers(weights), numbers(bias), channels_in);
    let output = kernel.convolve(&numbers(images), [height, width]);
    Tensor::from_data(
        TensorData::new(output, [batch, channels_out, height, width]),
        &device,
    )
}

/// Group normalisation of images, `[batch, channels, height, width]`.
pub(super) fn normalise(
    images: Tensor<4>,
    [weight, bias]: [Tensor<1>; 2],
    groups: usize,
    eps: f64,
) -> Tensor<4> {
    let (device, shape) = (images.device(), images.dims());
    let norm = normalisation::Norm {
        weight: &numbers(weight),
        bias: &numbers(bias),
        groups,
        eps: eps as f32,
    };
    let mut images = numbers(images);
    norm.apply(&mut images, shape[2] * shape[3]);
    Tensor::from_data(TensorData::new(images, shape), &device)
}

/// `x * sigmoid(x)`.
pub(super) fn silu<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    let (device, shape) = (tensor.device(), tensor.dims());
    let mut numbers = numbers(tensor);
    activation::activate(Activation::Silu, &mut numbers);
    Tensor::from_data(TensorData::new(numbers, shape), &device)
}

/// The values of a tensor on the CPU; moved if there is no other reference to it.
pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().expect("they were converted")
}
