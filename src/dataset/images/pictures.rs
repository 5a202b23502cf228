//! Images in a folder, or in one subfolder per class.

use std::path::{Path, PathBuf};

use image::RgbaImage;
use rayon::prelude::*;

use super::decode::decode;
use super::{ImageData, entries, fit, malformed};
use crate::Result;

/// Extensions of supported formats.
const READ: [&str; 6] = ["png", "jpg", "jpeg", "jpe", "jfif", "webp"];
/// Extensions of unsupported image formats.
const OTHER_FORMATS: [&str; 17] = [
    "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl", "jp2", "tga", "psd", "svg", "dng",
    "cr2", "cr3", "nef", "arw",
];
/// Bytes per pixel.
const RGBA: usize = 4;
/// Number of images decoded at a time, to limit memory.
const BATCH: usize = 64;
/// Maximum number of files named in a message.
const MAX_NAMED: usize = 5;

/// The images among the `files` of a folder, or those in its subfolders, each of which is a class.
pub(super) fn read_folder(
    folder: &Path,
    files: &[PathBuf],
    size: Option<[usize; 2]>,
) -> Result<ImageData> {
    let own = Listing::new(files);
    let mut images = Images {
        size,
        ..Images::default()
    };
    if let Some(first) = own.pictures.first() {
        if let Some(class) = own.folders.iter().find(|path| holds_pictures(path)) {
            let reason = format!(
                "it holds the image {} and images in the folder {}: right is one folder for each class, or no folder",
                first.display(),
                class.display()
            );
            return Err(malformed(folder, reason));
        }
        images.add(&own.pictures)?;
        images.skip(own);
        return images.finish(folder, Vec::new(), Vec::new());
    }
    let (mut classes, mut names) = (Vec::new(), Vec::new());
    for class in &own.folders {
        let members = Listing::new(&entries(class)?);
        if let Some(reason) = members.problem() {
            return Err(malformed(class, reason));
        }
        if members.pictures.is_empty() {
            images.skipped.folders.push(class.clone());
            continue;
        }
        images.add(&members.pictures)?;
        images.skip(members);
        classes.resize(images.count, names.len());
        names.push(name(class));
    }
    if images.count == 0 {
        let reason = own.problem().unwrap_or_else(|| {
            "it holds no images: right would be train-images-idx3-ubyte (or .gz), an .npz, PNG, JPEG or WebP files, or folders of them, one for each class".to_owned()
        });
        return Err(malformed(folder, reason));
    }
    images.skip(Listing {
        folders: Vec::new(),
        ..own
    });
    images.finish(folder, classes, names)
}

/// Contents of a folder, by type.
#[derive(Default)]
struct Listing {
    pictures: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// Images in unsupported formats.
    other_formats: Vec<PathBuf>,
    rest: Vec<PathBuf>,
}

impl Listing {
    fn new(paths: &[PathBuf]) -> Self {
        let mut listing = Self::default();
        for path in paths {
            let kind = if path.is_dir() {
                &mut listing.folders
            } else if has_extension(path, &READ) {
                &mut listing.pictures
            } else if has_extension(path, &OTHER_FORMATS) {
                &mut listing.other_formats
            } else {
                &mut listing.rest
            };
            kind.push(path.clone());
        }
        listing
    }

    /// The reason why a folder without images must not be skipped.
    fn problem(&self) -> Option<String> {
        if !self.pictures.is_empty() {
            return None;
        }
        if !self.other_formats.is_empty() {
            let names = named(&self.other_formats);
            return Some(format!(
                "its images are in unsupported formats ({names}): convert them to PNG or JPEG"
            ));
        }
        let inner = self.folders.iter().find(|path| holds_pictures(path))?;
        Some(format!(
            "its images are in further subfolders, such as {}: name the folder whose subfolders are the classes",
            inner.display()
        ))
    }
}

fn holds_pictures(folder: &Path) -> bool {
    let holds = |files: Vec<PathBuf>| {
        files
            .iter()
            .any(|path| path.is_file() && has_extension(path, &READ))
    };
    entries(folder).is_ok_and(holds)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let end = path.extension().unwrap_or_default();
    extensions
        .iter()
        .any(|known| end.eq_ignore_ascii_case(known))
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The names of the first files.
pub(super) fn named(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> = paths
        .iter()
        .take(MAX_NAMED)
        .map(|path| name(path))
        .collect();
    if paths.len() > MAX_NAMED {
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// Images read so far, `[count, height, width, 4]`.
#[derive(Default)]
struct Images {
    /// Target size for resizing and cropping.
    size: Option<[usize; 2]>,
    pixels: Vec<u8>,
    count: usize,
    /// Width and height of the first image.
    first: (u32, u32),
    skipped: Listing,
}

impl Images {
    /// Reads images. Errors name all unreadable files of a batch.
    fn add(&mut self, paths: &[PathBuf]) -> Result<()> {
        for batch in paths.chunks(BATCH) {
            let size = self.size;
            let read = |path: &PathBuf| -> Result<RgbaImage, String> {
                let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
                let picture = decode(&bytes)?;
                Ok(match size {
                    Some(size) => fit(picture, size),
                    None => picture,
                })
            };
            let pictures: Vec<Result<RgbaImage, String>> = batch.par_iter().map(read).collect();
            let (mut read, mut broken) = (Vec::new(), Vec::new());
            for (path, picture) in batch.iter().zip(pictures) {
                match picture {
                    Ok(picture) => read.push((path, picture)),
                    Err(reason) => broken.push((path, reason)),
                }
            }
            if let [(path, reason), others @ ..] = &broken[..] {
                let others: Vec<PathBuf> = others.iter().map(|(path, _)| (*path).clone()).collect();
                let more = match others.len() {
                    0 => String::new(),
                    1 => format!("; so cannot {}", named(&others)),
                    count => format!("; so cannot {count} others: {}", named(&others)),
                };
                return Err(malformed(path, format!("{reason}{more}")));
            }
            read.into_iter()
                .try_for_each(|(path, picture)| self.push(path, picture))?;
        }
        Ok(())
    }

    fn push(&mut self, path: &Path, picture: RgbaImage) -> Result<()> {
        let (width, height) = picture.dimensions();
        if self.count == 0 {
            self.first = (width, height);
        }
        let (first_width, first_height) = self.first;
        if (width, height) != self.first {
            let reason = format!(
                "it is {width}x{height}, but the first image is {first_width}x{first_height}: all must have the same size; resize them with --size"
            );
            return Err(malformed(path, reason));
        }
        self.count += 1;
        self.pixels.extend(picture.into_raw());
        Ok(())
    }

    fn skip(&mut self, listing: Listing) {
        let holding = listing
            .folders
            .into_iter()
            .filter(|path| holds_pictures(path));
        self.skipped.folders.extend(holding);
        self.skipped.other_formats.extend(listing.other_formats);
        self.skipped.rest.extend(listing.rest);
    }

    fn finish(self, folder: &Path, classes: Vec<usize>, names: Vec<String>) -> Result<ImageData> {
        let (width, height) = self.first;
        let shape = [self.count, height as usize, width as usize, RGBA];
        let mut data = ImageData::new(folder, self.pixels, shape, classes, names)?;
        for (paths, what) in [
            (
                &self.skipped.other_formats,
                [
                    "image in a format that is not read",
                    "images in formats that are not read",
                ],
            ),
            (
                &self.skipped.rest,
                ["file that is no image", "files that are no images"],
            ),
            (&self.skipped.folders, ["folder", "folders"]),
        ] {
            data.skip(paths, what);
        }
        Ok(data)
    }
}
