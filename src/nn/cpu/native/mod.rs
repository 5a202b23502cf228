//! Kernels of our own for the CPU of a machine: all cores, eight lanes with fused multiply-add where the processor has them, and their derivatives.
//!
//! Burn differentiates a convolution by other convolutions, the weights' by one whose kernel is as large as the image, and a normalisation by the dozen of passes over
//! memory that it consists of. These go over the numbers once or twice. Work is cut by the batch alone, never by the number of threads: the sums, and so a training, are the
//! same bits on any number of cores.

mod convolution;
mod geometry;
pub(crate) mod lanes;
mod norm;
mod parameter_gradients;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, DType, Flex, Shape, TensorData};
use burn::tensor::{Device, Tensor};

pub(in crate::nn) use geometry::Geometry;
pub(in crate::nn) use norm::{Activated, Groups};

type Tracked = Autodiff<Flex>;

/// Whether the numbers lie in the memory of the CPU, as `f32`.
pub(in crate::nn) fn is_here<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.device().inner() == Device::flex() && tensor.dtype() == DType::F32
}

/// The convolution of images, `[batch, channels_in, height, width]`, with `weight`, `[channels_out, channels_in, kernel, kernel]`, and `bias`,
/// `[channels_out]`; it can be differentiated.
pub(in crate::nn) fn convolve(
    images: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    geometry: Geometry,
) -> Tensor<4> {
    let tracked = images.is_autodiff() || weight.is_autodiff();
    if !tracked {
        let [images, weight] = [images, weight].map(plain);
        return Tensor::from_primitive::<Flex>(convolution::forward(
            &images,
            &weight,
            &plain(bias),
            geometry,
        ));
    }
    let (images, weight, bias) = (primitive(images), primitive(weight), primitive(bias));
    let nodes = [images.node(), weight.node(), bias.node()];
    let [images, weight, bias] =
        [images, weight, bias].map(|tensor| contiguous(tensor.into_primitive()));
    let output = convolution::forward(&images, &weight, &bias, geometry);
    let state = (images, weight, geometry);
    let prepared = Convolution
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound();
    let output = match prepared.stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    Tensor::from_primitive::<Tracked>(output)
}

#[derive(Debug)]
struct Convolution;

impl Backward<Flex, 3> for Convolution {
    type State = (FlexTensor, FlexTensor, Geometry);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let (images, weight, geometry) = ops.state;
        let [of_images, of_weight, of_bias] = ops.parents;
        if let Some(node) = of_images {
            gradients.register::<Flex>(
                node.id,
                convolution::images_gradient(&images, &weight, &gradient, geometry),
            );
        }
        if let Some(node) = of_weight {
            gradients.register::<Flex>(
                node.id,
                parameter_gradients::weight_gradient(&images, &weight, &gradient, geometry),
            );
        }
        if let Some(node) = of_bias {
            gradients.register::<Flex>(node.id, parameter_gradients::bias_gradient(&gradient));
        }
    }
}

/// Group normalisation of `[batch, channels, height, width]`, then an activation; it can be differentiated.
pub(in crate::nn) fn normalise(
    input: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    groups: Groups,
) -> Tensor<4> {
    let tracked = input.is_autodiff() || weight.is_autodiff();
    if !tracked {
        let (input, weight, bias) = (plain(input), plain(weight), plain(bias));
        return Tensor::from_primitive::<Flex>(norm::forward(&input, &weight, &bias, groups).0);
    }
    let (input, weight, bias) = (primitive(input), primitive(weight), primitive(bias));
    let nodes = [input.node(), weight.node(), bias.node()];
    let [input, weight, bias] =
        [input, weight, bias].map(|tensor| contiguous(tensor.into_primitive()));
    let (output, moments) = norm::forward(&input, &weight, &bias, groups);
    let state = Normalised {
        input,
        weight,
        bias,
        moments,
        groups,
    };
    let prepared = Normalisation
        .prepare::<NoCheckpointing>(nodes)
        .compute_bound();
    let output = match prepared.stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    Tensor::from_primitive::<Tracked>(output)
}

#[derive(Debug)]
struct Normalisation;

/// What the derivatives of a normalisation need.
#[derive(Clone, Debug)]
struct Normalised {
    input: FlexTensor,
    weight: FlexTensor,
    bias: FlexTensor,
    /// Mean and reciprocal standard deviation of each group, `[batch * groups]`.
    moments: Vec<[f32; 2]>,
    groups: Groups,
}

impl Backward<Flex, 3> for Normalisation {
    type State = Normalised;

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let found = norm::backward(&ops.state, &gradient);
        for (node, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, gradient);
            }
        }
    }
}

fn plain<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    let here = "the tensor lies on the CPU without gradients";
    contiguous(tensor.try_into_primitive::<Flex>().expect(here))
}

fn primitive<const D: usize>(
    tensor: Tensor<D>,
) -> <Tracked as burn::backend::BackendTypes>::FloatTensorPrimitive {
    let tracked = match tensor.is_autodiff() {
        true => tensor,
        false => tensor.autodiff(),
    };
    let here = "the tensor lies on the CPU";
    tracked.try_into_primitive::<Tracked>().expect(here)
}

fn contiguous(tensor: FlexTensor) -> FlexTensor {
    match tensor.is_contiguous() {
        true => tensor,
        false => tensor.to_contiguous(),
    }
}

fn numbers(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("it is contiguous and holds f32")
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}

fn shape<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    use burn::backend::TensorMetadata as _;
    tensor.shape().dims()
}

#[cfg(test)]
mod tests;
