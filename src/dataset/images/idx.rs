//! The idx files of MNIST (LeCun, Cortes & Burges; format at <http://yann.lecun.com/exdb/mnist/>).

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{ImageData, malformed, unreadable};
use crate::Result;

/// Two zeros, 8 for unsigned bytes, and the number of dimensions.
const IMAGES: [u8; 4] = [0, 0, 8, 3];
const LABELS: [u8; 4] = [0, 0, 8, 1];
/// Upper limit of the size; larger files are rejected as likely mistakes.
const MAX_BYTES: u64 = 8 << 30;

/// The images and labels with the first of the prefixes for which files exist; `None` without any.
pub(super) fn read(folder: &Path, prefixes: &[&str]) -> Result<Option<ImageData>> {
    for prefix in prefixes {
        let Some(images) = find(folder, &format!("{prefix}-images-idx3-ubyte")) else {
            continue;
        };
        let ([count, height, width], pixels) = arrays::<3>(&images, IMAGES)?;
        let labels = find(folder, &format!("{prefix}-labels-idx1-ubyte"));
        let classes: Vec<usize> = match &labels {
            Some(labels) => {
                let (_, labels) = arrays::<1>(labels, LABELS)?;
                labels.into_iter().map(usize::from).collect()
            }
            None => Vec::new(),
        };
        let names = 0..classes.iter().max().map_or(0, |last| last + 1);
        let names = names.map(|class| class.to_string()).collect();
        let path = labels.as_deref().unwrap_or(&images);
        let shape = [count, height, width, 1];
        return ImageData::new(path, pixels, shape, classes, names).map(Some);
    }
    Ok(None)
}

/// The file, or its compressed version.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.to_owned(), format!("{name}.gz")];
    names
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// The array of bytes in a file: its shape and values.
fn arrays<const D: usize>(path: &Path, magic: [u8; 4]) -> Result<([usize; D], Vec<u8>)> {
    let file = File::open(path).map_err(|error| malformed(path, error))?;
    let mut file = BufReader::new(file);
    let head = file.fill_buf().map_err(|error| malformed(path, error))?;
    // Detected by content and not by name: browsers decompress .gz files and keep the name.
    let is_compressed = head.starts_with(b"\x1f\x8b");
    let mut bytes = Vec::new();
    let read = if is_compressed {
        flate2::bufread::GzDecoder::new(file)
            .take(MAX_BYTES)
            .read_to_end(&mut bytes)
    } else {
        file.take(MAX_BYTES).read_to_end(&mut bytes)
    };
    read.map_err(|error| unreadable(path, error))?;
    let header = 4 + 4 * D;
    if bytes.len() < header || bytes[..4] != magic {
        let found = &bytes[..bytes.len().min(4)];
        let reason = format!(
            "an idx file of bytes in {D} dimensions begins with {magic:?}, but this one with {found:?}"
        );
        return Err(unreadable(path, reason));
    }
    let sizes = bytes[4..header].as_chunks().0;
    let shape: [usize; D] = std::array::from_fn(|i| u32::from_be_bytes(sizes[i]) as usize);
    let count = shape
        .iter()
        .fold(1_usize, |all, size| all.saturating_mul(*size));
    if bytes.len() - header != count {
        let reason = format!(
            "its header says {shape:?}, {count} bytes, but {} follow",
            bytes.len() - header
        );
        return Err(malformed(path, reason));
    }
    bytes.drain(..header);
    Ok((shape, bytes))
}
