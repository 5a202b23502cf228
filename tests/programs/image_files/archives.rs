//! NumPy archives.

use std::fs;

use tempfile::TempDir;
use tweedie::dataset::images::ImageData;

use super::{PIXELS, npy, npz, refusal};

#[test]
fn integer_labels_are_sorted_by_their_size() {
    let folder = TempDir::new().unwrap();
    let labels: Vec<u8> = [10_i64, 9, 10]
        .iter()
        .flat_map(|label| label.to_le_bytes())
        .collect();
    let path = folder.path().join("data.npz");
    npz(
        &path,
        &[
            ("images", npy("|u1", "(3, 2, 3, 1)", &PIXELS)),
            ("label", npy("<i8", "(3,)", &labels)),
        ],
    );
    let data = ImageData::read(&path).unwrap();
    assert_eq!(data.class_names(), ["9", "10"]);
    assert_eq!(data.classes(), [1, 0, 1]);
}

/// An archive with one image of one pixel per label, each a word of at most four bytes.
fn classes_of(words: &[&str]) -> (Vec<usize>, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data.npz");
    let character = |byte: Option<&u8>| u32::from(byte.copied().unwrap_or(0)).to_le_bytes();
    let labels: Vec<u8> = words
        .iter()
        .flat_map(|word| (0..4).flat_map(|i| character(word.as_bytes().get(i))))
        .collect();
    let count = words.len();
    let images = npy("|u1", &format!("({count}, 1, 1)"), &vec![0; count]);
    let label = npy("<U4", &format!("({count},)"), &labels);
    npz(&path, &[("images", images), ("label", label)]);
    let data = ImageData::read(&path).unwrap();
    (data.classes().to_vec(), data.class_names().to_vec())
}

#[test]
fn labels_are_numbers_by_their_size_and_then_words_by_the_alphabet() {
    let (classes, names) = classes_of(&["-2", "-10", "3"]);
    assert_eq!(names, ["-10", "-2", "3"]);
    assert_eq!(classes, [1, 0, 2]);
    // Neither size nor alphabet alone orders these.
    let words: Vec<&str> = ["9", "1a", "10", "a", "B"].repeat(40);
    let (classes, names) = classes_of(&words);
    assert_eq!(names, ["9", "10", "1a", "B", "a"]);
    assert_eq!(classes[..5], [0, 2, 1, 4, 3]);
}

#[test]
fn integer_labels_of_every_width_are_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data.npz");
    for (descr, two, one) in [
        ("|i1", vec![254], vec![1]),
        ("|u1", vec![254], vec![1]),
        ("<i2", (-2_i16).to_le_bytes().to_vec(), vec![1, 0]),
        ("<u2", 65534_u16.to_le_bytes().to_vec(), vec![1, 0]),
        ("<i4", (-2_i32).to_le_bytes().to_vec(), vec![1, 0, 0, 0]),
        (
            "<u4",
            (u32::MAX - 1).to_le_bytes().to_vec(),
            vec![1, 0, 0, 0],
        ),
        (
            "<u8",
            (u64::MAX - 1).to_le_bytes().to_vec(),
            1_u64.to_le_bytes().to_vec(),
        ),
    ] {
        let labels = [two.clone(), one, two].concat();
        let images = ("images", npy("|u1", "(3, 2, 3)", &PIXELS));
        npz(&path, &[images, ("label", npy(descr, "(3,)", &labels))]);
        let data = ImageData::read(&path).unwrap();
        let (expected, classes) = match descr {
            "|u1" => (["1", "254"], [1, 0, 1]),
            "<u2" => (["1", "65534"], [1, 0, 1]),
            "<u4" => (["1", "4294967294"], [1, 0, 1]),
            "<u8" => (["1", "18446744073709551614"], [1, 0, 1]),
            _ => (["-2", "1"], [0, 1, 0]),
        };
        assert_eq!(data.class_names(), expected, "{descr}");
        assert_eq!(data.classes(), classes, "{descr}");
    }
}

#[test]
fn broken_archives_are_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data.npz");
    fs::write(&path, b"no archive").unwrap();
    refusal(&path, "data.npz");
    npz(&path, &[("pictures", npy("|u1", "(3, 2, 3)", &PIXELS))]);
    assert!(refusal(&path, "data.npz").contains("it holds pictures.npy"));
    npz(&path, &[("images", npy("<f4", "(3, 2, 3)", &[0; 72]))]);
    assert!(refusal(&path, "data.npz").contains("u8"));
    npz(&path, &[("images", npy("|u1", "(3, 2, 3)", &PIXELS[..9]))]);
    refusal(&path, "data.npz");
    npz(&path, &[("images", npy("|u1", "(18,)", &PIXELS))]);
    assert!(refusal(&path, "data.npz").contains("[18]"));
    npz(
        &path,
        &[
            ("images", npy("|u1", "(3, 2, 3)", &PIXELS)),
            ("label", npy("<f4", "(3,)", &[0; 12])),
        ],
    );
    assert!(refusal(&path, "data.npz").contains("strings or integers"));
    npz(
        &path,
        &[
            ("images", npy("|u1", "(3, 2, 3)", &PIXELS)),
            ("label", npy("|u1", "(2,)", &[0, 1])),
        ],
    );
    assert!(refusal(&path, "data.npz").contains("2 labels for 3 images"));
    let second = folder.path().join("more.npz");
    fs::copy(&path, &second).unwrap();
    assert!(refusal(folder.path(), "data.npz").contains("more.npz"));
}
