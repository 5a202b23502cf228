//! Linear assignment: pairs two point sets so that the total cost is minimal.

use super::DIMENSIONS;

/// For each point of `first`, the index of its partner in `second`, such that the sum of squared distances is minimal.
/// Both sets are `[count, 2]`.
///
/// Shortest augmenting paths with dual variables (Jonker & Volgenant 1987), `O(count³)`.
///
/// # Panics
/// If the two sets have different numbers of points.
pub fn assign(first: &[f32], second: &[f32]) -> Vec<usize> {
    assert_eq!(first.len(), second.len(), "points to pair");
    let mut problem = Assignment::new(first, second);
    for row in 0..problem.count {
        problem.augment(row);
    }
    let mut result = vec![0; problem.count];
    for (column, row) in problem.row_of.iter().enumerate() {
        result[*row] = column;
    }
    result
}

/// Marks a missing row, or a missing predecessor of a column.
const FREE: usize = usize::MAX;

struct Assignment {
    count: usize,
    /// `[rows, columns]`
    costs: Vec<f32>,
    row_duals: Vec<f32>,
    column_duals: Vec<f32>,
    /// The row assigned to each column.
    row_of: Vec<usize>,
    /// The predecessor of each column on its shortest path.
    previous: Vec<usize>,
    /// Length of the shortest path to each column.
    distances: Vec<f32>,
    /// All columns, those whose shortest path is final first.
    order: Vec<usize>,
}

impl Assignment {
    fn new(first: &[f32], second: &[f32]) -> Self {
        let rows = first.as_chunks::<DIMENSIONS>().0;
        let columns = second.as_chunks::<DIMENSIONS>().0;
        let cost = |a: &[f32; 2], b: &[f32; 2]| {
            let [x, y] = [a[0] - b[0], a[1] - b[1]];
            x * x + y * y
        };
        let row = |a| columns.iter().map(move |b| cost(a, b));
        let count = rows.len();
        Self {
            count,
            costs: rows.iter().flat_map(row).collect(),
            row_duals: vec![0.0; count],
            column_duals: vec![0.0; count],
            row_of: vec![FREE; count],
            previous: vec![FREE; count],
            distances: vec![0.0; count],
            order: (0..count).collect(),
        }
    }

    /// Assigns a free row by an augmenting path of minimal reduced cost that ends at a free column.
    fn augment(&mut self, start: usize) {
        self.distances.fill(f32::INFINITY);
        let (mut row, mut before, mut length, mut done) = (start, FREE, 0.0, 0);
        let end = loop {
            let place = self.relax(row, before, length, done);
            self.order.swap(done, place);
            let column = self.order[done];
            length = self.distances[column];
            if self.row_of[column] == FREE {
                break column;
            }
            (row, before) = (self.row_of[column], column);
            done += 1;
        };
        self.row_duals[start] += length;
        for column in &self.order[..done] {
            let change = length - self.distances[*column];
            self.column_duals[*column] -= change;
            self.row_duals[self.row_of[*column]] += change;
        }
        self.exchange(start, end);
    }

    /// Relaxes the path lengths of the columns in `order[done..]` through a row, and returns the position of the
    /// nearest column.
    fn relax(&mut self, row: usize, before: usize, length: f32, done: usize) -> usize {
        let costs = &self.costs[row * self.count..][..self.count];
        let offset = length - self.row_duals[row];
        let (mut nearest, mut least) = (done, f32::INFINITY);
        for (place, column) in self.order.iter().enumerate().skip(done) {
            let distance = offset + costs[*column] - self.column_duals[*column];
            if distance < self.distances[*column] {
                self.distances[*column] = distance;
                self.previous[*column] = before;
            }
            if self.distances[*column] < least {
                least = self.distances[*column];
                nearest = place;
            }
        }
        nearest
    }

    /// Flips the assignments along the augmenting path.
    fn exchange(&mut self, start: usize, end: usize) {
        let mut column = end;
        while self.previous[column] != FREE {
            let before = self.previous[column];
            self.row_of[column] = self.row_of[before];
            column = before;
        }
        self.row_of[column] = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    fn cost(first: &[f32], second: &[f32], pairs: &[usize]) -> f32 {
        let term = |(row, column): (usize, &usize)| {
            let distance = |axis| first[2 * row + axis] - second[2 * column + axis];
            distance(0) * distance(0) + distance(1) * distance(1)
        };
        pairs.iter().enumerate().map(term).sum()
    }

    /// Minimal cost over all permutations (Heap's algorithm).
    fn least_of_all(first: &[f32], second: &[f32]) -> f32 {
        fn visit(
            order: &mut Vec<usize>,
            k: usize,
            least: &mut f32,
            cost: &dyn Fn(&[usize]) -> f32,
        ) {
            if k == 1 {
                *least = least.min(cost(order));
                return;
            }
            for index in 0..k {
                visit(order, k - 1, least, cost);
                order.swap(if k.is_multiple_of(2) { index } else { 0 }, k - 1);
            }
        }
        let mut order: Vec<usize> = (0..first.len() / 2).collect();
        let mut least = f32::INFINITY;
        let count = order.len();
        visit(&mut order, count, &mut least, &|order| {
            cost(first, second, order)
        });
        least
    }

    #[test]
    fn the_pairing_costs_as_little_as_the_best_of_all_permutations() {
        let mut generator = Generator::new(0);
        for count in 1..=7 {
            for _ in 0..10 {
                let (first, second) = (generator.normal(2 * count), generator.normal(2 * count));
                let found = cost(&first, &second, &assign(&first, &second));
                let least = least_of_all(&first, &second);
                assert!((found - least).abs() < 1e-5, "{found} and {least}");
            }
        }
    }

    #[test]
    fn equal_points_are_paired_one_to_one() {
        let mut pairs = assign(&[1.0; 40], &[1.0; 40]);
        pairs.sort_unstable();
        assert_eq!(pairs, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn points_are_paired_with_themselves() {
        let points = Generator::new(1).normal(256);
        assert_eq!(assign(&points, &points), (0..128).collect::<Vec<_>>());
    }
}
