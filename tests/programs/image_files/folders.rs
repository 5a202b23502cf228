//! Selection of the data in a folder, and notes about other files.

use std::fs;
use std::path::Path;

use image::{ExtendedColorType, ImageFormat};
use tempfile::TempDir;
use tweedie::dataset::images::ImageData;

use super::{PIXELS, idx, npy, npz, refusal};

fn picture(folder: &Path, name: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let format = if name.ends_with("jpg") {
        ImageFormat::Jpeg
    } else {
        ImageFormat::Png
    };
    image::save_buffer_with_format(path, &[90; 64], 8, 8, ExtendedColorType::L8, format).unwrap();
}

fn file(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn pngs_and_jpegs_are_read_side_by_side_and_a_class_of_jpegs_counts() {
    let flat = TempDir::new().unwrap();
    for name in ["0.png", "1.png", "2.jpg", "3.jpg", "4.JPG"] {
        picture(flat.path(), name);
    }
    let data = ImageData::read(flat.path()).unwrap();
    assert_eq!(data.describe(), "5 images of 8x8, without classes");
    let classes = TempDir::new().unwrap();
    for name in ["cats/0.png", "cats/1.png", "dogs/0.jpg"] {
        picture(classes.path(), name);
    }
    let data = ImageData::read(classes.path()).unwrap();
    assert_eq!(
        data.describe(),
        "3 images of 8x8 in 2 classes: cats (2), dogs (1)"
    );
    assert!(data.skipped().is_empty());
}

#[test]
fn hidden_files_and_those_of_systems_are_no_data() {
    let folder = TempDir::new().unwrap();
    for name in ["cats/0.png", "dogs/0.png"] {
        picture(folder.path(), name);
    }
    let clean = ImageData::read(folder.path()).unwrap();
    for name in [
        ".ipynb_checkpoints/0-checkpoint.png",
        ".thumbnails/0.png",
        "__MACOSX/0.png",
        "@eaDir/0.png",
        "cats/.ipynb_checkpoints/0-checkpoint.png",
        "cats/__MACOSX/0.png",
    ] {
        picture(folder.path(), name);
    }
    for name in [
        "cats/._0.png",
        "._0.png",
        "._data.npz",
        ".DS_Store",
        "dogs/Thumbs.db",
        "thumbs.db",
        "Desktop.ini",
    ] {
        file(folder.path(), name, b"\0\x05\x16\x07");
    }
    assert_eq!(ImageData::read(folder.path()).unwrap(), clean);
}

#[test]
fn what_is_skipped_is_said_with_counts() {
    let folder = TempDir::new().unwrap();
    for name in [
        "cats/0.png",
        "dogs/0.png",
        "dogs/more/1.png",
        "dogs/more/2.png",
    ] {
        picture(folder.path(), name);
    }
    file(folder.path(), "cats/photo.heic", b"heic");
    file(folder.path(), "dogs/movie.gif", b"gif");
    file(folder.path(), "labels.csv", b"0,1");
    file(folder.path(), "notes/read.me", b"hello");
    let data = ImageData::read(folder.path()).unwrap();
    assert_eq!(data.class_names(), ["cats", "dogs"]);
    assert_eq!(
        data.skipped(),
        [
            "2 images in formats that are not read (photo.heic, movie.gif)",
            "1 file that is no image (labels.csv)",
            "2 folders (more, notes)",
        ]
    );
}

#[test]
fn what_lies_beside_an_archive_or_idx_files_is_said() {
    let folder = TempDir::new().unwrap();
    picture(folder.path(), "0.png");
    npz(
        &folder.path().join("data.npz"),
        &[("images", npy("|u1", "(3, 2, 3)", &PIXELS))],
    );
    let data = ImageData::read(folder.path()).unwrap();
    assert_eq!(data.skipped(), ["1 other file or folder (0.png)"]);
    file(
        folder.path(),
        "train-images-idx3-ubyte",
        &idx(&[3, 2, 3], &PIXELS),
    );
    let data = ImageData::read(folder.path()).unwrap();
    assert_eq!(
        data.skipped(),
        ["2 other files and folders (0.png, data.npz)"]
    );
}

#[test]
fn a_class_without_images_that_can_be_read_is_refused() {
    let folder = TempDir::new().unwrap();
    picture(folder.path(), "cats/0.png");
    file(folder.path(), "dogs/0.heic", b"heic");
    assert!(refusal(folder.path(), "dogs").contains("0.heic"));
    fs::remove_file(folder.path().join("dogs/0.heic")).unwrap();
    picture(folder.path(), "dogs/brown/0.png");
    assert!(refusal(folder.path(), "dogs").contains("whose subfolders are the classes"));
    let only = TempDir::new().unwrap();
    file(only.path(), "0.tiff", b"tiff");
    assert!(refusal(only.path(), "0.tiff").contains("convert them"));
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    for name in ["0.png", "1.jpg", "2.jpg", "3.png"] {
        picture(folder.path(), name);
    }
    file(folder.path(), "1.jpg", b"");
    file(folder.path(), "3.png", b"<html>");
    let message = refusal(folder.path(), "1.jpg");
    assert!(
        message.contains("it is empty")
            && message.contains("; so cannot")
            && message.contains("3.png"),
        "{message}"
    );
}
