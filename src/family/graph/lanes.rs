//! Loops over numbers, vectorised for the processor's instruction set.

#[cfg(not(target_family = "wasm"))]
use crate::nn::cpu::native::lanes::{Kernel, dispatch};

/// A loop that the compiler vectorises. It must be `#[inline(always)]`. Multiplications and additions are never fused,
/// so the results do not depend on the processor.
pub(super) trait Loop {
    fn run(self);
}

#[cfg(not(target_family = "wasm"))]
struct Dispatched<L>(L);

#[cfg(not(target_family = "wasm"))]
impl<L: Loop> Kernel for Dispatched<L> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.0.run();
    }
}

#[cfg(not(target_family = "wasm"))]
pub(super) fn run(work: impl Loop) {
    dispatch(Dispatched(work));
}

#[cfg(target_family = "wasm")]
pub(super) fn run(work: impl Loop) {
    work.run();
}

struct Map<'a, F> {
    input: &'a [f32],
    output: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32) -> f32> Loop for Map<'_, F> {
    #[inline(always)]
    fn run(self) {
        for (output, input) in self.output.iter_mut().zip(self.input) {
            *output = (self.function)(*input);
        }
    }
}

/// Writes `function` of each element.
pub(super) fn map(input: &[f32], output: &mut [f32], function: impl Fn(f32) -> f32) {
    run(Map {
        input,
        output,
        function,
    });
}

struct Zip<'a, F> {
    inputs: [&'a [f32]; 2],
    output: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32, f32) -> f32> Loop for Zip<'_, F> {
    #[inline(always)]
    fn run(self) {
        let [left, right] = self.inputs;
        for ((output, left), right) in self.output.iter_mut().zip(left).zip(right) {
            *output = (self.function)(*left, *right);
        }
    }
}

/// Writes `function` of each pair of elements.
pub(super) fn zip(inputs: [&[f32]; 2], output: &mut [f32], function: impl Fn(f32, f32) -> f32) {
    run(Zip {
        inputs,
        output,
        function,
    });
}
