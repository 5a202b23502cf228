//! Kernels of our own for the CPU of a browser: one thread, four lanes, no fused multiply-add; those for a machine are in `native`.
//!
//! **Images.** Burn's convolution copies every pixel nine times into a matrix, reorders what goes in and what
//! comes out, and multiplies; in V8 this one takes as long as that product alone. Burn's sigmoid computes
//! one number at a time; this SiLU takes a sixth of the time. Burn's normalisation makes a tensor of every intermediate.
//!
//! **Points.** The perceptron runs forward and backward by hand, natively too, so that it gives the same numbers in both. In V8 a step of training takes under half of the
//! time of Burn's automatic differentiation.

mod activation;
mod convolution;
mod matmul;
mod mlp;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod native;
mod normalisation;

pub(crate) use mlp::Perceptron;

use super::activation::Activation;
use burn::tensor::{Device, Tensor, TensorData};

/// Whether the tensor lies on the CPU of a browser, without gradients.
pub(super) fn is_browser<const D: usize>(tensor: &Tensor<D>) -> bool {
    cfg!(target_family = "wasm") && tensor.device() == Device::flex() && !tensor.is_autodiff()
}

/// The 3x3 convolution of images, `[batch, channels_in, height, width]`, padded by one pixel.
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

/// The numbers of a tensor on the CPU: moved if nobody else holds it.
pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().expect("they were converted")
}
