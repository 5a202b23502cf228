//! Derivatives of all orders of the elementwise functions.

use super::Var;
use super::function::{Function, raised, sigmoid, tanh};
use super::lanes::{map, zip};
use super::operation::Operation;
use crate::elementary::exp;

impl Function {
    /// Whether the derivative of this order is 0 almost everywhere.
    pub fn vanishes(self, order: usize) -> bool {
        match self {
            Self::LeakyRelu(_) | Self::Abs | Self::Clamp(..) => order > 1,
            Self::Power(power) => power >= 0.0 && power.fract() == 0.0 && order > power as usize,
            _ => false,
        }
    }

    /// Writes `g·f⁽ᵏ⁾(x)` of each element; `inputs` are `[x, g]`.
    fn write_slope(self, order: usize, inputs: [&[f32]; 2], output: &mut [f32]) {
        if self.vanishes(order) {
            return output.fill(0.0);
        }
        match self {
            Self::Exp => zip(inputs, output, |x, g| g * exp(x)),
            // The first derivative of the logarithm is the power `x⁻¹`.
            Self::Ln => write_power_slope(-1.0, order - 1, inputs, output),
            Self::Power(power) => write_power_slope(power, order, inputs, output),
            Self::Tanh => write_tanh_slope(order, inputs, output),
            Self::Sigmoid => write_sigmoid_slope(order, inputs, output),
            Self::Softplus => write_sigmoid_slope(order - 1, inputs, output),
            Self::LeakyRelu(slope) => {
                zip(inputs, output, |x, g| if x > 0.0 { g } else { slope * g });
            }
            Self::Silu => write_silu_slope(order, inputs, output),
            Self::Sin => write_wave_slope(order, inputs, output),
            Self::Cos => write_wave_slope(order + 1, inputs, output),
            Self::Abs => zip(inputs, output, |x, g| g * sign(x)),
            Self::Clamp(low, high) => {
                zip(
                    inputs,
                    output,
                    |x, g| {
                        if x < low || x > high { 0.0 } else { g }
                    },
                )
            }
        }
    }
}

/// The sign: −1, 0 or 1.
#[inline(always)]
fn sign(x: f32) -> f32 {
    f32::from(i8::from(x > 0.0) - i8::from(x < 0.0))
}

/// Writes `g·p·(p − 1)⋯(p − k + 1)·x^(p − k)` of each element.
fn write_power_slope(power: f32, order: usize, inputs: [&[f32]; 2], output: &mut [f32]) {
    let factor: f32 = (0..order).map(|index| power - index as f32).product();
    let power = power - order as f32;
    if power == 0.0 {
        zip(inputs, output, |_, g| factor * g);
    } else if power == 1.0 {
        zip(inputs, output, |x, g| factor * g * x);
    } else if power == -0.5 {
        zip(inputs, output, |x, g| factor * g / x.sqrt());
    } else {
        zip(inputs, output, |x, g| factor * g * raised(x, power));
    }
}

fn write_tanh_slope(order: usize, inputs: [&[f32]; 2], output: &mut [f32]) {
    match order {
        1 => zip(inputs, output, |x, g| {
            let t = tanh(x);
            g * (1.0 - t * t)
        }),
        2 => zip(inputs, output, |x, g| {
            let t = tanh(x);
            -2.0 * g * t * (1.0 - t * t)
        }),
        _ => {
            let wave = Wave::new(order);
            zip(inputs, output, |x, g| g * wave.at(sigmoid(2.0 * x)));
        }
    }
}

fn write_sigmoid_slope(order: usize, inputs: [&[f32]; 2], output: &mut [f32]) {
    match order {
        0 => zip(inputs, output, |x, g| g * sigmoid(x)),
        1 => zip(inputs, output, |x, g| {
            let s = sigmoid(x);
            g * s * (1.0 - s)
        }),
        2 => zip(inputs, output, |x, g| {
            let s = sigmoid(x);
            g * s * (1.0 - s) * (1.0 - 2.0 * s)
        }),
        _ => {
            let wave = Wave::of_sigmoid(order);
            zip(inputs, output, |x, g| g * wave.at(sigmoid(x)));
        }
    }
}

/// By the product rule: `x·sigmoid⁽ᵏ⁾(x) + k·sigmoid⁽ᵏ⁻¹⁾(x)`.
fn write_silu_slope(order: usize, inputs: [&[f32]; 2], output: &mut [f32]) {
    match order {
        1 => zip(inputs, output, |x, g| {
            let s = sigmoid(x);
            g * (s + x * s * (1.0 - s))
        }),
        2 => zip(inputs, output, |x, g| {
            let s = sigmoid(x);
            g * s * (1.0 - s) * (2.0 + x * (1.0 - 2.0 * s))
        }),
        _ => {
            let [before, own] = [order - 1, order].map(Wave::of_sigmoid);
            zip(inputs, output, |x, g| {
                let s = sigmoid(x);
                g * (x * own.at(s) + order as f32 * before.at(s))
            });
        }
    }
}

/// Writes `g·sin⁽ᵏ⁾(x)` of each element; the cosine is the sine's derivative of order 1.
fn write_wave_slope(order: usize, [x, g]: [&[f32]; 2], output: &mut [f32]) {
    let wave = if order.is_multiple_of(2) {
        libm::sinf
    } else {
        libm::cosf
    };
    let sign = if order % 4 < 2 { 1.0 } else { -1.0 };
    map(x, output, |x| sign * wave(x));
    for (value, g) in output.iter_mut().zip(g) {
        *value *= g;
    }
}

/// A derivative of `tanh`: `(1 − t²)·R_k(t)` with `t = tanh(x)`, `R_1 = 1` and `R_{k+1} = (1 − t²)·R_k' − 2t·R_k`.
struct Wave {
    /// Coefficients of the polynomial `R_k`, in ascending order of powers.
    polynomial: Vec<f32>,
    factor: f32,
}

impl Wave {
    /// The derivative of `tanh` of order 1 or higher.
    fn new(order: usize) -> Self {
        let mut polynomial = vec![1.0];
        for _ in 1..order {
            let mut next = vec![0.0; polynomial.len() + 1];
            for (power, coefficient) in polynomial.iter().enumerate() {
                let degree = power as f32;
                next[power + 1] -= (degree + 2.0) * coefficient;
                if power > 0 {
                    next[power - 1] += degree * coefficient;
                }
            }
            polynomial = next;
        }
        Self {
            polynomial,
            factor: 4.0,
        }
    }

    /// The derivative of `sigmoid(x) = (1 + tanh(x/2))/2`.
    fn of_sigmoid(order: usize) -> Self {
        Self {
            factor: 4.0 * libm::exp2f(-(order as f32 + 1.0)),
            ..Self::new(order)
        }
    }

    /// The value where the sigmoid is `s`: `t = 2s − 1` and `1 − t² = 4s·(1 − s)`.
    fn at(&self, s: f32) -> f32 {
        let t = 2.0 * s - 1.0;
        let horner = |sum: f32, coefficient: &f32| sum * t + coefficient;
        self.factor * s * (1.0 - s) * self.polynomial.iter().rev().fold(0.0, horner)
    }
}

impl<'g> Var<'g> {
    /// `gradient·f⁽ᵏ⁾(x)` of each element.
    pub(super) fn slope(self, gradient: Var<'g>, function: Function, order: usize) -> Self {
        let operation = Operation::Slope {
            input: self.index,
            gradient: gradient.index,
            function,
            order,
        };
        let write = |inputs: [&[f32]; 2], output: &mut [f32]| {
            function.write_slope(order, inputs, output);
        };
        let inputs = [self, gradient];
        self.graph.compute(inputs, self.shape, operation, write)
    }
}
