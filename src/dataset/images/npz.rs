//! Images in a NumPy archive, as written by `numpy.savez(path, images=…, label=…)`.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use npyz::{DType, NpyFile, Order, TypeChar};
use zip::ZipArchive;

use super::{ImageData, malformed, unreadable};
use crate::Result;

type Archive = ZipArchive<BufReader<File>>;

pub(super) fn read(path: &Path) -> Result<ImageData> {
    let file = File::open(path).map_err(|error| malformed(path, error))?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| unreadable(path, error))?;
    let (shape, pixels) = images(path, &mut archive)?;
    let labels = match archive.index_for_name("label.npy") {
        Some(_) => labels(path, &mut archive)?,
        None => Vec::new(),
    };
    let mut names = labels.clone();
    // Numbers by value, followed by words in alphabetical order.
    names.sort_by_cached_key(|name| {
        let number = name.parse::<i128>().ok();
        (number.is_none(), number, name.clone())
    });
    names.dedup();
    let class = |label: &String| names.iter().position(|name| name == label);
    let classes = labels.iter().filter_map(class).collect();
    ImageData::new(path, pixels, shape, classes, names)
}

fn images(path: &Path, archive: &mut Archive) -> Result<([usize; 4], Vec<u8>)> {
    let expected = "images must be an array of u8, [n, height, width, channels] with 1 to 4 channels or [n, height, width], in C order";
    let array = array(path, archive, "images")?;
    let sizes: Vec<usize> = array.shape().iter().map(|size| *size as usize).collect();
    let shape = match sizes[..] {
        [n, height, width] => Some([n, height, width, 1]),
        [n, height, width, channels @ 1..=4] => Some([n, height, width, channels]),
        _ => None,
    };
    let kind = array.dtype();
    let bytes = matches!(&kind, DType::Plain(kind) if kind.type_char() == TypeChar::Uint && kind.size_field() == 1);
    match shape {
        Some(shape) if bytes && array.order() == Order::C => {
            let pixels = array
                .into_vec()
                .map_err(|error| malformed(path, format!("images: {error}")))?;
            Ok((shape, pixels))
        }
        _ => Err(malformed(
            path,
            format!("{expected}, but is {} {sizes:?}", kind.descr()),
        )),
    }
}

/// The names of the classes; integers as text.
fn labels(path: &Path, archive: &mut Archive) -> Result<Vec<String>> {
    let array = array(path, archive, "label")?;
    let kind = array.dtype();
    let failed = |error: std::io::Error| malformed(path, format!("label: {error}"));
    let DType::Plain(plain) = &kind else {
        return Err(malformed(
            path,
            "label must be an array of strings or integers, but has fields",
        ));
    };
    macro_rules! integers {
        ($number:ty) => {{
            let numbers: Vec<$number> = array.into_vec().map_err(failed)?;
            Ok(numbers.iter().map(ToString::to_string).collect())
        }};
    }
    match (plain.type_char(), plain.size_field()) {
        (TypeChar::UnicodeStr, _) => array.into_vec().map_err(failed),
        (TypeChar::Int, 1) => integers!(i8),
        (TypeChar::Int, 2) => integers!(i16),
        (TypeChar::Int, 4) => integers!(i32),
        (TypeChar::Int, 8) => integers!(i64),
        (TypeChar::Uint, 1) => integers!(u8),
        (TypeChar::Uint, 2) => integers!(u16),
        (TypeChar::Uint, 4) => integers!(u32),
        (TypeChar::Uint, 8) => integers!(u64),
        _ => Err(malformed(
            path,
            format!(
                "label must be an array of strings or integers, but is {}",
                kind.descr()
            ),
        )),
    }
}

fn array<'a>(
    path: &Path,
    archive: &'a mut Archive,
    name: &str,
) -> Result<NpyFile<impl Read + use<'a>>> {
    let present: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .collect();
    let file = archive.by_name(&format!("{name}.npy")).map_err(|error| {
        malformed(
            path,
            format!("{name}.npy: {error}; it holds {}", present.join(", ")),
        )
    })?;
    NpyFile::new(file).map_err(|error| malformed(path, format!("{name}.npy: {error}")))
}
