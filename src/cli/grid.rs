//! Grids of images.

use std::path::Path;

use burn::tensor::Tensor;
use image::{ExtendedColorType, ImageFormat};

use crate::pipeline::{DataRange, rgba};
use crate::{Error, Result};

/// Gap between the images of a grid, in pixels.
const GAP: usize = 2;

/// An RGBA image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `[height, width, 4]`
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Arranges images, `[batch, channels, height, width]`, in rows of `columns`, with a transparent gap of two pixels.
    /// Pixels are converted as in the browser.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero columns, and [`Error::Device`] if the device is lost.
    pub fn grid(images: Tensor<4>, range: DataRange, columns: usize) -> Result<Self> {
        let [batch, channels, height, width] = images.dims();
        if columns == 0 {
            return Err(Error::invalid("columns", "at least 1", columns));
        }
        let values = images.try_into_data();
        let values = values.map_err(|error| Error::Device(error.to_string()))?;
        let values: Vec<f32> = values.iter().collect();
        let bytes = rgba(&values, channels, height * width, range);
        let columns = columns.min(batch);
        let span = |count: usize, side: usize| count * (side + GAP) - GAP;
        let mut picture = Self {
            width: span(columns, width),
            height: span(batch.div_ceil(columns), height),
            pixels: Vec::new(),
        };
        picture.pixels = vec![0; picture.width * picture.height * 4];
        for (index, image) in bytes.chunks_exact(height * width * 4).enumerate() {
            let left = index % columns * (width + GAP);
            let top = index / columns * (height + GAP);
            for (y, row) in image.chunks_exact(width * 4).enumerate() {
                let start = ((top + y) * picture.width + left) * 4;
                picture.pixels[start..start + width * 4].copy_from_slice(row);
            }
        }
        Ok(picture)
    }

    /// Writes the image as a PNG file.
    ///
    /// # Errors
    /// [`Error::Unwritable`] states why the file cannot be written.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        let (width, height) = (self.width as u32, self.height as u32);
        let (color, format) = (ExtendedColorType::Rgba8, ImageFormat::Png);
        image::save_buffer_with_format(path, &self.pixels, width, height, color, format)
            .map_err(|error| Error::unwritable(path.display(), error))
    }
}
