//! Direct convolution and its derivatives, without matrices of patches.

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::geometry::{Geometry, PIXELS};
use super::lanes::{Kernel, add_product, dispatch};
use super::{numbers, shape, tensor};

/// Output channels of a tile: with [`PIXELS`] its sums fill eight of the sixteen registers of eight lanes; with twelve the compiler keeps them in memory.
const CHANNELS: usize = 4;
const LANES: usize = 8;
/// Numbers of a channel, over neighbouring images, whose products are summed together for the derivatives of the weights: six channels fit the nearest cache.
const TOGETHER: usize = 1024;

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

/// The derivatives by the images: the convolution of those by the output with the weights turned by half a turn.
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

/// Which images a convolution takes.
#[derive(Clone, Copy)]
enum Pad {
    /// Those of its input, and keeps the output's pixels.
    Input,
    /// Those of its output, at their places among all pixels, and keeps all.
    Output,
}

fn taps(geometry: Geometry) -> usize {
    geometry.kernel * geometry.kernel
}

/// Weights in the order in which the inner loop reads them, `[outputs / CHANNELS, rows]`, filled up with zeros; `index` says where the weight of an output and a row lies.
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

/// Sums over input channels and taps for the pixels from `start` on.
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
                // A load of its own for each tap: out of one that covers all, the compiler would shuffle the others together.
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

/// The derivatives by the weights: for each pair of channels and each tap, the products of all pixels of the gradient with the pixels that the tap looks at.
pub(super) fn weight_gradient(
    images: &FlexTensor,
    weight: &FlexTensor,
    gradient: &FlexTensor,
    geometry: Geometry,
) -> FlexTensor {
    let [_, inputs, height, width] = shape::<4>(images);
    let weights_shape @ [outputs, ..] = shape::<4>(weight);
    let [rows, columns] = geometry.output();
    // By the shape alone, so that the sums are the same on any number of cores.
    let together = (TOGETHER / geometry.plane()).max(1);
    let images = numbers(images).par_chunks(together * inputs * height * width);
    let gradients = numbers(gradient).par_chunks(together * outputs * rows * columns);
    let parts: Vec<Vec<f32>> = images
        .zip(gradients)
        .map(|(images, gradients)| {
            let stride = (together * geometry.plane() + LANES).next_multiple_of(LANES);
            // The last products read past the last row.
            let reach = stride + 2 * geometry.row() + LANES;
            let images = side_by_side(images, inputs, reach, geometry, Pad::Input);
            let gradients = side_by_side(gradients, outputs, stride, geometry, Pad::Output);
            let mut found = vec![0.0; outputs * inputs * taps(geometry)];
            dispatch(Products {
                images: &images,
                reach,
                gradients: &gradients,
                stride,
                geometry,
                found: &mut found,
            });
            found
        })
        .collect();
    let mut sum = vec![0.0_f32; outputs * inputs * taps(geometry)];
    for part in parts {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum += part;
        }
    }
    tensor(sum, weights_shape)
}

/// The images of a batch beside each other in the same channel, `[channels, stride]`. Gradients begin at their first pixel, not at their margin.
fn side_by_side(
    images: &[f32],
    channels: usize,
    stride: usize,
    geometry: Geometry,
    pad: Pad,
) -> Vec<f32> {
    let (area, skip) = match pad {
        Pad::Input => (geometry.height * geometry.width, 0),
        Pad::Output => {
            let [height, width] = geometry.output();
            (height * width, geometry.kernel / 2 * (geometry.row() + 1))
        }
    };
    let mut planes = vec![0.0; channels * stride];
    let mut plane = vec![0.0; geometry.plane()];
    for (index, image) in images.chunks_exact(channels * area).enumerate() {
        for (channel, image) in image.chunks_exact(area).enumerate() {
            match pad {
                Pad::Input => geometry.pad(image, &mut plane),
                Pad::Output => geometry.pad_output(image, &mut plane),
            }
            let place = channel * stride + index * geometry.plane();
            planes[place..][..plane.len() - skip].copy_from_slice(&plane[skip..]);
        }
    }
    planes
}

/// `found[o, i, y, x] = Σ gradients[o, p]·images[i, p + y·row + x]`, channels of `images` being `reach` apart and those of `gradients` `stride`.
struct Products<'a> {
    images: &'a [f32],
    reach: usize,
    gradients: &'a [f32],
    stride: usize,
    geometry: Geometry,
    found: &'a mut [f32],
}

impl Kernel for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        match self.geometry.kernel {
            1 => self.of::<1, FUSED>(),
            _ => self.of::<3, FUSED>(),
        }
    }
}

impl Products<'_> {
    #[inline(always)]
    fn of<const K: usize, const FUSED: bool>(self) {
        let (inputs, row) = (self.images.len() / self.reach, self.geometry.row());
        // In place of channels that are not there.
        let zeros = vec![0.0; self.reach];
        for (block, gradients) in self.gradients.chunks(CHANNELS * self.stride).enumerate() {
            let mut four = [&zeros[..self.stride]; CHANNELS];
            for (own, gradients) in four.iter_mut().zip(gradients.chunks_exact(self.stride)) {
                *own = gradients;
            }
            for (pair, images) in self.images.chunks(2 * self.reach).enumerate() {
                let (first, second) = images.split_at(self.reach);
                let second = if second.is_empty() { &zeros } else { second };
                for tap in 0..K * K {
                    let offset = tap / K * row + tap % K;
                    let sums = pair_products::<FUSED>(four, [first, second].map(|i| &i[offset..]));
                    for (index, sum) in sums.as_flattened().iter().enumerate() {
                        let (input, output) = (
                            2 * pair + index / CHANNELS,
                            block * CHANNELS + index % CHANNELS,
                        );
                        if input < inputs && output < self.gradients.len() / self.stride {
                            self.found[(output * inputs + input) * K * K + tap] = *sum;
                        }
                    }
                }
            }
        }
    }
}

/// Of two channels of the images with four of the gradient: eight sums of eight lanes, which is what the registers hold.
#[inline(always)]
fn pair_products<const FUSED: bool>(
    gradients: [&[f32]; CHANNELS],
    images: [&[f32]; 2],
) -> [[f32; CHANNELS]; 2] {
    let [a, b, c, d] = gradients.map(|gradient| gradient.as_chunks::<LANES>().0.iter());
    let [first, second] = images.map(|image| image.as_chunks::<LANES>().0.iter());
    // Two variables: of an array of three dimensions the compiler makes no vectors.
    let [mut of_first, mut of_second] = [[[0.0; LANES]; CHANNELS]; 2];
    for (((((a, b), c), d), first), second) in a.zip(b).zip(c).zip(d).zip(first).zip(second) {
        add_products::<FUSED>(&mut of_first, [a, b, c, d], first);
        add_products::<FUSED>(&mut of_second, [a, b, c, d], second);
    }
    [of_first, of_second].map(|sums| sums.map(|lanes| lanes.iter().sum()))
}

#[inline(always)]
fn add_products<const FUSED: bool>(
    sums: &mut [[f32; LANES]; CHANNELS],
    gradients: [&[f32; LANES]; CHANNELS],
    pixels: &[f32; LANES],
) {
    for (sums, gradient) in sums.iter_mut().zip(gradients) {
        for ((sum, gradient), pixel) in sums.iter_mut().zip(gradient).zip(pixels) {
            *sum = add_product::<FUSED>(*sum, *gradient, *pixel);
        }
    }
}

/// The derivatives by the bias: the sum over all pixels of each channel.
pub(super) fn bias_gradient(gradient: &FlexTensor) -> FlexTensor {
    let [_, channels, height, width] = shape::<4>(gradient);
    let mut sums = vec![0.0_f32; channels];
    for image in numbers(gradient).chunks_exact(channels * height * width) {
        for (sum, plane) in sums.iter_mut().zip(image.chunks_exact(height * width)) {
            *sum += sum_of(plane);
        }
    }
    tensor(sums, [channels])
}

/// In eight sums, which the compiler computes at a time.
#[inline(always)]
pub(super) fn sum_of(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for eight in eights {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}
