//! The backward pass, expressed in the operations of the graph itself.

use super::operation::Operation;
use super::{Graph, Var};

impl Graph {
    /// The derivatives of the sum of all elements of `output` with respect to each input, in the inputs' shapes. They
    /// are recorded, so they can be differentiated again.
    pub fn gradients<'g>(&'g self, output: Var<'g>, inputs: &[Var<'g>]) -> Vec<Var<'g>> {
        Backward::new(self, output, inputs).run(output, inputs)
    }

    /// The derivative of the sum of all elements of `output` with respect to one input; see
    /// [`gradients`](Self::gradients).
    pub fn gradient<'g>(&'g self, output: Var<'g>, input: Var<'g>) -> Var<'g> {
        self.gradients(output, &[input])[0]
    }

    /// The same derivatives as constants. Intermediate results are released immediately, which saves memory and time.
    pub fn last_gradients<'g>(&'g self, output: Var<'g>, inputs: &[Var<'g>]) -> Vec<Var<'g>> {
        self.without_recording(|| self.gradients(output, inputs))
    }
}

/// The state of a backward pass.
struct Backward<'g> {
    graph: &'g Graph,
    /// Whether a result depends on one of the inputs.
    is_needed: Vec<bool>,
    is_input: Vec<bool>,
    gradients: Vec<Option<Var<'g>>>,
    /// Number of results of the forward pass.
    first: usize,
    /// How many entries of `gradients` refer to each result of the backward pass (a reference count).
    holders: Vec<u32>,
}

impl<'g> Backward<'g> {
    fn new(graph: &'g Graph, output: Var<'g>, inputs: &[Var<'g>]) -> Self {
        let nodes = graph.nodes.borrow();
        let mut is_input = vec![false; nodes.len()];
        for input in inputs {
            is_input[input.index] = true;
        }
        let mut is_needed = is_input.clone();
        for (index, node) in nodes.iter().enumerate().take(output.index + 1) {
            let mut needed = is_needed[index];
            node.operation
                .for_each_input(|input| needed |= is_needed[input]);
            is_needed[index] = needed;
        }
        Self {
            graph,
            is_needed,
            is_input,
            gradients: vec![None; nodes.len()],
            first: nodes.len(),
            holders: Vec::new(),
        }
    }

    fn run(mut self, output: Var<'g>, inputs: &[Var<'g>]) -> Vec<Var<'g>> {
        let seed = self.graph.filled(output.shape, 1.0);
        self.set(output.index, seed);
        for index in (0..=output.index).rev() {
            let Some(gradient) = self.gradients[index] else {
                continue;
            };
            let mark = self.graph.len();
            let operation = self.graph.nodes.borrow()[index].operation.clone();
            if self.is_needed[index] {
                self.pull(self.graph.var(index), operation, gradient);
            }
            if !self.graph.is_recording() {
                self.release(index, gradient, mark);
            }
        }
        let result = |input: &Var<'g>| {
            let zeros = || self.graph.filled(input.shape, 0.0);
            self.gradients[input.index].unwrap_or_else(zeros)
        };
        inputs.iter().map(result).collect()
    }

    /// Releases the gradient of a result after it has been propagated, together with the temporaries of that step.
    fn release(&mut self, index: usize, gradient: Var<'g>, mark: usize) {
        self.holders.resize(self.graph.len() - self.first, 0);
        if !self.is_input[index] {
            self.gradients[index] = None;
            let holders = &mut self.holders[gradient.index - self.first];
            *holders -= 1;
            if *holders == 0 && gradient.index < mark {
                self.graph.release(gradient.index);
            }
        }
        for temporary in mark..self.graph.len() {
            if self.holders[temporary - self.first] == 0 {
                self.graph.release(temporary);
            }
        }
    }

    fn set(&mut self, index: usize, gradient: Var<'g>) {
        self.gradients[index] = Some(gradient);
        self.holders.resize(self.graph.len() - self.first, 0);
        self.holders[gradient.index - self.first] += 1;
    }

    /// Adds a term to the gradient of a result if that gradient is needed.
    fn add(&mut self, index: usize, term: impl FnOnce(Var<'g>) -> Var<'g>) {
        if !self.is_needed[index] {
            return;
        }
        let value = self.graph.var(index);
        let term = term(value).sum_to(value.shape);
        let Some(before) = self.gradients[index] else {
            return self.set(index, term);
        };
        let is_shared = self.holders[before.index - self.first] > 1;
        if self.graph.is_recording() || is_shared {
            self.holders[before.index - self.first] -= 1;
            self.set(index, before + term);
        } else {
            self.graph.add_in_place(before, term);
        }
    }

    /// Adds the contributions of a result with gradient `g` to the gradients of its inputs.
    fn pull(&mut self, result: Var<'g>, operation: Operation, g: Var<'g>) {
        let graph = self.graph;
        match operation {
            Operation::Leaf => (),
            Operation::Add(a, b) => {
                self.add(a, |_| g);
                self.add(b, |_| g);
            }
            Operation::Subtract(a, b) => {
                self.add(a, |_| g);
                self.add(b, |b| (-g).sum_to(b.shape));
            }
            Operation::Multiply(a, b) => {
                self.add(a, |_| g * graph.var(b));
                self.add(b, |_| g * graph.var(a));
            }
            Operation::Divide(a, b) => {
                self.add(a, |_| g / graph.var(b));
                self.add(b, |b| -(g * result) / b);
            }
            Operation::Scale { input, factor } => self.add(input, |_| g.scale(factor, 0.0)),
            Operation::Map { input, function } => self.add(input, |x| x.slope(g, function, 1)),
            Operation::Slope {
                input,
                gradient,
                function,
                order,
            } => {
                self.add(gradient, |_| graph.var(input).slope(g, function, order));
                if !function.vanishes(order + 1) {
                    let inner = |x: Var<'g>| x.slope(g * graph.var(gradient), function, order + 1);
                    self.add(input, inner);
                }
            }
            other => self.pull_matrix(result, other, g),
        }
    }

    fn pull_matrix(&mut self, result: Var<'g>, operation: Operation, g: Var<'g>) {
        let graph = self.graph;
        match operation {
            Operation::Product {
                inputs: [a, b],
                transposed: [ta, tb],
            } => {
                self.add(a, |_| {
                    let b = graph.var(b);
                    let swapped = || b.product(g, [tb, true]);
                    if ta {
                        swapped()
                    } else {
                        g.product(b, [false, !tb])
                    }
                });
                self.add(b, |_| {
                    let a = graph.var(a);
                    if tb {
                        g.product(a, [true, ta])
                    } else {
                        a.product(g, [!ta, false])
                    }
                });
            }
            Operation::Affine {
                input,
                weight,
                bias,
            } => {
                self.add(input, |_| g.matmul(graph.var(weight)));
                self.add(weight, |_| g.product(graph.var(input), [true, false]));
                self.add(bias, |_| g.sum_rows());
            }
            Operation::Transpose(input) => self.add(input, |_| g.transpose()),
            Operation::SumTo(input) => self.add(input, |x| g.expand(x.shape)),
            Operation::Expand(input) => self.add(input, |_| g),
            Operation::Softmax(input) => {
                self.add(input, |_| result * (g - (g * result).sum_columns()));
            }
            Operation::LogSumExp(input) => self.add(input, |x| x.softmax() * g),
            other => self.pull_selection(other, g),
        }
    }

    fn pull_selection(&mut self, operation: Operation, g: Var<'g>) {
        match operation {
            Operation::Block { input, first } => self.add(input, |x| g.pad(first, x.shape)),
            Operation::Pad { input, first } => self.add(input, |x| g.block(first, x.shape)),
            Operation::ConcatColumns(parts) => self.pull_parts(&parts, g, 1),
            Operation::ConcatRows(parts) => self.pull_parts(&parts, g, 0),
            Operation::Take { input, index } => self.add(input, |x| g.put(index, x.shape[1])),
            Operation::Put { input, index } => self.add(input, |_| g.take(index)),
            Operation::Select {
                inputs: [yes, no],
                mask,
            } => {
                self.add(yes, |_| g.mask(mask.clone(), true));
                self.add(no, |_| g.mask(mask, false));
            }
            Operation::Mask { input, mask, keep } => self.add(input, |_| g.mask(mask, keep)),
            Operation::Rows {
                inputs: [a, b],
                function,
            } => {
                let [left, right] = [a, b].map(|input| self.graph.var(input));
                let [to_left, to_right] = left.row_gradients(right, g, &*function);
                self.add(a, |_| to_left);
                self.add(b, |_| to_right);
            }
            Operation::RowGradient(_) => panic!("a function of rows has no second derivative"),
            _ => (),
        }
    }

    /// Splits the gradient of a concatenation among the matrices that were concatenated along an axis.
    fn pull_parts(&mut self, parts: &[usize], g: Var<'g>, axis: usize) {
        let mut first = [0, 0];
        for part in parts {
            let length = self.graph.var(*part).shape[axis];
            self.add(*part, |part| g.block(first, part.shape));
            first[axis] += length;
        }
    }
}
