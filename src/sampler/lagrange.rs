//! Lagrange interpolation polynomials, for multistep methods.

/// Coefficients, constant first, of the polynomial that is 1 at node `index` and 0 at the other nodes.
pub(super) fn lagrange(nodes: &[f64], index: usize) -> Vec<f64> {
    let others = nodes
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index);
    others.fold(vec![1.0], |polynomial, (_, node)| {
        let scale = nodes[index] - node;
        let mut product = vec![0.0; polynomial.len() + 1];
        for (power, factor) in polynomial.iter().enumerate() {
            product[power] -= node * factor / scale;
            product[power + 1] += factor / scale;
        }
        product
    })
}
