//! Coupling layers of normalizing flows in the plane.

use std::fmt::Debug;
use std::sync::Arc;

use super::dense::{Activation, Dense};
use super::graph::{RowFunction, Var};
use super::network::Network;
use crate::random::Generator;

/// A monotone function of one number, `y = f(x; θ)`, whose parameters come from a network.
pub trait Transformation: Clone + Debug + Send + Sync + 'static {
    /// The name of a flow of such layers in options.
    const FLOW: &'static str;

    /// Number of parameters `θ`.
    fn parameters(&self) -> usize;

    /// `y` and `ln(dy/dx)`.
    fn forward(&self, x: f64, parameters: &[f32]) -> [f64; 2];

    /// `x` and `ln(dy/dx)` there.
    fn inverse(&self, y: f64, parameters: &[f32]) -> [f64; 2];

    /// The derivative of `g_0·y + g_1·ln(dy/dx)` by `x`; writes those by the parameters.
    fn gradients(&self, x: f64, parameters: &[f32], gradient: [f64; 2], output: &mut [f32]) -> f64;
}

/// The transformation of each row, `x` `[rows, 1]` with parameters `[rows, n]`, to `(y, ln(dy/dx))`, `[rows, 2]`.
#[derive(Debug)]
struct Fused<T>(T);

impl<T: Transformation> RowFunction for Fused<T> {
    fn width(&self) -> usize {
        2
    }

    fn write(&self, [x, parameters]: [&[f32]; 2], output: &mut [f32]) {
        let results = self.0.forward(f64::from(x[0]), parameters);
        for (output, result) in output.iter_mut().zip(results) {
            *output = result as f32;
        }
    }

    fn write_gradients(
        &self,
        [x, parameters]: [&[f32]; 2],
        gradient: &[f32],
        [to_x, to_parameters]: [&mut [f32]; 2],
    ) {
        let gradient = [f64::from(gradient[0]), f64::from(gradient[1])];
        let x = f64::from(x[0]);
        to_x[0] = self.0.gradients(x, parameters, gradient, to_parameters) as f32;
    }
}

/// The direction in which a layer is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the data to the latents.
    Forward,
    /// From the latents to the data.
    Inverse,
}

/// A coupling layer (Dinh et al. 2017, eq. 4 and 5; Durkan et al. 2019, section 2.1): one coordinate of a point is kept, and a network computes from it the
/// parameters of the transformation of the other one. The Jacobian is triangular, so that its log-determinant is `ln(dy/dx)`.
#[derive(Clone, Debug)]
pub(super) struct Coupling<T> {
    kept: usize,
    conditioner: Dense,
    fused: Arc<Fused<T>>,
}

impl<T: Transformation> Coupling<T> {
    /// The layer with this index, which keeps the first coordinate where the index is even. The network has two hidden layers; its last layer is zero.
    pub fn new(
        network: &mut Network,
        index: usize,
        width: usize,
        transformation: T,
        generator: &mut Generator,
    ) -> Self {
        let sizes = [1, width, width, transformation.parameters()];
        let prefix = format!("couplings.{index}");
        let conditioner = Dense::new(network, &prefix, &sizes, Activation::Relu, generator);
        Self {
            kept: index % 2,
            conditioner: conditioner.with_zero_output(network),
            fused: Arc::new(Fused(transformation)),
        }
    }

    /// The coordinates, each `[rows, 1]`, after the layer, and the log-determinant, `[rows, 1]`.
    pub fn forward<'g>(&self, leaves: &[Var<'g>], point: [Var<'g>; 2]) -> ([Var<'g>; 2], Var<'g>) {
        let kept = point[self.kept];
        let parameters = self.conditioner.forward(leaves, kept);
        let result = point[1 - self.kept].by_rows(parameters, &self.fused);
        let mut moved = point;
        moved[1 - self.kept] = result.column(0);
        (moved, result.column(1))
    }

    /// Moves points through the layer in double precision, with networks in single precision, and returns the log-determinants of the forward direction.
    pub fn pass(&self, leaves: &[Var], points: &mut [[f64; 2]], direction: Direction) -> Vec<f64> {
        let (kept, moved) = (self.kept, 1 - self.kept);
        let inputs: Vec<f32> = points.iter().map(|point| point[kept] as f32).collect();
        let input = leaves[0].graph().matrix([points.len(), 1], &inputs);
        let transformation = &self.fused.0;
        self.conditioner.forward(leaves, input).read(|parameters| {
            let rows = parameters.chunks_exact(transformation.parameters());
            let pass = |(point, parameters): (&mut [f64; 2], &[f32])| {
                let [result, log_determinant] = match direction {
                    Direction::Forward => transformation.forward(point[moved], parameters),
                    Direction::Inverse => transformation.inverse(point[moved], parameters),
                };
                point[moved] = result;
                log_determinant
            };
            points.iter_mut().zip(rows).map(pass).collect()
        })
    }
}
