//! Direct convolution for SIMD units with four lanes, without an im2col matrix.
//!
//! Each image is padded and stored as one array, in which each tap is a constant offset. The inner loop therefore runs
//! over contiguous memory across rows. Values computed for the column between two rows are discarded.

/// Output channels and pixels of a tile. Its sums occupy twelve of the sixteen four-lane registers. Measured in V8, in
/// GMAC/s on one core: 9 to 10 for 4 x 12, 7 for smaller tiles, 2 for larger ones.
const CHANNELS: usize = 4;
const PIXELS: usize = 12;
const TAPS: usize = 9;

type Tile = [[f32; PIXELS]; CHANNELS];

/// Weights of a convolution, in the order of the inner loop.
pub(super) struct Kernel {
    /// `[channels_out / CHANNELS, channels_in, TAPS]`, padded with zeros.
    weights: Vec<[f32; CHANNELS]>,
    bias: Vec<f32>,
    channels_in: usize,
}

impl Kernel {
    /// Packs weights `[channels_out, channels_in, 3, 3]` and biases `[channels_out]`.
    pub(super) fn new(weights: &[f32], bias: Vec<f32>, channels_in: usize) -> Self {
        let rows = channels_in * TAPS;
        let mut packed = vec![[0.0; CHANNELS]; bias.len().div_ceil(CHANNELS) * rows];
        for (channel, weights) in weights.chunks_exact(rows).enumerate() {
            let block = &mut packed[channel / CHANNELS * rows..][..rows];
            for (packed, &weight) in block.iter_mut().zip(weights) {
                packed[channel % CHANNELS] = weight;
            }
        }
        Self {
            weights: packed,
            bias,
            channels_in,
        }
    }

    /// Maps images `[batch, channels_in, height, width]` to `[batch, channels_out, height, width]`.
    pub(super) fn convolve(&self, images: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
        let (size_in, size_out) = (
            self.channels_in * height * width,
            self.bias.len() * height * width,
        );
        let mut output = vec![0.0; images.len() / size_in * size_out];
        let mut padded = Padded::new(self.channels_in, height, width);
        for (image, output) in images
            .chunks_exact(size_in)
            .zip(output.chunks_exact_mut(size_out))
        {
            padded.fill(image);
            self.convolve_image(&padded, output);
        }
        output
    }

    fn convolve_image(&self, image: &Padded, output: &mut [f32]) {
        let blocks = self.weights.chunks_exact(self.channels_in * TAPS);
        let plane = image.height * image.width;
        let outputs = output.chunks_mut(CHANNELS * plane);
        for ((weights, bias), output) in blocks.zip(self.bias.chunks(CHANNELS)).zip(outputs) {
            for start in (0..image.height * image.row).step_by(PIXELS) {
                let sums = image.tile(weights, start);
                image.store(&sums, bias, start, output);
            }
        }
    }
}

/// An image with a margin of zeros, in row-major order.
struct Padded {
    pixels: Vec<f32>,
    height: usize,
    width: usize,
    /// Distance of two rows; one column of zeros is the margin of both.
    row: usize,
    /// Distance of two channels.
    channel: usize,
}

impl Padded {
    fn new(channels: usize, height: usize, width: usize) -> Self {
        let row = width + 1;
        // The last tile reads beyond the last row.
        let channel = (height + 2) * row + PIXELS + 2;
        Self {
            pixels: vec![0.0; channels * channel],
            height,
            width,
            row,
            channel,
        }
    }

    /// Copies an image, `[channels, height, width]`, between the margins.
    fn fill(&mut self, image: &[f32]) {
        let planes = image.chunks_exact(self.height * self.width);
        for (channel, plane) in self.pixels.chunks_exact_mut(self.channel).zip(planes) {
            let rows = channel[self.row..].chunks_exact_mut(self.row);
            for (padded, row) in rows.zip(plane.chunks_exact(self.width)) {
                padded[1..=self.width].copy_from_slice(row);
            }
        }
    }

    /// Sums over input channels and taps for the output pixels starting at `start`.
    fn tile(&self, weights: &[[f32; CHANNELS]], start: usize) -> Tile {
        let mut sums = Tile::default();
        let channels = self.pixels.chunks_exact(self.channel);
        for (channel, weights) in channels.zip(weights.chunks_exact(TAPS)) {
            for (y, weights) in weights.as_chunks::<3>().0.iter().enumerate() {
                let offset = start + y * self.row;
                let Some(pixels) = channel[offset..].first_chunk::<{ PIXELS + 2 }>() else {
                    continue;
                };
                for (x, weights) in weights.iter().enumerate() {
                    for (sums, weight) in sums.iter_mut().zip(weights) {
                        for (sum, pixel) in sums.iter_mut().zip(&pixels[x..x + PIXELS]) {
                            *sum += weight * pixel;
                        }
                    }
                }
            }
        }
        sums
    }

    /// Adds the biases and writes the pixels outside the margin to `output`, `[up to CHANNELS, height, width]`.
    fn store(&self, sums: &Tile, bias: &[f32], start: usize, output: &mut [f32]) {
        let planes = output.chunks_exact_mut(self.height * self.width);
        for ((sums, bias), plane) in sums.iter().zip(bias).zip(planes) {
            for (position, sum) in (start..).zip(sums) {
                let (y, x) = (position / self.row, position % self.row);
                if x < self.width && y < self.height {
                    plane[y * self.width + x] = sum + bias;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: `out[o, y, x] = bias[o] + sum of weight[o, i, v, u] image[i, y + v - 1, x + u - 1]`.
    fn definition(
        image: &[f32],
        weights: &[f32],
        bias: &[f32],
        [channels_in, height, width]: [usize; 3],
    ) -> Vec<f32> {
        let mut output = Vec::new();
        for (channel, bias) in bias.iter().enumerate() {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let mut sum = *bias;
                for (i, tap) in (0..channels_in).flat_map(|i| (0..TAPS).map(move |tap| (i, tap))) {
                    let (v, u) = (y + tap / 3, x + tap % 3);
                    if (1..=height).contains(&v) && (1..=width).contains(&u) {
                        let pixel = image[(i * height + v - 1) * width + u - 1];
                        sum += weights[(channel * channels_in + i) * TAPS + tap] * pixel;
                    }
                }
                output.push(sum);
            }
        }
        output
    }

    #[test]
    fn direct_convolution_is_the_definition_at_every_size() {
        let number = |i: usize| (i as f32 * 0.7).sin();
        for (channels_in, channels_out) in [(1, 1), (2, 5), (5, 4), (3, 9)] {
            for [height, width] in [[1, 1], [1, 5], [2, 2], [7, 7], [5, 12], [13, 3], [28, 28]] {
                let size = channels_in * height * width;
                let images: Vec<f32> = (0..2 * size).map(number).collect();
                let weights: Vec<f32> =
                    (0..channels_out * channels_in * TAPS).map(number).collect();
                let bias: Vec<f32> = (0..channels_out).map(number).collect();
                let found = Kernel::new(&weights, bias.clone(), channels_in)
                    .convolve(&images, [height, width]);
                let expected: Vec<f32> = images
                    .chunks(size)
                    .flat_map(|image| {
                        definition(image, &weights, &bias, [channels_in, height, width])
                    })
                    .collect();
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
                }
            }
        }
    }
}
