//! Images from files, for native programs: MNIST's idx files, an `.npz`, or a folder of PNGs by class.
//!
//! | a path to | what is read | classes |
//! |---|---|---|
//! | a folder with `train-images-idx3-ubyte` | that and `train-labels-idx1-ubyte`, both also as `.gz`; `t10k-…` or `t3k-…` are the [held-out](ImageData::read_held_out) images | the labels |
//! | an `.npz`, or a folder with one | the array `images`, `[n, height, width, channels]` of `u8`, or `[n, height, width]` | the array `label`, of strings or integers, if it is there |
//! | any other folder | its PNGs, or those of its folders | the names of those folders, sorted |

mod idx;
mod npz;
mod png;

use std::path::{Path, PathBuf};

use crate::train::Samples;
use crate::{Error, Result};

/// White, which what is transparent is composited on.
const BACKGROUND: u32 = 255;
/// Red, green and blue in the brightness of a pixel, in thousandths (ITU-R BT.601, section 2.5.1).
const BRIGHTNESS: [u32; 3] = [299, 587, 114];

/// Images of one size, as bytes, each perhaps with a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageData {
    /// `[n, height, width, channels]` in row-major order.
    pixels: Vec<u8>,
    shape: [usize; 4],
    /// One for each image, or none.
    classes: Vec<usize>,
    class_names: Vec<String>,
}

impl ImageData {
    /// Reads the images that a model is trained on.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] names the file, what is wrong with it and what would be right.
    pub fn read(path: &Path) -> Result<Self> {
        if path.extension().is_some_and(|end| end == "npz") {
            return npz::read(path);
        }
        let files = entries(path)?;
        if let Some(data) = idx::read(path, &["train"])? {
            return Ok(data);
        }
        let archives: Vec<&PathBuf> = files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "npz"))
            .collect();
        match archives[..] {
            [] => png::read_folder(path, &files),
            [only] => npz::read(only),
            [first, second, ..] => Err(malformed(
                path,
                format!(
                    "it holds {} and {}: name the one to read",
                    first.display(),
                    second.display()
                ),
            )),
        }
    }

    /// Reads the images that are kept from training, which only idx files tell apart: `t10k-images-idx3-ubyte` or `t3k-…`. `None` where there are none.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_held_out(path: &Path) -> Result<Option<Self>> {
        match path.is_dir() {
            true => idx::read(path, &["t10k", "t3k"]),
            false => Ok(None),
        }
    }

    /// From pixels `[n, height, width, channels]`, and a class for each image or none at all.
    fn new(
        path: &Path,
        pixels: Vec<u8>,
        shape: [usize; 4],
        classes: Vec<usize>,
        class_names: Vec<String>,
    ) -> Result<Self> {
        let count: usize = shape.iter().product();
        if count == 0 || pixels.len() != count {
            let reason = format!(
                "it holds {} bytes of pixels, but [n, height, width, channels] = {shape:?} needs {count}, at least one",
                pixels.len()
            );
            return Err(malformed(path, reason));
        }
        if !classes.is_empty() && classes.len() != shape[0] {
            let reason = format!(
                "it has {} labels for {} images: one for each is right",
                classes.len(),
                shape[0]
            );
            return Err(malformed(path, reason));
        }
        Ok(Self {
            pixels,
            shape,
            classes,
            class_names,
        })
    }

    /// Number of images, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one image")]
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Height and width.
    pub fn size(&self) -> [usize; 2] {
        [self.shape[1], self.shape[2]]
    }

    /// Channels in the file: 1 is grey, 2 grey with opacity, 3 RGB, 4 RGBA.
    pub fn channels(&self) -> usize {
        self.shape[3]
    }

    /// The class of each image; empty where the data have none.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// A checksum (CRC-32) of pixels, classes and their names, by which other images are told apart.
    pub fn checksum(&self) -> u32 {
        let mut checksum = flate2::Crc::new();
        checksum.update(&self.pixels);
        for class in &self.classes {
            checksum.update(&(*class as u64).to_le_bytes());
        }
        for name in &self.class_names {
            checksum.update(name.as_bytes());
        }
        checksum.sum()
    }

    /// Names of the classes, by index; empty where the data have none.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The images as a network is trained on them: `[n, channels, height, width]` with values `byte/127.5 − 1` in [−1, 1], and their classes. What is
    /// transparent becomes white; `channels` is 1 for grey or 3 for RGB, whichever of them the files hold.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for another number of channels.
    pub fn samples(&self, channels: usize) -> Result<Samples<4>> {
        if ![1, 3].contains(&channels) {
            return Err(Error::unsupported(
                "in_channels",
                channels,
                "1 (grey), 3 (RGB)",
            ));
        }
        let [count, height, width, stored] = self.shape;
        let area = height * width;
        let mut values = vec![0.0; count * channels * area];
        let images = self.pixels.chunks_exact(area * stored);
        for (image, values) in images.zip(values.chunks_exact_mut(channels * area)) {
            for (index, pixel) in image.chunks_exact(stored).enumerate() {
                let rgb = opaque(pixel);
                match channels {
                    1 => values[index] = symmetric(brightness(rgb)),
                    _ => (0..3).for_each(|c| values[c * area + index] = symmetric(rgb[c])),
                }
            }
        }
        let samples = Samples::new(values, [count, channels, height, width])?;
        match self.classes.is_empty() {
            true => Ok(samples),
            false => samples.with_classes(self.classes.clone()),
        }
    }
}

/// A pixel of any number of channels, composited on white, as red, green and blue.
fn opaque(pixel: &[u8]) -> [u8; 3] {
    let (color, opacity) = match *pixel {
        [grey] => ([grey; 3], 255),
        [grey, opacity] => ([grey; 3], opacity),
        [red, green, blue] => ([red, green, blue], 255),
        [red, green, blue, opacity, ..] => ([red, green, blue], opacity),
        [] => ([0; 3], 0),
    };
    let opacity = u32::from(opacity);
    color.map(|value| {
        ((u32::from(value) * opacity + BACKGROUND * (255 - opacity) + 127) / 255) as u8
    })
}

fn brightness(rgb: [u8; 3]) -> u8 {
    let sum: u32 = rgb
        .iter()
        .zip(BRIGHTNESS)
        .map(|(value, part)| u32::from(*value) * part)
        .sum();
    ((sum + 500) / 1000) as u8
}

fn symmetric(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

/// What is in a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| malformed(folder, error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn malformed(path: &Path, reason: impl std::fmt::Display) -> Error {
    Error::malformed(path.display().to_string(), reason)
}
