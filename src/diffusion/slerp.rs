//! Spherical linear interpolation.

use burn::tensor::Tensor;

/// Spherical linear interpolation (slerp) from `from` (`t` 0) to `to` (`t` 1), row by row of the batch (Shoemake 1985,
/// section 3.3; for latents White 2016, <https://arxiv.org/abs/1609.04468>):
///
/// `sin((1 − t)·Ω)/sin Ω·from + sin(t·Ω)/sin Ω·to`, where `Ω` is the angle between the two.
///
/// Between two draws of noise, interpolated samples are as likely as the two; with linear interpolation they are not.
/// Parallel rows are interpolated linearly, and antiparallel rows, for which the arc is undefined, through zero.
pub fn slerp<const D: usize>(from: Tensor<D>, to: Tensor<D>, t: f64) -> Tensor<D> {
    let shape = from.dims();
    let a: Tensor<2> = from.reshape([shape[0] as i32, -1]);
    let b: Tensor<2> = to.reshape([shape[0] as i32, -1]);
    let norm = |rows: Tensor<2>| {
        (rows.clone() * rows)
            .sum_dim(1)
            .sqrt()
            .clamp_min(f32::MIN_POSITIVE)
    };
    let (na, nb) = (norm(a.clone()), norm(b.clone()));
    let cosine = ((a.clone() / na) * (b.clone() / nb))
        .sum_dim(1)
        .clamp(-1.0, 1.0);
    // Ω = atan2(sin Ω, cos Ω), without cancellation at either end.
    let sine = (cosine.clone() * cosine.clone() * -1.0 + 1.0)
        .clamp_min(0.0)
        .sqrt();
    let angle = sine.clone().atan2(cosine);
    let straight = sine.clone().lower_elem(1e-4);
    let weight = |part: f64| {
        let spherical = (angle.clone() * part).sin() / sine.clone().clamp_min(1e-4);
        let linear = sine.zeros_like() + part;
        spherical.mask_where(straight.clone(), linear)
    };
    (a * weight(1.0 - t) + b * weight(t)).reshape(shape)
}
