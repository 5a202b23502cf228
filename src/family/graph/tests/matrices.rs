//! Tests of products, sums, selections and the graph itself.

use super::super::{Graph, Var};
use super::{check, matrix, numbers};

#[test]
fn products_are_those_of_the_definition() {
    for (rows, inner, columns) in [(1, 1, 1), (5, 7, 3), (4, 16, 16), (13, 33, 17), (9, 2, 40)] {
        let (a, b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
        let expected: Vec<f32> = (0..rows * columns)
            .map(|place| {
                let (row, column) = (place / columns, place % columns);
                let terms = (0..inner).map(|k| a[row * inner + k] * b[k * columns + column]);
                terms.fold(0.0, |sum, term| sum + term)
            })
            .collect();
        let graph = Graph::new();
        let a = graph.matrix([rows, inner], &a);
        let b = graph.matrix([inner, columns], &b);
        let [ta, tb] = [a.transpose(), b.transpose()];
        for product in [
            a.matmul(b),
            ta.product(b, [true, false]),
            a.product(tb, [false, true]),
            ta.product(tb, [true, true]),
        ] {
            assert_eq!(product.to_vec(), expected, "{rows} {inner} {columns}");
        }
        let bias = numbers(columns, 3);
        let affine = a.affine(tb, graph.matrix([1, columns], &bias));
        let sums = expected.iter().zip(bias.iter().cycle()).map(|(x, b)| x + b);
        assert_eq!(affine.to_vec(), sums.collect::<Vec<f32>>());
    }
}

#[test]
fn products_have_their_derivatives() {
    let inputs = vec![matrix([3, 4], 1), matrix([4, 2], 2)];
    check("product", &inputs, &|x| x[0].matmul(x[1]));
    let inputs = vec![matrix([4, 3], 1), matrix([2, 4], 2)];
    check("transposed product", &inputs, &|x| {
        x[0].product(x[1], [true, true])
    });
    let inputs = vec![matrix([4, 3], 1), matrix([4, 2], 2)];
    check("left transposed", &inputs, &|x| {
        x[0].product(x[1], [true, false])
    });
    let inputs = vec![matrix([3, 4], 1), matrix([2, 4], 2), matrix([1, 2], 3)];
    check("affine", &inputs, &|x| x[0].affine(x[1], x[2]).tanh());
    check("right transposed", &inputs, &|x| {
        x[0].product(x[1], [false, true])
    });
    check("transpose", &inputs, &|x| x[0].transpose().powi(2));
}

#[test]
fn reductions_have_their_derivatives() {
    let x = vec![matrix([3, 4], 7)];
    check("sum", &x, &|x| x[0].powi(2).sum().powi(2));
    check("mean", &x, &|x| x[0].powi(3).mean());
    check("sum of columns", &x, &|x| {
        x[0].powi(2).sum_columns().powi(2)
    });
    check("sum of rows", &x, &|x| x[0].powi(2).sum_rows().powi(2));
    check("softmax", &x, &|x| (x[0] * 2.0).softmax());
    check("log sum exp", &x, &|x| (x[0] * 2.0).log_sum_exp());
    check("cumulative sum", &x, &|x| x[0].powi(2).cumulative_sum());
    check("expand", &[matrix([1, 4], 7)].to_vec(), &|x| {
        x[0].powi(2).expand([3, 4]).powi(2)
    });
}

#[test]
fn reductions_are_those_of_the_definition() {
    let graph = Graph::new();
    let x = graph.matrix([2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 600.0]);
    assert_eq!(x.sum().item(), 615.0);
    assert_eq!(x.mean().item(), 102.5);
    assert_eq!(x.sum_columns().to_vec(), [6.0, 609.0]);
    assert_eq!(x.sum_rows().to_vec(), [5.0, 7.0, 603.0]);
    assert_eq!(
        x.cumulative_sum().to_vec(),
        [1.0, 3.0, 6.0, 4.0, 9.0, 609.0]
    );
    let [first, second] = x.log_sum_exp().to_vec()[..] else {
        panic!("two rows");
    };
    assert!((first - 3.407_606).abs() < 1e-6 && second == 600.0);
    assert!((x.softmax().to_vec()[2] - 0.665_241).abs() < 1e-6);
}

#[test]
fn selections_have_their_derivatives() {
    let x = vec![matrix([3, 4], 8), matrix([3, 2], 9)];
    check("columns", &x, &|x| x[0].columns(1..3).powi(3));
    check("rows", &x, &|x| x[0].row_range(1..3).powi(3));
    check("concat", &x, &|x| Var::concat(&[x[1], x[0], x[1]]).powi(3));
    check("stack", &x, &|x| {
        Var::stack(&[x[1], x[0].columns(0..2)]).powi(3)
    });
    let index = [0, 3, 1, 1, 2, 0];
    check("take", &x, &|x| x[0].take(index).powi(3));
    let mask = [true, false, false, true, true, false];
    check("select", &x, &|x| {
        x[1].powi(3).select(mask, x[0].columns(2..4).powi(2))
    });
}

#[test]
fn selections_take_the_elements_that_are_named() {
    let graph = Graph::new();
    let x = graph.matrix([2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(x.columns(1..3).to_vec(), [2.0, 3.0, 5.0, 6.0]);
    assert_eq!(x.row_range(1..2).to_vec(), [4.0, 5.0, 6.0]);
    assert_eq!(x.take([2, 0, 1, 1]).to_vec(), [3.0, 1.0, 5.0, 5.0]);
    let both = Var::concat(&[x.column(0), x.column(2)]);
    assert_eq!(both.to_vec(), [1.0, 3.0, 4.0, 6.0]);
    assert_eq!(Var::stack(&[x.column(0), x.column(1)]).shape(), [4, 1]);
    let chosen = x.column(0).select([false, true], x.column(1));
    assert_eq!(chosen.to_vec(), [2.0, 4.0]);
}

#[test]
fn a_choice_keeps_what_is_not_finite_out_of_the_gradient() {
    let graph = Graph::new();
    let x = graph.matrix([1, 2], &[0.0, 4.0]);
    let safe = x.select([false, true], graph.filled([1, 2], 1.0));
    let root = safe.sqrt().select([false, true], graph.filled([1, 2], 0.0));
    assert_eq!(graph.gradient(root, x).to_vec(), [0.0, 0.25]);
}

#[test]
fn constants_and_unused_inputs_have_no_gradient() {
    let graph = Graph::new();
    let (x, y) = (graph.scalar(3.0), graph.scalar(5.0));
    let value = x.detach() * x + graph.without_recording(|| x.powi(2));
    let gradients = graph.gradients(value, &[x, y]);
    assert_eq!([gradients[0].item(), gradients[1].item()], [3.0, 0.0]);
    // The derivative with respect to an intermediate result.
    let square = x * x;
    let gradients = graph.last_gradients(square.exp() * square, &[square, x]);
    let by_square = 9f32.exp() * 10.0;
    assert!((gradients[0].item() / by_square - 1.0).abs() < 1e-6);
    assert!((gradients[1].item() / (6.0 * by_square) - 1.0).abs() < 1e-6);
}

#[test]
fn a_graph_that_is_used_again_allocates_nothing_and_gives_the_same_bits() {
    let mut graph = Graph::new();
    let run = |graph: &mut Graph| {
        graph.reset();
        let x = graph.matrix([40, 3], &numbers(120, 1));
        let weight = graph.matrix([5, 3], &numbers(15, 2));
        let bias = graph.filled([1, 5], 0.1);
        let hidden = x.affine(weight, bias).silu();
        let by_input = graph.gradient(hidden, x);
        let loss = by_input.square().sum() + hidden.softmax().column(2).ln().mean();
        let gradients = graph.last_gradients(loss, &[weight, bias]);
        let values: Vec<Vec<f32>> = gradients.into_iter().map(Var::to_vec).collect();
        let spare = |graph: &Graph| graph.spare.borrow().values().map(Vec::len).sum::<usize>();
        (values, spare(graph))
    };
    let (first, _) = run(&mut graph);
    let (second, spare) = run(&mut graph);
    let (third, again) = run(&mut graph);
    assert_eq!((&first, &second), (&second, &third));
    assert_eq!(spare, again);
}
