//! The layer-by-layer trace of points through a flow.

/// Positions of points before and after every layer of a flow, and the log-determinants of the layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The positions before the first layer and after each layer, `[layers + 1][points]`, in evaluation order: from the
    /// data for [`forward`](super::flow::Flow::forward), from the latents for [`inverse`](super::flow::Flow::inverse).
    pub positions: Vec<Vec<[f64; 2]>>,
    /// `ln|det J_l|` of each layer in the direction from data to latents, `[layers][points]`, in evaluation order.
    pub log_determinants: Vec<Vec<f64>>,
}

impl Passage {
    pub(super) fn empty(layers: usize) -> Self {
        Self {
            positions: vec![Vec::new(); layers + 1],
            log_determinants: vec![Vec::new(); layers],
        }
    }

    /// The positions after the last layer.
    pub fn end(&self) -> &[[f64; 2]] {
        self.positions.last().map_or(&[], Vec::as_slice)
    }

    /// `Σ_l ln|det J_l|` of each point, `[points]`.
    pub fn log_determinant(&self) -> Vec<f64> {
        let count = self.end().len();
        let sum = |point: usize| self.log_determinants.iter().map(|layer| layer[point]).sum();
        (0..count).map(sum).collect()
    }

    /// Appends the trace of further points.
    pub(super) fn extend(&mut self, other: Self) {
        for (positions, more) in self.positions.iter_mut().zip(other.positions) {
            positions.extend(more);
        }
        for (layer, more) in self.log_determinants.iter_mut().zip(other.log_determinants) {
            layer.extend(more);
        }
    }
}

/// Reorders values `[layers][points]` point by point: all layers of the first point, then of the next.
pub(super) fn by_point<V>(layers: &[Vec<V>], numbers: impl Fn(&V) -> &[f64]) -> Vec<f32> {
    let numbers = &numbers;
    let count = layers.first().map_or(0, Vec::len);
    let of_point = |point: usize| layers.iter().flat_map(move |layer| numbers(&layer[point]));
    let all = (0..count).flat_map(of_point);
    all.map(|number| *number as f32).collect()
}
