//! The record of each result in a graph.

use std::sync::Arc;

use super::function::Function;
use super::rows::RowFunction;

/// How a result was computed. Numbers of type `usize`, except `order`, are indices of inputs in the graph.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Given as a value, not computed.
    Leaf,
    Add(usize, usize),
    Subtract(usize, usize),
    Multiply(usize, usize),
    Divide(usize, usize),
    /// `factor·x + c`
    Scale {
        input: usize,
        factor: f32,
    },
    /// `f(x)` of each element.
    Map {
        input: usize,
        function: Function,
    },
    /// `g·f⁽ᵏ⁾(x)` of each element, `k ≥ 1`.
    Slope {
        input: usize,
        gradient: usize,
        function: Function,
        order: usize,
    },
    /// `A·B`; either matrix may be transposed.
    Product {
        inputs: [usize; 2],
        transposed: [bool; 2],
    },
    /// `x·Wᵀ + b`
    Affine {
        input: usize,
        weight: usize,
        bias: usize,
    },
    Transpose(usize),
    /// Sums over the rows, the columns or both: over each axis that has length 1 in the result.
    SumTo(usize),
    /// The inverse of a sum: repeats rows, columns or both.
    Expand(usize),
    Softmax(usize),
    LogSumExp(usize),
    /// A block of the input; `first` is its first row and column.
    Block {
        input: usize,
        first: [usize; 2],
    },
    /// The input surrounded by zeros; `first` is the position of its first row and column in the result.
    Pad {
        input: usize,
        first: [usize; 2],
    },
    /// The inputs, concatenated horizontally.
    ConcatColumns(Vec<usize>),
    /// The inputs, concatenated vertically.
    ConcatRows(Vec<usize>),
    /// Gathers, in each row, the entries of the columns listed in the index.
    Take {
        input: usize,
        index: Arc<[u32]>,
    },
    /// The inverse (scatter): adds the entries to the columns listed in the index.
    Put {
        input: usize,
        index: Arc<[u32]>,
    },
    /// The first input where the mask is true, otherwise the second.
    Select {
        inputs: [usize; 2],
        mask: Arc<[bool]>,
    },
    /// The input where the mask equals `keep`, otherwise 0.
    Mask {
        input: usize,
        mask: Arc<[bool]>,
        keep: bool,
    },
    /// A function of each row of the inputs.
    Rows {
        inputs: [usize; 2],
        function: Arc<dyn RowFunction>,
    },
    /// The gradient of a function of rows; it cannot be differentiated again.
    RowGradient([usize; 3]),
}

impl Operation {
    /// Calls `visit` with each input.
    pub fn for_each_input(&self, mut visit: impl FnMut(usize)) {
        match self {
            Self::Leaf => (),
            Self::Add(a, b) | Self::Subtract(a, b) | Self::Multiply(a, b) | Self::Divide(a, b) => {
                visit(*a);
                visit(*b);
            }
            Self::Slope {
                input, gradient, ..
            } => {
                visit(*input);
                visit(*gradient);
            }
            Self::Product { inputs, .. }
            | Self::Select { inputs, .. }
            | Self::Rows { inputs, .. } => inputs.iter().copied().for_each(visit),
            Self::RowGradient(inputs) => inputs.iter().copied().for_each(visit),
            Self::Affine {
                input,
                weight,
                bias,
            } => [*input, *weight, *bias].into_iter().for_each(visit),
            Self::ConcatColumns(inputs) | Self::ConcatRows(inputs) => {
                inputs.iter().copied().for_each(visit);
            }
            Self::Transpose(input)
            | Self::SumTo(input)
            | Self::Expand(input)
            | Self::Softmax(input)
            | Self::LogSumExp(input)
            | Self::Scale { input, .. }
            | Self::Map { input, .. }
            | Self::Block { input, .. }
            | Self::Pad { input, .. }
            | Self::Take { input, .. }
            | Self::Put { input, .. }
            | Self::Mask { input, .. } => visit(*input),
        }
    }
}
