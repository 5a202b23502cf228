//! Likelihoods of one image under the published tiny pipeline, computed natively; the browser must compute the same.

/// Grey levels without much structure, `[1, 3, 8, 8]` in row-major order.
pub fn image() -> Vec<f32> {
    let level = |i: usize| (f64::from(i as u32 * 37 % 256) / 127.5 - 1.0) as f32;
    (0..3 * 8 * 8).map(level).collect()
}

/// Number of RK4 steps, and of timesteps of the bound.
pub const STEPS: usize = 4;

/// With one probe, dequantised, all seeds 0.
pub const NATS: f32 = -1255.7137;
pub const BITS_PER_DIMENSION: f32 = 16.429832;

/// `L_T`, the `L_{t−1}`, `L_0` and their sum.
pub const PRIOR: f32 = 9.789175e-6;
pub const TERMS: [f32; STEPS - 1] = [0.010550827, 0.4137215, 6082.754];
pub const DECODER: f32 = 2.5097933;
pub const BOUND: f32 = 6085.688;
