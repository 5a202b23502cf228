//! What a graph records of each result.

use std::sync::Arc;

use super::function::Function;

/// How a result was computed. Numbers of the type `usize` are the indices of the inputs in the graph.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Given from outside.
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
    /// `A·B`, each transposed or not.
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
    /// Sums over the rows, the columns or both, whichever the result has one of.
    SumTo(usize),
    /// The inverse: repeats rows, columns or both.
    Expand(usize),
    Softmax(usize),
    LogSumExp(usize),
    /// A block of the input whose first row and column are given.
    Block {
        input: usize,
        first: [usize; 2],
    },
    /// Zeros around the input, whose first row and column in the result are given.
    Pad {
        input: usize,
        first: [usize; 2],
    },
    /// The inputs side by side.
    ConcatColumns(Vec<usize>),
    /// The inputs below each other.
    ConcatRows(Vec<usize>),
    /// In each row the entries of the columns that the index names.
    Take {
        input: usize,
        index: Arc<[u32]>,
    },
    /// The inverse: adds the entries to the columns that the index names.
    Put {
        input: usize,
        index: Arc<[u32]>,
    },
    /// The first input where the mask is true, the second elsewhere.
    Select {
        inputs: [usize; 2],
        mask: Arc<[bool]>,
    },
    /// The input where the mask equals `keep`, 0 elsewhere.
    Mask {
        input: usize,
        mask: Arc<[bool]>,
        keep: bool,
    },
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
            Self::Product { inputs, .. } | Self::Select { inputs, .. } => {
                inputs.iter().copied().for_each(visit);
            }
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
