//! Images in PNG files, by class in folders.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ::png::{ColorType, Decoder, Transformations};

use super::{ImageData, entries, malformed};
use crate::Result;

/// Bytes of a pixel.
const RGBA: usize = 4;

/// The PNGs among the `files` of a folder, or those in its folders, each a class.
pub(super) fn read_folder(folder: &Path, files: &[PathBuf]) -> Result<ImageData> {
    let own: Vec<&PathBuf> = files.iter().filter(|path| is_png(path)).collect();
    let mut images = Images::default();
    if let Some(first) = own.first() {
        if let Some(class) = files.iter().find(|path| holds_pngs(path)) {
            let reason = format!(
                "it holds the image {} and images in the folder {}: right is one folder for each class, or no folder",
                first.display(),
                class.display()
            );
            return Err(malformed(folder, reason));
        }
        own.into_iter().try_for_each(|path| images.add(path))?;
        return images.finish(folder, Vec::new(), Vec::new());
    }
    let (mut classes, mut names) = (Vec::new(), Vec::new());
    for class in files.iter().filter(|path| path.is_dir()) {
        let before = images.count;
        let members = entries(class)?;
        members
            .iter()
            .filter(|path| is_png(path))
            .try_for_each(|path| images.add(path))?;
        if images.count > before {
            classes.resize(images.count, names.len());
            names.push(
                class
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    if images.count == 0 {
        let reason = "it holds no images: right would be train-images-idx3-ubyte (or .gz), an .npz, PNGs, or folders of PNGs, one for each class";
        return Err(malformed(folder, reason));
    }
    images.finish(folder, classes, names)
}

fn holds_pngs(folder: &Path) -> bool {
    folder.is_dir() && entries(folder).is_ok_and(|files| files.iter().any(|path| is_png(path)))
}

fn is_png(path: &Path) -> bool {
    path.is_file()
        && path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("png"))
}

/// Images that were read so far, `[count, height, width, 4]`.
#[derive(Default)]
struct Images {
    pixels: Vec<u8>,
    count: usize,
    size: [usize; 2],
}

impl Images {
    fn add(&mut self, path: &Path) -> Result<()> {
        let (size, pixels) = read(path)?;
        if self.count > 0 && size != self.size {
            let ([height, width], [first_height, first_width]) = (size, self.size);
            let reason = format!(
                "it is {width}x{height}, but the first image is {first_width}x{first_height}: all must have one size"
            );
            return Err(malformed(path, reason));
        }
        self.size = size;
        self.count += 1;
        self.pixels.extend(pixels);
        Ok(())
    }

    fn finish(self, folder: &Path, classes: Vec<usize>, names: Vec<String>) -> Result<ImageData> {
        let [height, width] = self.size;
        ImageData::new(
            folder,
            self.pixels,
            [self.count, height, width, RGBA],
            classes,
            names,
        )
    }
}

/// Height and width, and the pixels as RGBA.
fn read(path: &Path) -> Result<([usize; 2], Vec<u8>)> {
    let file = File::open(path).map_err(|error| malformed(path, error))?;
    let mut decoder = Decoder::new(BufReader::new(file));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder
        .read_info()
        .map_err(|error| malformed(path, error))?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| malformed(path, "it is larger than memory"))?;
    let mut bytes = vec![0; size];
    let frame = reader
        .next_frame(&mut bytes)
        .map_err(|error| malformed(path, error))?;
    bytes.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Rgba => bytes,
        ColorType::GrayscaleAlpha => {
            let pairs = bytes.as_chunks().0.iter();
            pairs
                .flat_map(|&[grey, opacity]| [grey, grey, grey, opacity])
                .collect()
        }
        other => {
            return Err(malformed(
                path,
                format!("it decodes to {other:?}, not to RGBA"),
            ));
        }
    };
    Ok(([frame.height as usize, frame.width as usize], pixels))
}
