//! PNG files in one folder per class.

use std::fs::{self, File};

use tempfile::TempDir;
use tweedie::Error;
use tweedie::dataset::images::ImageData;

use super::{PIXELS, png, refusal};

#[test]
fn what_is_transparent_becomes_white_and_colours_become_their_brightness() {
    let folder = TempDir::new().unwrap();
    let pixels = [255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 128];
    png(
        &folder.path().join("one.png"),
        [3, 1],
        png::ColorType::Rgba,
        &pixels,
    );
    let data = ImageData::read(folder.path()).unwrap();
    assert!(data.classes().is_empty());
    let byte = |value: f32| ((value + 1.0) * 127.5).round();
    let rgb: Vec<f32> = data
        .samples(3)
        .unwrap()
        .values()
        .iter()
        .map(|v| byte(*v))
        .collect();
    assert_eq!(
        rgb,
        [255.0, 255.0, 127.0, 0.0, 255.0, 127.0, 0.0, 255.0, 127.0]
    );
    let grey: Vec<f32> = data
        .samples(1)
        .unwrap()
        .values()
        .iter()
        .map(|v| byte(*v))
        .collect();
    assert_eq!(grey, [76.0, 255.0, 127.0]);
    assert!(matches!(data.samples(2), Err(Error::Unsupported { .. })));
}

#[test]
fn colours_and_opacities_between_two_bytes_are_rounded_to_the_nearer() {
    let folder = TempDir::new().unwrap();
    let pixels = [0, 255, 0, 255, 200, 100, 200, 200];
    png(
        &folder.path().join("one.png"),
        [2, 1],
        png::ColorType::Rgba,
        &pixels,
    );
    let data = ImageData::read(folder.path()).unwrap();
    let bytes = |channels: usize| -> Vec<f32> {
        let samples = data.samples(channels).unwrap();
        samples.values().iter().map(|v| (v + 1.0) * 127.5).collect()
    };
    // 255·0.587 = 149.7; 200/255 of a colour and 55/255 of white: 211.9 and 133.4.
    let expected = [[0.0, 212.0], [255.0, 133.0], [0.0, 212.0]].concat();
    let off = |found: Vec<f32>, expected: &[f32]| {
        let pairs = found.into_iter().zip(expected);
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    assert!(off(bytes(3), &expected) < 1e-3, "{:?}", bytes(3));
    // 0.413·212 + 0.587·133 = 165.6
    assert!(off(bytes(1), &[150.0, 166.0]) < 1e-3, "{:?}", bytes(1));
}

#[test]
fn pngs_of_sixteen_bits_and_of_a_palette_are_read_as_bytes() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, color, depth, palette: Option<Vec<u8>>, bytes: &[u8]| {
        let file = File::create(folder.path().join(name)).unwrap();
        let mut encoder = png::Encoder::new(file, 2, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if let Some(palette) = palette {
            encoder.set_palette(palette);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(bytes).unwrap();
    };
    let sixteen = [0x10, 0x00, 0xff, 0xff];
    write(
        "a.png",
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        None,
        &sixteen,
    );
    let palette = Some(vec![16, 16, 16, 255, 255, 255]);
    write(
        "b.png",
        png::ColorType::Indexed,
        png::BitDepth::One,
        palette,
        &[0b0100_0000],
    );
    let data = ImageData::read(folder.path()).unwrap();
    let samples = data.samples(1).unwrap();
    let expected = f32::from(16_u8) / 127.5 - 1.0;
    assert_eq!(samples.values(), [expected, 1.0, expected, 1.0]);
}

#[test]
fn a_folder_without_images_is_no_class() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a/notes.txt"), "none here").unwrap();
    for class in ["b", "c"] {
        let path = folder.path().join(class).join("0.png");
        png(&path, [3, 2], png::ColorType::Grayscale, &PIXELS[..6]);
    }
    let data = ImageData::read(folder.path()).unwrap();
    assert_eq!(data.class_names(), ["b", "c"]);
    assert_eq!(data.classes(), [0, 1]);
    // An image beside the class folders is ambiguous: unlabelled, or not part of the data.
    let stray = folder.path().join("stray.png");
    png(&stray, [3, 2], png::ColorType::Grayscale, &PIXELS[..6]);
    assert!(refusal(folder.path(), "stray.png").contains("one folder for each class"));
}

#[test]
fn broken_and_unequal_pngs_are_named() {
    let folder = TempDir::new().unwrap();
    assert!(refusal(folder.path(), "").contains("no images"));
    refusal(&folder.path().join("nothing"), "nothing");
    png(
        &folder.path().join("a/1.png"),
        [3, 2],
        png::ColorType::Grayscale,
        &PIXELS[..6],
    );
    png(
        &folder.path().join("b/2.png"),
        [2, 3],
        png::ColorType::Grayscale,
        &PIXELS[..6],
    );
    assert!(refusal(folder.path(), "2.png").contains("2x3"));
    let path = folder.path().join("b/2.png");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    refusal(folder.path(), "2.png");
    fs::write(&path, b"no picture").unwrap();
    refusal(folder.path(), "2.png");
}
