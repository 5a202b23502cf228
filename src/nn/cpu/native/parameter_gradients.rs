//! Derivatives of a convolution with respect to its weights and bias.

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::convolution::{CHANNELS, Pad, taps};
use super::geometry::Geometry;
use super::lanes::{Kernel, LANES, add_product, dispatch, sum_of};
use super::{numbers, shape, tensor};

/// Number of values of a channel, over adjacent images, that are summed together for the derivatives of the weights.
/// Six channels fit in the level 1 cache.
const TOGETHER: usize = 1024;

/// Derivatives with respect to the weights: for each pair of channels and each tap, the sum of products of the
/// gradient's pixels with the pixels at the offset of the tap.
pub(super) fn weight_gradient(
    images: &FlexTensor,
    weight: &FlexTensor,
    gradient: &FlexTensor,
    geometry: Geometry,
) -> FlexTensor {
    let [_, inputs, height, width] = shape::<4>(images);
    let weights_shape @ [outputs, ..] = shape::<4>(weight);
    let [rows, columns] = geometry.output();
    // Depends only on the shape, so that sums are bit-identical for any number of cores.
    let together = (TOGETHER / geometry.plane()).max(1);
    let images = numbers(images).par_chunks(together * inputs * height * width);
    let gradients = numbers(gradient).par_chunks(together * outputs * rows * columns);
    let parts: Vec<Vec<f32>> = images
        .zip(gradients)
        .map(|(images, gradients)| {
            let stride = (together * geometry.plane() + LANES).next_multiple_of(LANES);
            // The last products read beyond the last row.
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

/// Concatenates the images of a batch by channel, `[channels, stride]`. Gradients start at their first pixel, not at
/// their margin.
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

/// `found[o, i, y, x] = Σ gradients[o, p]·images[i, p + y·row + x]`, where channels of `images` are `reach` apart and
/// those of `gradients` are `stride` apart.
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
        let outputs = self.gradients.len() / self.stride;
        // Used for channels beyond the last.
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
                        if input < inputs && output < outputs {
                            self.found[(output * inputs + input) * K * K + tap] = *sum;
                        }
                    }
                }
            }
        }
    }
}

/// Two channels of the images with four of the gradient: eight sums of eight lanes, which fit in the registers.
#[inline(always)]
fn pair_products<const FUSED: bool>(
    gradients: [&[f32]; CHANNELS],
    images: [&[f32]; 2],
) -> [[f32; CHANNELS]; 2] {
    let [a, b, c, d] = gradients.map(|gradient| gradient.as_chunks::<LANES>().0.iter());
    let [first, second] = images.map(|image| image.as_chunks::<LANES>().0.iter());
    // Two variables: the compiler does not vectorise an array of three dimensions.
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

/// Derivatives with respect to the bias: the sum over all pixels of each channel.
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
