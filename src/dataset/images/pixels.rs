//! Operations on pixels.

use image::imageops::FilterType;
use image::{DynamicImage, RgbaImage};

/// White, the background of transparent pixels.
const BACKGROUND: u32 = 255;
/// Weights of red, green and blue in the brightness of a pixel, in thousandths (ITU-R BT.601, section 2.5.1).
const BRIGHTNESS: [u32; 3] = [299, 587, 114];

/// A pixel with any number of channels, composited on white, as red, green and blue.
pub(super) fn opaque(pixel: &[u8]) -> [u8; 3] {
    let (color, opacity) = match *pixel {
        [grey] => ([grey; 3], 255),
        [grey, opacity] => ([grey; 3], opacity),
        [red, green, blue] => ([red, green, blue], 255),
        [red, green, blue, opacity, ..] => ([red, green, blue], opacity),
        [] => ([0; 3], 0),
    };
    let opacity = u32::from(opacity);
    color.map(|value| {
        ((u32::from(value) * opacity + BACKGROUND * (255 - opacity) + 127) / 255) as u8
    })
}

pub(super) fn brightness(rgb: [u8; 3]) -> u8 {
    let sum: u32 = rgb
        .iter()
        .zip(BRIGHTNESS)
        .map(|(value, part)| u32::from(*value) * part)
        .sum();
    ((sum + 500) / 1000) as u8
}

pub(super) fn symmetric(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

/// An image composited on white, scaled to cover a height and width, and cropped to its centre.
pub(super) fn fit(mut picture: RgbaImage, [height, width]: [usize; 2]) -> RgbaImage {
    for pixel in picture.pixels_mut() {
        let [red, green, blue] = opaque(&pixel.0);
        pixel.0 = [red, green, blue, u8::MAX];
    }
    let picture = DynamicImage::from(picture);
    let fitted = picture.resize_to_fill(width as u32, height as u32, FilterType::Lanczos3);
    fitted.into_rgba8()
}
