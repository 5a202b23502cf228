//! Image data sets from files, for native programs: MNIST's idx files, an `.npz`, or a folder of images by class.
//!
//! | path | images | classes |
//! |---|---|---|
//! | a folder with `train-images-idx3-ubyte` | that file and `train-labels-idx1-ubyte`, both optionally as `.gz`; `t10k-…` or `t3k-…` are the [held-out](ImageData::read_held_out) images | the labels |
//! | an `.npz`, or a folder with one | the array `images`, `[n, height, width, channels]` of `u8`, or `[n, height, width]` | the array `label`, of strings or integers, if present |
//! | any other folder | its PNG, JPEG and WebP files, or those of its subfolders | the names of the subfolders, sorted |
//!
//! Images are decoded as browsers display them: rotated according to their EXIF data, in sRGB, and the first frame of
//! an animation. Hidden files and files of operating systems and notebooks (`.ipynb_checkpoints`, `._0.png`,
//! `__MACOSX`, `Thumbs.db`) are ignored.

mod decode;
mod folder;
mod idx;
mod npz;
mod pictures;
mod pixels;

use std::path::{Path, PathBuf};

use image::{Rgba, RgbaImage};

use self::folder::{entries, malformed, unreadable};
use self::pixels::{brightness, fit, opaque, symmetric};
use crate::train::Samples;
use crate::{Error, Result};

/// Images of one size, as bytes, optionally with classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageData {
    /// `[n, height, width, channels]` in row-major order.
    pixels: Vec<u8>,
    shape: [usize; 4],
    /// One class per image, or empty.
    classes: Vec<usize>,
    class_names: Vec<String>,
    /// Files beside the images that were not read.
    skipped: Vec<String>,
}

impl ImageData {
    /// Reads training images, all of the same size.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] names the file, the problem, and the expected content.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_whole(path, None)
    }

    /// Reads training images, scales each to cover a height and width, and crops its centre.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_resized(path: &Path, size: [usize; 2]) -> Result<Self> {
        Ok(Self::read_whole(path, Some(size))?.resized(size))
    }

    /// Reads one picture.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] names the file and the problem.
    pub fn read_picture(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| malformed(path, error.to_string()))?;
        let picture = decode::decode(&bytes).map_err(|reason| malformed(path, reason))?;
        let shape = [1, picture.height() as usize, picture.width() as usize, 4];
        Self::new(path, picture.into_raw(), shape, Vec::new(), Vec::new())
    }

    fn read_whole(path: &Path, size: Option<[usize; 2]>) -> Result<Self> {
        if path.extension().is_some_and(|end| end == "npz") {
            return npz::read(path);
        }
        let files = entries(path)?;
        if let Some(data) = idx::read(path, &["train"])? {
            let is_own = |file: &PathBuf| file.to_string_lossy().contains("-ubyte");
            return Ok(data.beside(files.into_iter().filter(|file| !is_own(file))));
        }
        let archives: Vec<&PathBuf> = files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "npz"))
            .collect();
        match archives[..] {
            [] => pictures::read_folder(path, &files, size),
            [only] => {
                let only = only.clone();
                let data = npz::read(&only)?;
                Ok(data.beside(files.into_iter().filter(|file| *file != only)))
            }
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

    /// Reads held-out images, which only idx files provide: `t10k-images-idx3-ubyte` or `t3k-…`. `None` where there are
    /// none.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_held_out(path: &Path) -> Result<Option<Self>> {
        if path.is_dir() {
            idx::read(path, &["t10k", "t3k"])
        } else {
            Ok(None)
        }
    }

    /// Images from pixels `[n, height, width, channels]`, with one class per image or none.
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
                "it has {} labels for {} images: there must be one per image",
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
            skipped: Vec::new(),
        })
    }

    /// Records files beside the only file that was read.
    fn beside(mut self, files: impl Iterator<Item = PathBuf>) -> Self {
        let files: Vec<PathBuf> = files.collect();
        self.skip(&files, ["other file or folder", "other files and folders"]);
        self
    }

    /// Records files that were not read, with singular and plural nouns for them.
    fn skip(&mut self, files: &[PathBuf], [one, many]: [&str; 2]) {
        let names = pictures::named(files);
        match files.len() {
            0 => (),
            1 => self.skipped.push(format!("1 {one} ({names})")),
            count => self.skipped.push(format!("{count} {many} ({names})")),
        }
    }

    /// The images, each scaled to cover a height and width, and cropped to its centre.
    pub fn resized(self, size: [usize; 2]) -> Self {
        if self.size() == size {
            return self;
        }
        let [count, height, width, stored] = self.shape;
        let image = |pixels: &[u8]| {
            let pixel = |x: u32, y: u32| {
                let start = (y as usize * width + x as usize) * stored;
                let [red, green, blue] = opaque(&pixels[start..start + stored]);
                Rgba([red, green, blue, u8::MAX])
            };
            fit(RgbaImage::from_fn(width as u32, height as u32, pixel), size).into_raw()
        };
        let images = self.pixels.chunks_exact(height * width * stored);
        Self {
            pixels: images.flat_map(image).collect(),
            shape: [count, size[0], size[1], 4],
            ..self
        }
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

    /// Number of channels in the file: 1 is grey, 2 grey with alpha, 3 RGB, 4 RGBA.
    pub fn channels(&self) -> usize {
        self.shape[3]
    }

    /// Class of each image; empty for unlabelled data.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// A checksum (CRC-32) of pixels, classes and class names, to detect other data.
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

    /// Files beside the images that were not read: their number and type, and the first names.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Number of images, their size and classes, in one line.
    pub fn describe(&self) -> String {
        const MAX_CLASSES: usize = 20;
        let [count, height, width, _] = self.shape;
        let images = format!("{count} images of {width}x{height}");
        let names = self.class_names.iter().enumerate().take(MAX_CLASSES);
        let named = names.map(|(class, name)| {
            let members = self.classes.iter().filter(|found| **found == class);
            format!("{name} ({})", members.count())
        });
        let named = named.collect::<Vec<_>>().join(", ");
        match self.class_names.len() {
            0 => format!("{images}, without classes"),
            classes if classes > MAX_CLASSES => {
                format!("{images} in {classes} classes: {named}, …")
            }
            classes => format!("{images} in {classes} classes: {named}"),
        }
    }

    /// Names of the classes, by index; empty for unlabelled data.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The images as training samples: `[n, channels, height, width]` with values `byte/127.5 − 1` in [−1, 1], and
    /// their classes. Transparent pixels become white; `channels` is 1 for grey or 3 for RGB, independent of the files.
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
        if self.classes.is_empty() {
            Ok(samples)
        } else {
            samples.with_classes(self.classes.clone())
        }
    }
}
