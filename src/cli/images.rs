//! Reading of image data sets, with a report.

use std::path::Path;

use super::ImageSize;
use crate::Result;
use crate::dataset::images::ImageData;

/// Reads images, resized and cropped if a size is given, and prints their number, size and classes, and the skipped
/// files.
///
/// # Errors
/// Those of [`ImageData::read`].
pub fn read_images(path: &Path, size: Option<ImageSize>) -> Result<ImageData> {
    let data = match size {
        Some(ImageSize(size)) => ImageData::read_resized(path, size)?,
        None => ImageData::read(path)?,
    };
    eprintln!("{}: {}", path.display(), data.describe());
    for skipped in data.skipped() {
        eprintln!("warning: skipped {skipped}");
    }
    Ok(data)
}
