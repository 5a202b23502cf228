//! The same loops, compiled for what the processor has.

/// Numbers of a vector.
pub(super) const LANES: usize = 8;

/// A loop that the compiler makes vectors of.
pub(crate) trait Kernel {
    type Output;

    /// Runs it; `FUSED` says whether multiplying and adding in one step is one instruction, and no call of a function. It must be `#[inline(always)]`, to be compiled for
    /// the processor.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs a kernel in eight lanes with fused multiply-add on the processors of the last ten years, and in four elsewhere.
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { in_eight_lanes(kernel) };
    }
    kernel.run::<{ cfg!(target_arch = "aarch64") }>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn in_eight_lanes<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

#[inline(always)]
pub(super) fn add_product<const FUSED: bool>(sum: f32, a: f32, b: f32) -> f32 {
    match FUSED {
        true => a.mul_add(b, sum),
        false => sum + a * b,
    }
}

/// The sum, in eight sums which the compiler computes at a time.
#[inline(always)]
pub(super) fn sum_of(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for eight in eights {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_added_in_two_instructions_as_in_one() {
        for [sum, a, b] in [[1.0, 2.0, 3.0], [-0.5, 4.0, 0.25], [0.0, -3.0, 5.0]] {
            let expected = a * b + sum;
            assert_eq!(add_product::<false>(sum, a, b), expected);
            assert_eq!(add_product::<true>(sum, a, b), expected);
        }
    }
}
