//! Samples as pixels.

/// Samples `[batch, channels, pixels]` with values in [−1, 1] as RGBA bytes `[batch, pixels, 4]`, by diffusers'
/// `(x/2 + 0.5)` clamped to [0, 1] and rounded. One channel is grey, three are RGB and four RGBA; of any other number the
/// first is shown as grey.
pub fn rgba(values: &[f32], channels: usize, pixels: usize) -> Vec<u8> {
    let byte = |value: f32| ((value / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0).round() as u8;
    let mut bytes = Vec::with_capacity(values.len() / channels * 4);
    for image in values.chunks_exact(channels * pixels) {
        for pixel in 0..pixels {
            let channel = |index: usize| byte(image[index * pixels + pixel]);
            bytes.extend(match channels {
                3 => [channel(0), channel(1), channel(2), 255],
                4 => [channel(0), channel(1), channel(2), channel(3)],
                _ => [channel(0), channel(0), channel(0), 255],
            });
        }
    }
    bytes
}
