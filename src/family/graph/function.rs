//! Elementwise functions.

use super::Var;
use super::lanes::map;
use super::operation::Operation;
use crate::elementary::exp;

/// A function `ℝ → ℝ` that is applied elementwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Exp,
    Ln,
    /// `xᵖ`
    Power(f32),
    Tanh,
    Sigmoid,
    /// `ln(1 + eˣ)`
    Softplus,
    /// `x` for positive `x`, `slope·x` otherwise.
    LeakyRelu(f32),
    /// `x·sigmoid(x)`
    Silu,
    Sin,
    Cos,
    Abs,
    /// `x` clamped to the interval between the two numbers.
    Clamp(f32, f32),
}

impl Function {
    /// Writes `f(x)` of each element.
    pub fn write(self, input: &[f32], output: &mut [f32]) {
        match self {
            Self::Exp => map(input, output, exp),
            Self::Ln => map(input, output, libm::logf),
            Self::Power(power) => write_power(power, input, output),
            Self::Tanh => map(input, output, tanh),
            Self::Sigmoid => map(input, output, sigmoid),
            Self::Softplus => map(input, output, softplus),
            Self::LeakyRelu(slope) => {
                map(input, output, |x| if x > 0.0 { x } else { slope * x });
            }
            Self::Silu => map(input, output, |x| x * sigmoid(x)),
            Self::Sin => map(input, output, libm::sinf),
            Self::Cos => map(input, output, libm::cosf),
            Self::Abs => map(input, output, f32::abs),
            Self::Clamp(low, high) => map(input, output, |x| x.clamp(low, high)),
        }
    }
}

pub(super) fn write_power(power: f32, input: &[f32], output: &mut [f32]) {
    if power == 0.5 {
        map(input, output, f32::sqrt);
    } else if power == 2.0 {
        map(input, output, |x| x * x);
    } else {
        map(input, output, |x| raised(x, power));
    }
}

/// `xᵖ`; integer and half-integer powers use only products, quotients and one square root.
#[inline(always)]
pub(super) fn raised(x: f32, power: f32) -> f32 {
    const MAX_FACTORS: f32 = 16.0;
    let doubled = 2.0 * power;
    if doubled.fract() != 0.0 || power.abs() > MAX_FACTORS {
        return libm::powf(x, power);
    }
    let whole = power.abs().floor();
    let factors = (0..whole as usize).fold(1.0, |product, _| product * x);
    let root = if power.fract() == 0.0 { 1.0 } else { x.sqrt() };
    if power < 0.0 {
        1.0 / (factors * root)
    } else {
        factors * root
    }
}

#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    2.0 / (1.0 + exp(-2.0 * x)) - 1.0
}

fn softplus(x: f32) -> f32 {
    // Written so that NaN is passed on.
    let positive = if x <= 0.0 { 0.0 } else { x };
    positive + libm::log1pf(exp(-x.abs()))
}

impl Var<'_> {
    pub(super) fn apply(self, function: Function) -> Self {
        let operation = Operation::Map {
            input: self.index,
            function,
        };
        self.map(operation, |input, output| function.write(input, output))
    }

    /// `eˣ` of each element; arguments are clamped to `[−87, 88]`.
    pub fn exp(self) -> Self {
        self.apply(Function::Exp)
    }

    /// The natural logarithm of each element.
    pub fn ln(self) -> Self {
        self.apply(Function::Ln)
    }

    /// The square root of each element. Its derivative at 0 is infinite; add a small number first, for example in
    /// norms.
    pub fn sqrt(self) -> Self {
        self.apply(Function::Power(0.5))
    }

    /// An integer power of each element.
    pub fn powi(self, power: i32) -> Self {
        self.apply(Function::Power(power as f32))
    }

    /// Any real power of each element. The elements must be positive unless the power is an integer.
    pub fn powf(self, power: f32) -> Self {
        self.apply(Function::Power(power))
    }

    /// The square of each element.
    pub fn square(self) -> Self {
        self.powi(2)
    }

    /// The hyperbolic tangent of each element.
    pub fn tanh(self) -> Self {
        self.apply(Function::Tanh)
    }

    /// `1/(1 + e⁻ˣ)` of each element.
    pub fn sigmoid(self) -> Self {
        self.apply(Function::Sigmoid)
    }

    /// `ln(1 + eˣ)` of each element.
    pub fn softplus(self) -> Self {
        self.apply(Function::Softplus)
    }

    /// `max(x, 0)` of each element; its derivative at 0 is 0.
    pub fn relu(self) -> Self {
        self.leaky_relu(0.0)
    }

    /// `x` for positive `x`, `slope·x` otherwise, of each element.
    pub fn leaky_relu(self, slope: f32) -> Self {
        self.apply(Function::LeakyRelu(slope))
    }

    /// `x·sigmoid(x)` of each element.
    pub fn silu(self) -> Self {
        self.apply(Function::Silu)
    }

    /// The sine of each element.
    pub fn sin(self) -> Self {
        self.apply(Function::Sin)
    }

    /// The cosine of each element.
    pub fn cos(self) -> Self {
        self.apply(Function::Cos)
    }

    /// `|x|` of each element; its derivative at 0 is 0.
    pub fn abs(self) -> Self {
        self.apply(Function::Abs)
    }

    /// Each element clamped to `[low, high]`; the derivative is 0 outside.
    pub fn clamp(self, low: f32, high: f32) -> Self {
        self.apply(Function::Clamp(low, high))
    }
}
