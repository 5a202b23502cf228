//! Direct convolution and its derivatives with respect to the images, without an im2col matrix.

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::geometry::{Geometry, PIXELS};
use super::lanes::{Kernel, add_product, dispatch};
use super::{numbers, shape, tensor};

/// Output channels of a tile. Together with [`PIXELS`] its sums occupy eight of the sixteen eight-lane registers; with
/// twelve the compiler spills them to memory.
pub(super) const CHANNELS: usize = 4;

type Tile = [[f32; PIXELS]; CHANNELS];

/// `[batch, channels_out, height, width]`
pub(super) fn forward(
    images: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    geometry: Geometry,
) -> FlexTensor {
    let [batch, inputs, ..] = shape::<4>(images);
    let [outputs, ..] = shape::<4>(weight);
    let packed = pack(numbers(weight), outputs, |output, row| {
        output * inputs * taps(geometry) + row
    });
    let [height, width] = geometry.output();
    let output = convolve(
        numbers(images),
        &packed,
        numbers(bias),
        inputs,
        geometry,
        Pad::Input,
    );
    tensor(output, [batch, outputs, height, width])
}

/// Derivatives with respect to the images: the convolution of the output's derivatives with the weights rotated by
/// 180°.
pub(super) fn images_gradient(
    images: &FlexTensor,
    weight: &FlexTensor,
    gradient: &FlexTensor,
    geometry: Geometry,
) -> FlexTensor {
    let [batch, inputs, height, width] = shape::<4>(images);
    let [outputs, ..] = shape::<4>(weight);
    let taps = taps(geometry);
    let packed = pack(numbers(weight), inputs, |input, row| {
        let (output, tap) = (row / taps, taps - 1 - row % taps);
        (output * inputs + input) * taps + tap
    });
    let found = convolve(
        numbers(gradient),
        &packed,
        &vec![0.0; inputs],
        outputs,
        geometry,
        Pad::Output,
    );
    tensor(found, [batch, inputs, height, width])
}

/// Layout of the input images of a convolution.
#[derive(Clone, Copy)]
pub(super) enum Pad {
    /// Images of the size of the input; the result has the output's pixels.
    Input,
    /// Images of the size of the output, placed among all pixels; the result has all pixels.
    Output,
}

pub(super) fn taps(geometry: Geometry) -> usize {
    geometry.kernel * geometry.kernel
}

/// Weights in the order of the inner loop, `[outputs / CHANNELS, rows]`, padded with zeros; `index` returns the index
/// of the weight of an output and a row.
fn pack(
    weights: &[f32],
    outputs: usize,
    index: impl Fn(usize, usize) -> usize,
) -> Vec<[f32; CHANNELS]> {
    let rows = weights.len() / outputs;
    let mut packed = vec![[0.0; CHANNELS]; outputs.div_ceil(CHANNELS) * rows];
    for output in 0..outputs {
        let block = &mut packed[output / CHANNELS * rows..][..rows];
        for (row, packed) in block.iter_mut().enumerate() {
            packed[output % CHANNELS] = weights[index(output, row)];
        }
    }
    packed
}

/// Convolves each image of the batch, in parallel.
fn convolve(
    images: &[f32],
    packed: &[[f32; CHANNELS]],
    bias: &[f32],
    inputs: usize,
    geometry: Geometry,
    pad: Pad,
) -> Vec<f32> {
    let all = Geometry {
        step: 1,
        first: 0,
        ..geometry
    };
    let kept = match pad {
        Pad::Input => geometry,
        Pad::Output => all,
    };
    let area = |[height, width]: [usize; 2]| height * width;
    let image_in = match pad {
        Pad::Input => area(all.output()),
        Pad::Output => area(geometry.output()),
    };
    let (size_in, size_out) = (inputs * image_in, bias.len() * area(kept.output()));
    let mut output = vec![0.0; images.len() / size_in * size_out];
    let scratch = || {
        (
            vec![0.0; inputs * geometry.channel()],
            vec![0.0; CHANNELS * geometry.span()],
        )
    };
    output
        .par_chunks_exact_mut(size_out)
        .zip(images.par_chunks_exact(size_in))
        .for_each_init(scratch, |(padded, computed), (output, image)| {
            let planes = padded.chunks_exact_mut(geometry.channel());
            for (plane, image) in planes.zip(image.chunks_exact(image_in)) {
                match pad {
                    Pad::Input => geometry.pad(image, plane),
                    Pad::Output => geometry.pad_output(image, plane),
                }
            }
            let blocks = packed.chunks_exact(inputs * taps(geometry));
            let outputs = output.chunks_mut(CHANNELS * area(kept.output()));
            for ((weights, bias), output) in blocks.zip(bias.chunks(CHANNELS)).zip(outputs) {
                dispatch(Block {
                    padded,
                    weights,
                    geometry,
                    computed,
                });
                let computed = computed.chunks_exact(geometry.span()).zip(bias);
                for ((computed, bias), image) in
                    computed.zip(output.chunks_exact_mut(area(kept.output())))
                {
                    kept.pick(computed, *bias, image);
                }
            }
        });
    output
}

/// All pixels of four output channels, `[CHANNELS, span]`.
struct Block<'a> {
    padded: &'a [f32],
    weights: &'a [[f32; CHANNELS]],
    geometry: Geometry,
    computed: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.geometry.kernel {
            1 => self.of::<1, FUSED>(),
            _ => self.of::<3, FUSED>(),
        }
    }
}

impl Block<'_> {
    #[inline(always)]
    fn of<const K: usize, const FUSED: bool>(self) {
        let span = self.geometry.span();
        for start in (0..span).step_by(PIXELS) {
            let sums = tile::<K, FUSED>(self.padded, self.weights, self.geometry, start);
            for (sums, computed) in sums.iter().zip(self.computed.chunks_exact_mut(span)) {
                computed[start..start + PIXELS].copy_from_slice(sums);
            }
        }
    }
}

/// Sums over input channels and taps for the pixels starting at `start`.
#[inline(always)]
fn tile<const K: usize, const FUSED: bool>(
    padded: &[f32],
    weights: &[[f32; CHANNELS]],
    geometry: Geometry,
    start: usize,
) -> Tile {
    let mut sums: Tile = [[0.0; PIXELS]; CHANNELS];
    let channels = padded.chunks_exact(geometry.channel());
    for (channel, weights) in channels.zip(weights.chunks_exact(K * K)) {
        for y in 0..K {
            for x in 0..K {
                // One load per tap: with a single load for all, the compiler would shuffle the others together.
                let offset = start + y * geometry.row() + x;
                let Some(pixels) = channel[offset..].first_chunk::<PIXELS>() else {
                    continue;
                };
                for (sums, weight) in sums.iter_mut().zip(weights[y * K + x]) {
                    for (sum, pixel) in sums.iter_mut().zip(pixels) {
                        *sum = add_product::<FUSED>(*sum, weight, *pixel);
                    }
                }
            }
        }
    }
    sums
}
