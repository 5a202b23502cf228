//! Tests of elementwise functions and arithmetic.

use super::super::{Graph, Var};
use super::{away_from_zero, check, matrix, positive};

#[test]
fn functions_of_elements_have_their_derivatives() {
    let x = vec![away_from_zero([3, 4], 5)];
    check("exp", &x, &|x| x[0].exp());
    check("tanh", &x, &|x| x[0].tanh());
    check("sigmoid", &x, &|x| x[0].sigmoid());
    check("softplus", &x, &|x| x[0].softplus());
    check("relu", &x, &|x| x[0].relu());
    check("leaky relu", &x, &|x| x[0].leaky_relu(0.2));
    check("silu", &x, &|x| x[0].silu());
    check("sin", &x, &|x| x[0].sin());
    check("cos", &x, &|x| x[0].cos());
    check("abs", &x, &|x| x[0].abs());
    check("clamp", &x, &|x| (x[0] * 0.6).clamp(-10.0, 10.0));
    check("cube", &x, &|x| x[0].powi(3));
    let x = vec![positive([3, 3], 6)];
    check("ln", &x, &|x| x[0].ln());
    check("sqrt", &x, &|x| x[0].sqrt());
    check("reciprocal", &x, &|x| x[0].powi(-1));
    check("power", &x, &|x| x[0].powf(1.7));
    check("half power", &x, &|x| x[0].powf(-1.5));
}

/// The first four derivatives with respect to a scalar.
fn derivatives<'g>(leaf: Var<'g>, mut value: Var<'g>) -> Vec<f64> {
    let next = |_| {
        value = leaf.graph().gradient(value, leaf);
        f64::from(value.item())
    };
    (0..4).map(next).collect()
}

#[test]
fn derivatives_of_higher_order_are_those_of_the_closed_forms() {
    for x in [-1.7f32, -0.3, 0.4, 2.1] {
        let graph = Graph::new();
        let leaf = graph.scalar(x);
        let derivatives = |value| derivatives(leaf, value);
        let s = 1.0 / (1.0 + (-f64::from(x)).exp());
        let p = s * (1.0 - s);
        let sigmoid = [
            p,
            p * (1.0 - 2.0 * s),
            p * (1.0 - 6.0 * p),
            p * (1.0 - 2.0 * s) * (1.0 - 12.0 * p),
        ];
        let t = f64::from(x).tanh();
        let q = 1.0 - t * t;
        let tanh = [
            q,
            -2.0 * t * q,
            q * (6.0 * t * t - 2.0),
            t * q * (16.0 - 24.0 * t * t),
        ];
        let x = f64::from(x);
        let silu = [
            s + x * p,
            x * sigmoid[1] + 2.0 * p,
            x * sigmoid[2] + 3.0 * sigmoid[1],
            x * sigmoid[3] + 4.0 * sigmoid[2],
        ];
        let softplus = [s, sigmoid[0], sigmoid[1], sigmoid[2]];
        let sin = [x.cos(), -x.sin(), -x.cos(), x.sin()];
        for (found, expected) in [
            (derivatives(leaf.sigmoid()), sigmoid),
            (derivatives(leaf.tanh()), tanh),
            (derivatives(leaf.silu()), silu),
            (derivatives(leaf.softplus()), softplus),
            (derivatives(leaf.sin()), sin),
        ] {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected} at {x}");
            }
        }
    }
}

#[test]
fn arithmetic_repeats_rows_columns_and_numbers() {
    for (left, right) in [
        ([3, 4], [3, 4]),
        ([3, 4], [1, 4]),
        ([3, 1], [3, 4]),
        ([3, 4], [1, 1]),
        ([3, 1], [1, 4]),
        ([1, 1], [3, 4]),
        ([3, 1], [1, 1]),
    ] {
        let inputs = vec![matrix(left, 3), positive(right, 4)];
        let name = format!("{left:?} {right:?}");
        check(&name, &inputs, &|x| x[0] + x[1]);
        check(&name, &inputs, &|x| x[0] - x[1]);
        check(&name, &inputs, &|x| x[0] * x[1]);
        check(&name, &inputs, &|x| x[0] / x[1]);
    }
    let x = vec![positive([2, 3], 5)];
    check("scale", &x, &|x| {
        (2.0 - x[0] * 0.5) * (1.0 + x[0] / 3.0) - (-x[0] + 1.5)
    });
    check("the same twice", &x, &|x| x[0] * x[0] + x[0]);
}

#[test]
fn arithmetic_is_elementwise() {
    let graph = Graph::new();
    let x = graph.matrix([2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let row = graph.matrix([1, 2], &[10.0, 20.0]);
    let column = graph.matrix([2, 1], &[1.0, -1.0]);
    assert_eq!((x + row).to_vec(), [11.0, 22.0, 13.0, 24.0]);
    assert_eq!((column * x).to_vec(), [1.0, 2.0, -3.0, -4.0]);
    assert_eq!((column - row).to_vec(), [-9.0, -19.0, -11.0, -21.0]);
    assert_eq!((12.0 - x).to_vec(), [11.0, 10.0, 9.0, 8.0]);
}
