//! Decoding of images as browsers display them: upright, and in sRGB.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageResult, Limits, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::file_kind::mistaken;

/// Gamma of a display (PNG specification, section 13.13).
const DISPLAY_GAMMA: f64 = 2.2;
/// Exponents closer to 1 have no visible effect (libpng's `PNG_GAMMA_THRESHOLD`).
const MIN_CORRECTION: f64 = 0.05;
/// A profile that changes no colour by more than this counts as sRGB.
const MAX_ROUNDING: u8 = 2;

/// Decodes a PNG, JPEG or WebP file; the first frame of an animation.
pub(super) fn decode(bytes: &[u8]) -> Result<RgbaImage, String> {
    let failed = |error: image::ImageError| error.to_string();
    let input = Cursor::new(bytes);
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(input, Limits::default()).map_err(failed)?;
            let exif = chunk_of_png(bytes, b"eXIf");
            let mut picture = upright(decoder, exif).map_err(failed)?;
            if let Some(gamma) = gamma_of_png(bytes) {
                correct_gamma(&mut picture, gamma);
            }
            Ok(picture)
        }
        Ok(ImageFormat::Jpeg) if !is_complete_jpeg(bytes) => {
            Err("it is cut off: a JPEG ends with FF D9: download or copy it again".to_owned())
        }
        Ok(ImageFormat::Jpeg) => {
            upright(JpegDecoder::new(input).map_err(failed)?, None).map_err(failed)
        }
        Ok(ImageFormat::WebP) => {
            upright(WebPDecoder::new(input).map_err(failed)?, None).map_err(failed)
        }
        Ok(other) => Err(format!(
            "it is an image in the format {other:?}, which is not supported: convert it to PNG or JPEG"
        )),
        Err(_) => Err(mistaken(bytes).unwrap_or_else(|| "it is no PNG, JPEG or WebP".to_owned())),
    }
}

/// The pixels in sRGB, rotated by the orientation in the EXIF data, either the decoder's or the given ones.
fn upright(mut decoder: impl ImageDecoder, exif: Option<&[u8]>) -> ImageResult<RgbaImage> {
    let mut limits = Limits::default();
    limits.reserve(decoder.total_bytes())?;
    let own = decoder.exif_metadata().unwrap_or(None);
    let exif = own.as_deref().or(exif);
    // Some writers keep the header that EXIF data have in a JPEG.
    let exif = exif.map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    let orientation = exif.and_then(Orientation::from_exif_chunk);
    let profile = decoder.icc_profile().unwrap_or(None);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    let mut picture = picture.into_rgba8();
    if let Some(profile) = profile {
        // Unusable profiles are ignored, as in browsers.
        convert_to_srgb(&mut picture, &profile);
    }
    Ok(picture)
}

/// Content of a chunk at any position. The decoder stops at the first chunk with pixels.
fn chunk_of_png<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    const SIGNATURE: usize = 8;
    let mut rest = bytes.get(SIGNATURE..)?;
    loop {
        let (length, data) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, data) = data.split_first_chunk::<4>()?;
        if kind == name {
            return data.get(..length);
        }
        const CHECKSUM: usize = 4;
        rest = data.get(length.checked_add(CHECKSUM)?..)?;
    }
}

/// Gamma of the file, unless another chunk defines its colours.
fn gamma_of_png(bytes: &[u8]) -> Option<f64> {
    const SCALE: f64 = 100_000.0;
    let prevail = [b"sRGB", b"iCCP", b"cICP"];
    if prevail
        .iter()
        .any(|name| chunk_of_png(bytes, name).is_some())
    {
        return None;
    }
    let gamma = chunk_of_png(bytes, b"gAMA")?.first_chunk()?;
    Some(f64::from(u32::from_be_bytes(*gamma)) / SCALE)
}

/// Whether the data reach the end of the image (ITU-T T.81, annex B). The decoder fills in missing data.
fn is_complete_jpeg(bytes: &[u8]) -> bool {
    const END: u8 = 0xd9;
    const RESTARTS: std::ops::RangeInclusive<u8> = 0xd0..=0xd8;
    let mut rest = bytes;
    loop {
        // In the data of a scan, FF is followed by 0.
        let marker = rest
            .windows(2)
            .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff));
        let Some(start) = marker else { return false };
        let kind = rest[start + 1];
        rest = &rest[start + 2..];
        if kind == END {
            return true;
        }
        if RESTARTS.contains(&kind) || kind == 0x01 {
            continue;
        }
        let length = rest
            .first_chunk()
            .map_or(usize::MAX, |length| u16::from_be_bytes(*length).into());
        match rest.get(length..) {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// Corrects the pixels of a file with another gamma for a display.
fn correct_gamma(picture: &mut RgbaImage, gamma: f64) {
    let exponent = 1.0 / (gamma * DISPLAY_GAMMA);
    if gamma <= 0.0 || (exponent - 1.0).abs() < MIN_CORRECTION {
        return;
    }
    let corrected = |value: u8| ((f64::from(value) / 255.0).powf(exponent) * 255.0).round() as u8;
    let table: Vec<u8> = (0..=255).map(corrected).collect();
    for pixel in picture.pixels_mut() {
        for value in &mut pixel.0[..3] {
            *value = table[usize::from(*value)];
        }
    }
}

/// Converts colours from a profile to sRGB; `None` where the profile is unusable.
fn convert_to_srgb(picture: &mut RgbaImage, profile: &[u8]) -> Option<()> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let to_srgb = |layout: Layout| {
        let srgb = ColorProfile::new_srgb();
        profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
    };
    match profile.color_space {
        DataColorSpace::Rgb => {
            let transform = to_srgb(Layout::Rgb).ok()?;
            let levels = || (0..=255).step_by(51);
            let grid: Vec<u8> = levels()
                .flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b])))
                .collect();
            let mut moved = vec![0; grid.len()];
            transform.transform(&grid, &mut moved).ok()?;
            if grid
                .iter()
                .zip(&moved)
                .all(|(a, b)| a.abs_diff(*b) <= MAX_ROUNDING)
            {
                return Some(());
            }
            let colors: Vec<u8> = picture
                .pixels()
                .flat_map(|pixel| pixel.0[..3].to_vec())
                .collect();
            let mut converted = vec![0; colors.len()];
            transform.transform(&colors, &mut converted).ok()?;
            for (pixel, color) in picture.pixels_mut().zip(converted.chunks_exact(3)) {
                pixel.0[..3].copy_from_slice(color);
            }
        }
        DataColorSpace::Gray => {
            let greys: Vec<u8> = (0..=255).collect();
            let mut table = vec![0; 3 * greys.len()];
            to_srgb(Layout::Gray)
                .ok()?
                .transform(&greys, &mut table)
                .ok()?;
            for pixel in picture.pixels_mut() {
                let start = 3 * usize::from(pixel.0[0]);
                pixel.0[..3].copy_from_slice(&table[start..start + 3]);
            }
        }
        // The decoder has already converted it to RGB.
        _ => (),
    }
    Some(())
}
