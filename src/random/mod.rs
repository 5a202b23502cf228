//! Seeded random numbers, identical to those of PyTorch's CPU generator.
//!
//! `Generator::new(0).normal(n)` returns the numbers of `torch.manual_seed(0); torch.randn(n)`, so that a seed yields
//! the same image here, in diffusers, in native programs and in browsers. Draws of 16 and more numbers reproduce the
//! arithmetic of PyTorch's AVX2 kernel and are bit-identical on all platforms.

mod elementary;
mod mersenne_twister;

use std::f64::consts::TAU;

use mersenne_twister::MersenneTwister;

/// Block size of normal draws (`normal_fill` in ATen's `DistributionTemplates.h`).
const BLOCK: usize = 16;

/// The Mersenne Twister MT19937 with PyTorch's transformations to uniform and normal numbers.
///
/// ```
/// let noise = tweedie::random::Generator::new(0).normal(16);
/// assert_eq!(noise[0], -1.1258398); // torch.manual_seed(0); torch.randn(16)[0]
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    engine: MersenneTwister,
    /// The second normal of a Box–Muller pair, kept for the next small draw.
    spare: Option<f64>,
}

impl Generator {
    /// A generator in the state of `torch.manual_seed(seed)`.
    pub fn new(seed: u32) -> Self {
        Self {
            engine: MersenneTwister::new(seed),
            spare: None,
        }
    }

    /// `count` independent uniforms on [0, 1): `torch.rand(count)`.
    pub fn uniform(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.uniform_f32()).collect()
    }

    /// `count` independent standard normals: `torch.randn(count)`.
    ///
    /// As in PyTorch, one draw of 32 differs from two draws of 16 only where blocks end. Draws of fewer than 16 use a
    /// different algorithm.
    pub fn normal(&mut self, count: usize) -> Vec<f32> {
        if count < BLOCK {
            return (0..count).map(|_| self.normal_f64() as f32).collect();
        }
        let mut values = self.uniform(count);
        for block in values.chunks_exact_mut(BLOCK) {
            box_muller(block);
        }
        if !count.is_multiple_of(BLOCK) {
            // PyTorch redraws the whole last block instead of filling part of one.
            let last = &mut values[count - BLOCK..];
            last.fill_with(|| self.uniform_f32());
            box_muller(last);
        }
        values
    }

    /// 24 random bits divided by 2²⁴: all values are exact in `f32`.
    fn uniform_f32(&mut self) -> f32 {
        const SCALE: f32 = 1.0 / (1 << 24) as f32;
        (self.engine.next() & 0x00ff_ffff) as f32 * SCALE
    }

    /// Fills a slice with independent uniforms on [0, 1): `torch.rand(values.len(), dtype=torch.float64)`.
    pub fn fill_uniform(&mut self, values: &mut [f64]) {
        let mut rest = values;
        while !rest.is_empty() {
            let pairs = self.engine.ready(2 * rest.len()).as_chunks().0;
            let (now, later) = rest.split_at_mut(pairs.len().max(1));
            for (value, [high, low]) in now.iter_mut().zip(pairs) {
                *value = uniform_f64(*high, *low);
            }
            if pairs.is_empty() {
                // A single draw of the old state is combined with the first of the new state.
                now[0] = self.uniform_f64();
            }
            rest = later;
        }
    }

    fn uniform_f64(&mut self) -> f64 {
        let high = self.engine.next();
        uniform_f64(high, self.engine.next())
    }

    /// One normal by Box–Muller in double precision, for small draws.
    fn normal_f64(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (u1, u2) = (self.uniform_f64(), self.uniform_f64());
        let radius = (-2.0 * (-u2).ln_1p()).sqrt();
        let angle = TAU * u1;
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// The lower 53 bits of two draws, divided by 2⁵³.
#[inline]
fn uniform_f64(high: u32, low: u32) -> f64 {
    const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;
    let bits = (u64::from(high) << 32 | u64::from(low)) & ((1 << 53) - 1);
    // Signed, since processors convert that in one instruction.
    bits as i64 as f64 * SCALE
}

/// Turns 16 uniforms into 16 normals: the first eight are radii, the last eight angles.
fn box_muller(block: &mut [f32]) {
    let (radii, angles) = block.split_at_mut(BLOCK / 2);
    for (a, b) in radii.iter_mut().zip(angles) {
        let radius = (-2.0 * elementary::log(1.0 - *a)).sqrt();
        let (sine, cosine) = elementary::sin_cos(TAU as f32 * *b);
        (*a, *b) = (radius * cosine, radius * sine);
    }
}
