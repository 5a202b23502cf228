//! Images from files: all formats yield the same samples, and errors name broken files.

mod archives;
mod folders;
mod photos;
mod pictures;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use tempfile::TempDir;
use tweedie::Error;
use tweedie::dataset::images::ImageData;

/// Three images of 2x3 grey pixels.
const PIXELS: [u8; 18] = [
    0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 255, 254, 253, 252, 251, 250,
];
const LABELS: [u8; 3] = [1, 0, 1];

fn idx(sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    file.extend(bytes);
    file
}

fn gzip(path: &Path, bytes: &[u8]) {
    let mut file =
        flate2::write::GzEncoder::new(File::create(path).unwrap(), flate2::Compression::fast());
    file.write_all(bytes).unwrap();
    file.finish().unwrap();
}

fn npy(descr: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

fn npz(path: &Path, arrays: &[(&str, Vec<u8>)]) {
    let mut file = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in arrays {
        file.start_file(
            format!("{name}.npy"),
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
        file.write_all(bytes).unwrap();
    }
    file.finish().unwrap();
}

fn png(path: &Path, [width, height]: [u32; 2], color: png::ColorType, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), width, height);
    encoder.set_color(color);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(bytes)
        .unwrap();
}

/// The error message, which must name `file`.
#[track_caller]
fn refusal(path: &Path, file: &str) -> String {
    match ImageData::read(path) {
        Err(error @ Error::MalformedFile { .. }) => {
            let message = error.to_string();
            assert!(message.contains(file), "{message} does not name {file}");
            message
        }
        other => panic!("{other:?} is no malformed file"),
    }
}

fn mnist() -> TempDir {
    let folder = TempDir::new().unwrap();
    gzip(
        &folder.path().join("train-images-idx3-ubyte.gz"),
        &idx(&[3, 2, 3], &PIXELS),
    );
    fs::write(
        folder.path().join("train-labels-idx1-ubyte"),
        idx(&[3], &LABELS),
    )
    .unwrap();
    folder
}

#[test]
fn idx_files_npz_and_folders_of_png_give_the_same_samples() {
    let folder = mnist();
    let from_idx = ImageData::read(folder.path()).unwrap();
    assert_eq!(
        (from_idx.len(), from_idx.size(), from_idx.channels()),
        (3, [2, 3], 1)
    );
    assert_eq!(from_idx.classes(), [1, 0, 1]);
    assert_eq!(from_idx.class_names(), ["0", "1"]);
    let samples = from_idx.samples(1).unwrap();
    assert_eq!(samples.shape(), [3, 1, 2, 3]);
    assert_eq!(samples.values()[0], -1.0);
    assert_eq!(samples.values()[12], 1.0);

    let archive = TempDir::new().unwrap();
    let words: Vec<u8> = ["b", "a", "b"]
        .iter()
        .flat_map(|word| [word.as_bytes()[0], 0, 0, 0])
        .collect();
    let arrays = [
        ("images", npy("|u1", "(3, 2, 3)", &PIXELS)),
        ("label", npy("<U1", "(3,)", &words)),
    ];
    npz(&archive.path().join("data.npz"), &arrays);
    let from_npz = ImageData::read(archive.path()).unwrap();
    assert_eq!(from_npz.class_names(), ["a", "b"]);
    assert_eq!(from_npz.samples(1).unwrap(), samples);

    let pictures = TempDir::new().unwrap();
    for (index, (image, class)) in PIXELS.chunks(6).zip(["b", "a", "b"]).enumerate() {
        let path = pictures.path().join(class).join(format!("{index}.png"));
        png(&path, [3, 2], png::ColorType::Grayscale, image);
    }
    let from_png = ImageData::read(pictures.path()).unwrap();
    // Sorted by class, the second image comes first.
    assert_eq!(from_png.classes(), [0, 1, 1]);
    let values = from_png.samples(1).unwrap();
    assert_eq!(values.values()[..6], samples.values()[6..12]);
    assert_eq!(values.values()[6..12], samples.values()[..6]);
}

#[test]
fn held_out_images_are_those_of_the_other_idx_file() {
    let folder = mnist();
    assert_eq!(ImageData::read_held_out(folder.path()).unwrap(), None);
    fs::write(
        folder.path().join("t10k-images-idx3-ubyte"),
        idx(&[1, 2, 3], &PIXELS[..6]),
    )
    .unwrap();
    let held_out = ImageData::read_held_out(folder.path()).unwrap().unwrap();
    assert_eq!((held_out.len(), held_out.classes().len()), (1, 0));
}

#[test]
fn broken_idx_files_are_named() {
    let folder = mnist();
    let labels = folder.path().join("train-labels-idx1-ubyte");
    fs::write(&labels, idx(&[2], &LABELS[..2])).unwrap();
    assert!(refusal(folder.path(), "train-labels-idx1-ubyte").contains("2 labels for 3 images"));
    fs::write(&labels, idx(&[3], &LABELS[..2])).unwrap();
    assert!(refusal(folder.path(), "train-labels-idx1-ubyte").contains("2 follow"));
    fs::write(&labels, b"").unwrap();
    refusal(folder.path(), "train-labels-idx1-ubyte");
    let images = folder.path().join("train-images-idx3-ubyte.gz");
    let bytes = fs::read(&images).unwrap();
    fs::write(&images, &bytes[..bytes.len() / 2]).unwrap();
    refusal(folder.path(), "train-images-idx3-ubyte.gz");
    gzip(&images, &idx(&[u32::MAX, u32::MAX, u32::MAX], &PIXELS));
    refusal(folder.path(), "train-images-idx3-ubyte.gz");
    gzip(&images, &idx(&[0, 2, 3], &[]));
    fs::remove_file(&labels).unwrap();
    refusal(folder.path(), "train-images-idx3-ubyte.gz");
}
