//! Where the pixels of padded images lie.

/// Pixels that are computed at a time: two vectors of eight.
pub(super) const PIXELS: usize = 16;

/// The shape of a convolution: images of `height` by `width`, a square kernel of 1 or 3 pixels with its centre on the pixel, and which of the outputs are kept.
///
/// Images lie in memory with a margin of zeros, their rows one after the other, so that the pixel that a weight looks at lies at a constant offset: the inner loop
/// runs over neighbours in memory across rows. One column of zeros is the margin of two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::nn) struct Geometry {
    pub height: usize,
    pub width: usize,
    pub kernel: usize,
    /// Every output, or every second one, by rows and columns.
    pub step: usize,
    /// The first that is kept.
    pub first: usize,
}

impl Geometry {
    fn margin(self) -> usize {
        self.kernel / 2
    }

    /// Pixels from a row to the next.
    pub fn row(self) -> usize {
        self.width + self.margin()
    }

    /// Pixels of an image with its margins.
    pub fn plane(self) -> usize {
        (self.height + 2 * self.margin()) * self.row()
    }

    /// Pixels from a channel to the next: the last tile reads past the last row.
    pub fn channel(self) -> usize {
        self.plane() + PIXELS + 2
    }

    /// Pixels that are computed: every row with the column between two rows, in whole tiles.
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

    /// The same for an image of the output's size, whose pixels go where they were computed.
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

    /// Takes the pixels of the output out of those that were computed.
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
