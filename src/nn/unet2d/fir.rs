//! Resampling with the FIR filter (1, 3, 3, 1), which avoids aliasing ([Zhang 2019](https://arxiv.org/abs/1904.11486);
//! [Karras et al. 2020](https://arxiv.org/abs/1912.04958), StyleGAN2's `upfirdn2d`).
//!
//! The image is padded with zeros. Each channel is treated as a separate image. This takes a tenth of the time of a
//! convolution over channels, and every device has a kernel for it.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

/// Downsamples height and width by 2:
/// `y[i] = (x[2i - 1] + 3 x[2i] + 3 x[2i + 1] + x[2i + 2]) / 8` along rows and columns.
///
/// Maps `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`.
pub(super) fn downsample(input: Tensor<4>) -> Tensor<4> {
    let taps = [[0.125, 0.375, 0.375, 0.125]];
    let filtered = filter(&input, taps, 2);
    let [batch, channels, height, width] = input.dims();
    filtered.reshape([batch, channels, height / 2, width / 2])
}

/// Upsamples height and width by 2: `y[2i] = (x[i - 1] + 3 x[i]) / 4` and `y[2i + 1] = (3 x[i] + x[i + 1]) / 4` along
/// rows and columns. This is the filter applied to an image with zeros between its pixels, times 2 to preserve the
/// mean.
///
/// Maps `[batch, channels, height, width]` to `[batch, channels, 2 * height, 2 * width]`.
pub(super) fn upsample(input: Tensor<4>) -> Tensor<4> {
    let taps = [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]];
    let phases = filter(&input, taps, 1); // [batch * channels, 4, height, width]
    let [batch, channels, height, width] = input.dims();
    phases
        .reshape([batch * channels, 2, 2, height, width])
        .permute([0, 3, 1, 4, 2])
        .reshape([batch, channels, 2 * height, 2 * width])
}

/// Convolves each channel with the `PHASES * PHASES` products of the rows of `taps`, padded by one pixel.
fn filter<const PHASES: usize, const TAPS: usize>(
    input: &Tensor<4>,
    taps: [[f32; TAPS]; PHASES],
    stride: usize,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    conv2d(
        input.clone().reshape([batch * channels, 1, height, width]),
        outer_products(taps, &input.device()),
        None,
        ConvOptions::new([stride; 2], [1, 1], [1, 1], 1),
    )
}

/// `[PHASES * PHASES, 1, TAPS, TAPS]`: the kernels `taps[a]^T taps[b]`.
fn outer_products<const PHASES: usize, const TAPS: usize>(
    taps: [[f32; TAPS]; PHASES],
    device: &Device,
) -> Tensor<4> {
    let pairs = taps
        .iter()
        .flat_map(|rows| taps.iter().map(move |columns| (rows, columns)));
    let products: Vec<f32> = pairs
        .flat_map(|(rows, columns)| {
            rows.iter()
                .flat_map(|row| columns.map(|column| row * column))
        })
        .collect();
    let shape = [PHASES * PHASES, 1, TAPS, TAPS];
    Tensor::from_data(TensorData::new(products, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILTER: [f64; 4] = [1.0, 3.0, 3.0, 1.0];

    /// StyleGAN2's definition along one axis: `up - 1` zeros between the pixels and `before` zeros in front, the filter
    /// scaled to the sum `gain`, and every `down`-th pixel kept.
    fn upfirdn(row: &[f64], up: usize, down: usize, before: usize, gain: f64) -> Vec<f64> {
        let at = |position: usize| {
            let position = position.checked_sub(before)?;
            (position.is_multiple_of(up)).then(|| row.get(position / up).copied())?
        };
        (0..row.len() * up / down)
            .map(|i| {
                let taps = FILTER.iter().rev().enumerate();
                let sum: f64 = taps
                    .map(|(k, tap)| tap * at(i * down + k).unwrap_or(0.0))
                    .sum();
                sum * gain / 8.0
            })
            .collect()
    }

    fn transpose(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        (0..rows[0].len())
            .map(|x| rows.iter().map(|row| row[x]).collect())
            .collect()
    }

    /// The definition along both axes of each channel.
    fn definition(images: &[Vec<Vec<f64>>], row: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        let both = |image: &Vec<Vec<f64>>| {
            let across: Vec<_> = image.iter().map(|pixels| row(pixels)).collect();
            let down: Vec<_> = transpose(&across)
                .iter()
                .map(|pixels| row(pixels))
                .collect();
            transpose(&down).concat()
        };
        images.iter().flat_map(both).collect()
    }

    #[track_caller]
    fn assert_close(found: Tensor<4>, expected: &[f64]) {
        let found: Vec<f32> = found.into_data().try_to_vec().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.into_iter().zip(expected) {
            let error = (f64::from(found) - expected).abs();
            assert!(error < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn resampling_is_the_definition_of_stylegan2() {
        let [batch, channels, height, width]: [usize; 4] = [2, 3, 4, 6];
        let pixel = |i: usize| ((i * i) as f64 * 0.37).sin();
        let images: Vec<Vec<Vec<f64>>> = (0..batch * channels)
            .map(|image| {
                let row = |y| (0..width).map(move |x| pixel((image * height + y) * width + x));
                (0..height).map(|y| row(y).collect()).collect()
            })
            .collect();
        let values: Vec<f32> = images
            .iter()
            .flatten()
            .flatten()
            .map(|&x| x as f32)
            .collect();
        let input = Tensor::<1>::from_data(values.as_slice(), &Device::flex())
            .reshape([batch, channels, height, width]);
        let downsampled = definition(&images, |row| upfirdn(row, 1, 2, 1, 1.0));
        assert_close(downsample(input.clone()), &downsampled);
        let upsampled = definition(&images, |row| upfirdn(row, 2, 1, 2, 2.0));
        assert_close(upsample(input), &upsampled);
    }

    #[test]
    fn resampling_keeps_a_constant_image_away_from_its_border() {
        let input = Tensor::<4>::ones([1, 1, 8, 8], &Device::flex());
        for (output, inside) in [(downsample(input.clone()), 2), (upsample(input), 14)] {
            let middle = output.slice([0..1, 0..1, 1..1 + inside, 1..1 + inside]);
            assert_close(middle, &vec![1.0; inside * inside]);
        }
    }
}
