//! Parsed formulas in x.

use crate::Result;

use super::parser::parse;

/// A function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Sqrt,
    Exp,
    Ln,
    Log2,
    Log10,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Abs,
    Floor,
    Ceil,
    Round,
    Sign,
}

/// A function of two arguments, or an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Min,
    Max,
}

/// One instruction of a stack machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Instruction {
    /// Pushes a number.
    Number(f64),
    /// Pushes x.
    X,
    /// Applies a function to the top of the stack.
    Unary(Unary),
    /// Replaces the top two values by one.
    Binary(Binary),
}

/// A parsed formula in x.
///
/// The syntax consists of numbers, `x`, `pi`, `e`, `+ - * / ^`, parentheses and functions. `^` has the highest
/// precedence and is right-associative, followed by the unary minus, so that `-x^2` is `-(x^2)`.
///
/// ```
/// use tweedie::distribution::formula::Expression;
///
/// let bell = Expression::parse("exp(-x^2 / 2)")?;
/// assert_eq!(bell.evaluate(0.0), 1.0);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Instructions in order of evaluation, which leave one value on the stack.
    instructions: Vec<Instruction>,
}

impl Expression {
    /// Parses a formula.
    ///
    /// # Errors
    /// [`Formula`](crate::Error::Formula) names the column, from 1, of the first invalid character.
    pub fn parse(source: &str) -> Result<Self> {
        Ok(Self {
            instructions: parse(source)?,
        })
    }

    /// Cost of an evaluation, in units of an addition.
    pub fn cost(&self) -> usize {
        let cost = |instruction: &Instruction| match instruction {
            Instruction::Number(_) | Instruction::X => 1,
            Instruction::Binary(Binary::Power) => 20,
            Instruction::Binary(_) => 1,
            Instruction::Unary(unary) => unary.cost(),
        };
        self.instructions.iter().map(cost).sum()
    }

    /// The value at x, which may be infinite or NaN.
    pub fn evaluate(&self, x: f64) -> f64 {
        // Deeper stacks are rare; a vector would be allocated for every x.
        const SHALLOW: usize = 16;
        let mut shallow = [0.0; SHALLOW];
        let mut deep;
        let stack: &mut [f64] = match self.instructions.len() {
            0..SHALLOW => &mut shallow,
            length => {
                deep = vec![0.0; length];
                &mut deep
            }
        };
        self.run(x, stack, |_| ());
        stack[0]
    }

    /// The values at x of all functions and operators of the formula, each of which is a subexpression; the last is the
    /// value of the formula.
    pub(super) fn evaluate_parts(&self, x: f64, values: &mut Vec<f64>) {
        let mut stack = vec![0.0; self.instructions.len()];
        self.run(x, &mut stack, |value| values.push(value));
    }

    /// Leaves the value at the bottom of the stack, and passes the values of functions and operators to `show`.
    fn run(&self, x: f64, stack: &mut [f64], mut show: impl FnMut(f64)) {
        let mut height = 0;
        for instruction in &self.instructions {
            match instruction {
                Instruction::Number(number) => stack[height] = *number,
                Instruction::X => stack[height] = x,
                Instruction::Unary(unary) => {
                    height -= 1;
                    stack[height] = unary.apply(stack[height]);
                    show(stack[height]);
                }
                Instruction::Binary(binary) => {
                    height -= 2;
                    stack[height] = binary.apply(stack[height], stack[height + 1]);
                    show(stack[height]);
                }
            }
            height += 1;
        }
    }
}

impl Unary {
    /// Functions by name.
    pub(super) const NAMES: [(&'static str, Self); 19] = [
        ("sqrt", Self::Sqrt),
        ("exp", Self::Exp),
        ("ln", Self::Ln),
        ("log2", Self::Log2),
        ("log10", Self::Log10),
        ("sin", Self::Sin),
        ("cos", Self::Cos),
        ("tan", Self::Tan),
        ("asin", Self::Asin),
        ("acos", Self::Acos),
        ("atan", Self::Atan),
        ("sinh", Self::Sinh),
        ("cosh", Self::Cosh),
        ("tanh", Self::Tanh),
        ("abs", Self::Abs),
        ("floor", Self::Floor),
        ("ceil", Self::Ceil),
        ("round", Self::Round),
        ("sign", Self::Sign),
    ];

    fn cost(self) -> usize {
        match self {
            Self::Minus | Self::Sqrt | Self::Abs | Self::Sign => 1,
            Self::Floor | Self::Ceil | Self::Round => 2,
            _ => 10,
        }
    }

    fn apply(self, value: f64) -> f64 {
        match self {
            Self::Minus => -value,
            Self::Sqrt => value.sqrt(),
            Self::Exp => value.exp(),
            Self::Ln => value.ln(),
            Self::Log2 => value.log2(),
            Self::Log10 => value.log10(),
            Self::Sin => value.sin(),
            Self::Cos => value.cos(),
            Self::Tan => value.tan(),
            Self::Asin => value.asin(),
            Self::Acos => value.acos(),
            Self::Atan => value.atan(),
            Self::Sinh => value.sinh(),
            Self::Cosh => value.cosh(),
            Self::Tanh => value.tanh(),
            Self::Abs => value.abs(),
            Self::Floor => value.floor(),
            Self::Ceil => value.ceil(),
            Self::Round => value.round(),
            // `signum` never returns 0.
            Self::Sign if value == 0.0 => 0.0,
            Self::Sign => value.signum(),
        }
    }
}

impl Binary {
    /// Functions by name.
    pub(super) const NAMES: [(&'static str, Self); 2] = [("min", Self::Min), ("max", Self::Max)];

    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
            // As accurate as a product, and several times as fast.
            Self::Power if right == 2.0 => left * left,
            Self::Power => left.powf(right),
            // Unlike f64::min, these propagate NaN.
            Self::Min if left.is_nan() || right.is_nan() => f64::NAN,
            Self::Min => left.min(right),
            Self::Max if left.is_nan() || right.is_nan() => f64::NAN,
            Self::Max => left.max(right),
        }
    }
}
