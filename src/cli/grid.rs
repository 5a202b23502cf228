//! Images beside each other in one picture.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use burn::tensor::Tensor;

use crate::pipeline::{DataRange, rgba};
use crate::{Error, Result};

/// Pixels between the images of a grid.
const GAP: usize = 2;

/// A picture in RGBA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// `[height, width, 4]`
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Images, `[batch, channels, height, width]`, in rows of `columns`, two transparent pixels between them. Their pixels are those that the browser shows.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for no column, and [`Error::Device`] if the device is lost.
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

    /// Writes it as a PNG file.
    ///
    /// # Errors
    /// [`Error::Unwritable`] says why the file cannot be written.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        let failed = |reason: String| Error::unwritable(path.display(), reason);
        let file = File::create(path).map_err(|error| failed(error.to_string()))?;
        let mut encoder =
            png::Encoder::new(BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&self.pixels)?;
            writer.finish()
        });
        written.map_err(|error| failed(error.to_string()))
    }
}
