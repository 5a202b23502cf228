//! Memory layout of padded images.

/// Number of pixels computed at a time: two vectors of eight.
pub(super) const PIXELS: usize = 16;

/// The geometry of a convolution: images of `height` by `width`, a square kernel of 1 or 3 pixels centred on the pixel,
/// and the stride of the outputs.
///
/// Images are stored with a margin of zeros in row-major order, so that each weight refers to a constant offset, and
/// the inner loop runs over contiguous memory across rows. One column of zeros is the margin of two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::nn) struct Geometry {
    pub height: usize,
    pub width: usize,
    pub kernel: usize,
    /// Stride of the outputs, 1 or 2, in both directions.
    pub step: usize,
    /// Index of the first output.
    pub first: usize,
}

impl Geometry {
    fn margin(self) -> usize {
        self.kernel / 2
    }

    /// Distance of two rows.
    pub fn row(self) -> usize {
        self.width + self.margin()
    }

    /// Number of pixels of an image with its margins.
    pub fn plane(self) -> usize {
        (self.height + 2 * self.margin()) * self.row()
    }

    /// Distance of two channels, which includes padding, since the last tile reads beyond the last row.
    pub fn channel(self) -> usize {
        self.plane() + PIXELS + 2
    }

    /// Number of computed pixels: all rows, including the column between two rows, in whole tiles.
    pub fn span(self) -> usize {
        (self.height * self.row()).next_multiple_of(PIXELS)
    }

    /// Height and width of the output.
    pub fn output(self) -> [usize; 2] {
        [self.height, self.width].map(|side| side.saturating_sub(self.first).div_ceil(self.step))
    }

    /// Copies an image between the margins of its plane.
    pub fn pad(self, image: &[f32], plane: &mut [f32]) {
        let margin = self.margin();
        let rows = plane[margin * self.row()..].chunks_mut(self.row());
        for (padded, row) in rows.zip(image.chunks_exact(self.width)) {
            padded[margin..][..self.width].copy_from_slice(row);
        }
    }

    /// Copies an image of the output's size to the positions at which its pixels were computed.
    pub fn pad_output(self, image: &[f32], plane: &mut [f32]) {
        let ([_, width], margin) = (self.output(), self.margin());
        let top = margin + self.first;
        let rows = plane[top * self.row()..].chunks_mut(self.row() * self.step);
        for (padded, row) in rows.zip(image.chunks_exact(width)) {
            let pixels = padded[margin + self.first..].iter_mut().step_by(self.step);
            for (padded, pixel) in pixels.zip(row) {
                *padded = *pixel;
            }
        }
    }

    /// Selects the pixels of the output from the computed ones.
    pub fn pick(self, computed: &[f32], bias: f32, image: &mut [f32]) {
        let [_, width] = self.output();
        let rows = computed[self.first * self.row()..].chunks(self.row() * self.step);
        for (row, computed) in image.chunks_exact_mut(width).zip(rows) {
            let computed = computed[self.first..].iter().step_by(self.step);
            for (pixel, computed) in row.iter_mut().zip(computed) {
                *pixel = computed + bias;
            }
        }
    }
}
