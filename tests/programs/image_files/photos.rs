//! Photos from cameras and phones are decoded as in browsers.

use std::fs::{self, File};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use tempfile::TempDir;
use tweedie::dataset::images::ImageData;

use super::refusal;
use crate::common::fixture;

/// Width and height of the image, in JPEG blocks.
const WIDTH: usize = 3;
const HEIGHT: usize = 2;
const BLOCK: usize = 8;

/// A different grey in each block of the upright image.
fn grey(x: usize, y: usize) -> u8 {
    30 + 40 * (y * WIDTH + x) as u8
}

/// Pixels as stored by a camera in this orientation: width, height and greys (Exif 2.3, tag 0x0112).
fn stored(orientation: u8) -> (u32, u32, Vec<u8>) {
    let is_turned = orientation >= 5;
    let (columns, rows) = if is_turned {
        (HEIGHT, WIDTH)
    } else {
        (WIDTH, HEIGHT)
    };
    let block = |row: usize, column: usize| {
        let (last_x, last_y) = (WIDTH - 1, HEIGHT - 1);
        let (x, y) = match orientation {
            2 => (last_x - column, row),
            3 => (last_x - column, last_y - row),
            4 => (column, last_y - row),
            5 => (row, column),
            6 => (last_x - row, column),
            7 => (last_x - row, last_y - column),
            8 => (row, last_y - column),
            _ => (column, row),
        };
        grey(x, y)
    };
    let pixels = (0..rows * BLOCK)
        .flat_map(|row| (0..columns * BLOCK).map(move |column| block(row / BLOCK, column / BLOCK)));
    (
        (columns * BLOCK) as u32,
        (rows * BLOCK) as u32,
        pixels.collect(),
    )
}

fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    bytes.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn write(path: &Path, orientation: u8, exif: Vec<u8>) {
    let (width, height, greys) = stored(orientation);
    let file = File::create(path).unwrap();
    match path.extension().unwrap().to_str().unwrap() {
        "png" => {
            let mut encoder = PngEncoder::new(file);
            encoder.set_exif_metadata(exif).unwrap();
            encoder
                .write_image(&greys, width, height, ExtendedColorType::L8)
                .unwrap();
        }
        "jpg" => {
            let mut encoder = JpegEncoder::new_with_quality(file, 100);
            encoder.set_exif_metadata(exif).unwrap();
            encoder
                .write_image(&greys, width, height, ExtendedColorType::L8)
                .unwrap();
        }
        _ => {
            let mut encoder = WebPEncoder::new_lossless(file);
            encoder.set_exif_metadata(exif).unwrap();
            encoder
                .write_image(&greys, width, height, ExtendedColorType::L8)
                .unwrap();
        }
    }
}

/// The only image of a folder, as samples with `channels` channels.
fn only(folder: &Path, channels: usize) -> Vec<f32> {
    let samples = ImageData::read(folder).unwrap().samples(channels).unwrap();
    samples
        .values()
        .iter()
        .map(|value| (value + 1.0) * 127.5)
        .collect()
}

#[track_caller]
fn is_upright(folder: &Path, what: &str) {
    assert_eq!(
        ImageData::read(folder).unwrap().size(),
        [HEIGHT * BLOCK, WIDTH * BLOCK],
        "{what}"
    );
    for (index, value) in only(folder, 1).into_iter().enumerate() {
        let (x, y) = (
            index % (WIDTH * BLOCK) / BLOCK,
            index / (WIDTH * BLOCK) / BLOCK,
        );
        assert!(
            (value - f32::from(grey(x, y))).abs() < 3.0,
            "{what}: {value} at {x}, {y}"
        );
    }
}

#[test]
fn pictures_are_turned_as_their_exif_data_say() {
    for end in ["png", "jpg", "webp"] {
        for orientation in 1..=8 {
            let folder = TempDir::new().unwrap();
            write(
                &folder.path().join(format!("a.{end}")),
                orientation,
                exif(orientation),
            );
            is_upright(folder.path(), &format!("{orientation} in {end}"));
        }
    }
}

#[test]
fn the_orientation_is_found_behind_the_pixels_and_behind_a_needless_header() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.png");
    write(&path, 6, [b"Exif\0\0".to_vec(), exif(6)].concat());
    is_upright(folder.path(), "with a header");
    let bytes = fs::read(&path).unwrap();
    let start = bytes.windows(4).position(|kind| kind == b"eXIf").unwrap() - 4;
    let length = 12 + u32::from_be_bytes(*bytes[start..].first_chunk().unwrap()) as usize;
    let (chunk, end) = (&bytes[start..start + length], bytes.len() - 12);
    let moved = [
        &bytes[..start],
        &bytes[start + length..end],
        chunk,
        &bytes[end..],
    ]
    .concat();
    fs::write(&path, moved).unwrap();
    is_upright(folder.path(), "behind the pixels");
}

#[test]
fn a_picture_is_known_by_its_bytes_and_not_by_its_name() {
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("a.jpg"), 1, exif(1));
    fs::rename(folder.path().join("a.jpg"), folder.path().join("a.PNG")).unwrap();
    is_upright(folder.path(), "a JPEG that is called PNG");
}

#[test]
fn half_a_picture_is_refused() {
    for end in ["png", "jpg", "webp"] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(format!("a.{end}"));
        write(&path, 1, exif(1));
        let bytes = fs::read(&path).unwrap();
        for length in [bytes.len() / 2, 20, 3] {
            fs::write(&path, &bytes[..length]).unwrap();
            refusal(folder.path(), &format!("a.{end}"));
        }
    }
}

#[test]
fn a_jpeg_without_its_last_byte_is_refused_and_one_with_more_behind_it_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.jpg");
    write(&path, 6, exif(6));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(refusal(folder.path(), "a.jpg").contains("cut off"));
    // As written by phones that append a video to the photo.
    fs::write(&path, [&bytes[..], b"\0\0\0\x18ftypmp42"].concat()).unwrap();
    is_upright(folder.path(), "with more behind it");
}

#[test]
fn files_that_are_no_pictures_are_named_as_what_they_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.jpg");
    for (bytes, words) in [
        (&b""[..], "it is empty"),
        (b"<!DOCTYPE html>", "an HTML page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "git lfs pull",
        ),
        (b"GIF89a\x01\0\x01\0\0\0\0", "in the format Gif"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = refusal(folder.path(), "a.jpg");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn inks_and_profiles_and_gammas_become_the_colours_of_a_screen() {
    let nearly = |folder: &Path, expected: [f32; 3]| {
        let values = only(folder, 3);
        let area = values.len() / 3;
        let found = [values[0], values[area], values[2 * area]];
        let off = found.iter().zip(expected).any(|(a, b)| (a - b).abs() > 3.0);
        assert!(!off, "{found:?} is not {expected:?}");
    };
    let folder = TempDir::new().unwrap();
    fs::copy(fixture("pictures/cmyk.jpg"), folder.path().join("a.jpg")).unwrap();
    nearly(folder.path(), [204.0, 102.0, 0.0]);

    // (200, 100, 50) in Display P3, by the matrices of SMPTE EG 432-1 and IEC 61966-2-1.
    let profiled = |profile: Vec<u8>| {
        let folder = TempDir::new().unwrap();
        let mut encoder = PngEncoder::new(File::create(folder.path().join("a.png")).unwrap());
        encoder.set_icc_profile(profile).unwrap();
        encoder
            .write_image(&[200, 100, 50], 1, 1, ExtendedColorType::Rgb8)
            .unwrap();
        folder
    };
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    nearly(profiled(p3).path(), [214.9, 92.6, 31.0]);
    let srgb = moxcms::ColorProfile::new_srgb().encode().unwrap();
    assert_eq!(only(profiled(srgb).path(), 3).map_rounded(), [200, 100, 50]);

    // Linear light: 255·(128/255)^(1/2.2).
    let folder = TempDir::new().unwrap();
    let file = File::create(folder.path().join("a.png")).unwrap();
    let mut encoder = png::Encoder::new(file, 1, 1);
    encoder.set_source_gamma(png::ScaledFloat::new(1.0));
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&[128])
        .unwrap();
    nearly(folder.path(), [186.4; 3]);
}

trait Rounded {
    fn map_rounded(&self) -> Vec<u8>;
}

impl Rounded for Vec<f32> {
    fn map_rounded(&self) -> Vec<u8> {
        self.iter().map(|value| value.round() as u8).collect()
    }
}

#[test]
fn grey_with_opacity_lies_on_white() {
    let folder = TempDir::new().unwrap();
    let encoder = PngEncoder::new(File::create(folder.path().join("a.png")).unwrap());
    encoder
        .write_image(&[0, 255, 0, 0, 100, 51], 3, 1, ExtendedColorType::La8)
        .unwrap();
    assert_eq!(only(folder.path(), 1).map_rounded(), [0, 255, 224]);
}

#[test]
fn a_size_scales_to_cover_and_crops_the_middle() {
    let folder = TempDir::new().unwrap();
    // Black, grey and white thirds from left to right, with a square inside.
    let row = [[0; 8], [128; 8], [255; 8]].concat();
    let encoder = PngEncoder::new(File::create(folder.path().join("a.png")).unwrap());
    encoder
        .write_image(&row.repeat(8), 24, 8, ExtendedColorType::L8)
        .unwrap();
    write(&folder.path().join("b.jpg"), 6, exif(6));
    assert!(refusal(folder.path(), "b.jpg").contains("--size"));
    let data = ImageData::read_resized(folder.path(), [4, 4]).unwrap();
    assert_eq!((data.len(), data.size()), (2, [4, 4]));
    let samples = data.samples(1).unwrap();
    let middle = &samples.values()[..16];
    assert!(middle.iter().all(|value| value.abs() < 0.1), "{middle:?}");
    // Transparent pixels do not affect their neighbours.
    let folder = TempDir::new().unwrap();
    let encoder = PngEncoder::new(File::create(folder.path().join("a.png")).unwrap());
    let pixels = [[255, 0, 0, 0], [255, 255, 255, 255]].concat().repeat(32);
    encoder
        .write_image(&pixels, 8, 8, ExtendedColorType::Rgba8)
        .unwrap();
    let data = ImageData::read_resized(folder.path(), [2, 2]).unwrap();
    assert!(
        data.samples(3)
            .unwrap()
            .values()
            .iter()
            .all(|value| *value == 1.0)
    );
}
