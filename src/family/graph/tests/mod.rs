//! Compares every operation with finite differences: its gradient and the gradient of its gradient.

mod elements;
mod matrices;

use super::{Graph, Var};

/// A fixed sequence between −1 and 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_769).wrapping_add(12_345);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The sum of a matrix with fixed weights, so that swapped elements are detected.
fn weighted<'g>(output: Var<'g>, seed: u32) -> Var<'g> {
    let [rows, columns] = output.shape();
    let weights = numbers(rows * columns, seed);
    (output * output.graph().matrix([rows, columns], &weights)).sum()
}

/// Inputs `(shape, values)` of a function under test.
type Inputs = Vec<([usize; 2], Vec<f32>)>;
/// A function under test.
type Tested<'t> = &'t dyn for<'g> Fn(&[Var<'g>]) -> Var<'g>;

/// The value of `measure` at the inputs, and its gradients.
fn evaluate(inputs: &Inputs, measure: Tested) -> (f32, Vec<Vec<f32>>) {
    let graph = Graph::new();
    let leaf = |(shape, values): &([usize; 2], Vec<f32>)| graph.matrix(*shape, values);
    let leaves: Vec<Var> = inputs.iter().map(leaf).collect();
    let value = measure(&leaves);
    let gradients = graph.last_gradients(value, &leaves);
    (
        value.item(),
        gradients.into_iter().map(Var::to_vec).collect(),
    )
}

/// Compares the gradients with central differences of fourth order.
fn compare(name: &str, inputs: &Inputs, measure: Tested) {
    const STEP: f32 = 0.03;
    let (_, gradients) = evaluate(inputs, measure);
    for (input, gradient) in gradients.iter().enumerate() {
        for (place, found) in gradient.iter().enumerate() {
            let at = |steps: f32| {
                let mut moved = inputs.clone();
                moved[input].1[place] += steps * STEP;
                f64::from(evaluate(&moved, measure).0)
            };
            let near = 8.0 * (at(1.0) - at(-1.0));
            let expected = (near - (at(2.0) - at(-2.0))) / (12.0 * f64::from(STEP));
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error < 3e-4 * expected.abs().max(1.0),
                "{name}, input {input}, element {place}: {found} but {expected}"
            );
        }
    }
}

fn check(name: &str, inputs: &Inputs, function: Tested) {
    compare(name, inputs, &|inputs| weighted(function(inputs), 1));
    compare(&format!("{name}, second"), inputs, &|inputs| {
        let value = weighted(function(inputs), 1);
        let gradients = value.graph().gradients(value, inputs);
        let sums = gradients
            .into_iter()
            .zip(2..)
            .map(|(g, seed)| weighted(g, seed));
        // The square makes the third derivatives contribute.
        let mixed = sums.reduce(|sum, term| sum + term).expect("an input");
        mixed + mixed.square() * 0.1
    });
}

fn matrix(shape: [usize; 2], seed: u32) -> ([usize; 2], Vec<f32>) {
    (shape, numbers(shape[0] * shape[1], seed))
}

/// Elements between 1 and 3.
fn positive(shape: [usize; 2], seed: u32) -> ([usize; 2], Vec<f32>) {
    let (shape, values) = matrix(shape, seed);
    (shape, values.iter().map(|value| value + 2.0).collect())
}

/// Elements with absolute values of at least 0.2.
fn away_from_zero(shape: [usize; 2], seed: u32) -> ([usize; 2], Vec<f32>) {
    let (shape, values) = matrix(shape, seed);
    let moved = |value: &f32| value + 0.2 * value.signum();
    (shape, values.iter().map(moved).collect())
}
