//! CPU kernel of group normalisation for browsers.

/// Number of partial sums of a group, which the compiler keeps in registers.
const LANES: usize = 16;

/// Parameters of the layer.
pub(super) struct Norm<'a> {
    /// `[channels]`
    pub weight: &'a [f32],
    /// `[channels]`
    pub bias: &'a [f32],
    /// Number of groups, a divisor of the channels.
    pub groups: usize,
    pub eps: f32,
}

impl Norm<'_> {
    /// Normalises images of `pixels` each, `[batch, channels, pixels]`, in place.
    pub fn apply(&self, images: &mut [f32], pixels: usize) {
        let members = self.weight.len() / self.groups;
        for (index, group) in images.chunks_exact_mut(members * pixels).enumerate() {
            let count = group.len() as f32;
            let mean = sum(group, |x| x) / count;
            let variance = sum(group, |x| (x - mean) * (x - mean)) / count;
            let scale = 1.0 / (variance + self.eps).sqrt();
            let first = index % self.groups * members;
            let channels = group.chunks_exact_mut(pixels).zip(first..);
            for (values, channel) in channels {
                let (gain, bias) = (scale * self.weight[channel], self.bias[channel]);
                for x in values {
                    *x = (*x - mean) * gain + bias;
                }
            }
        }
    }
}

fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += term(*x);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|x| term(*x)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_mean_zero_and_variance_one_before_weight_and_bias() {
        let (weight, bias) = ([1.0, 2.0, -0.5, 3.0], [0.0, 1.0, -2.0, 0.5]);
        let norm = Norm {
            weight: &weight,
            bias: &bias,
            groups: 2,
            eps: 1e-5,
        };
        let pixels = 21; // more than the lanes, and no multiple of them
        let original: Vec<f32> = (0..2 * 4 * pixels)
            .map(|index| ((index * 37 % 101) as f32 / 10.0).sin() + 3.0)
            .collect();
        let mut images = original.clone();
        norm.apply(&mut images, pixels);
        for (group, values) in original.chunks(2 * pixels).enumerate() {
            let values: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = |x: &f64| (x - mean).powi(2);
            let variance = values.iter().map(square).sum::<f64>() / values.len() as f64;
            for (index, x) in values.iter().enumerate() {
                let channel = group % 2 * 2 + index / pixels;
                let normal = (x - mean) / (variance + 1e-5).sqrt();
                let right = normal * f64::from(weight[channel]) + f64::from(bias[channel]);
                let found = f64::from(images[group * 2 * pixels + index]);
                assert!((found - right).abs() < 1e-5, "{found} is not {right}");
            }
        }
    }
}
