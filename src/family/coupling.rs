//! Coupling layers of normalizing flows in the plane.

use std::fmt::Debug;
use std::sync::Arc;

use super::dense::{Activation, Dense};
use super::graph::{RowFunction, Var};
use super::network::Network;
use crate::random::Generator;

/// A monotone scalar function `y = f(x; θ)` whose parameters `θ` are the output of a network.
pub trait Transformation: Clone + Debug + Send + Sync + 'static {
    /// The name, in options, of a flow built from these layers.
    const FLOW: &'static str;

    /// Number of parameters `θ`.
    fn parameters(&self) -> usize;

    /// `y` and `ln(dy/dx)` at `x`.
    fn forward(&self, x: f64, parameters: &[f32]) -> [f64; 2];

    /// The `x` with `f(x; θ) = y`, and `ln(dy/dx)` at that `x`.
    fn inverse(&self, y: f64, parameters: &[f32]) -> [f64; 2];

    /// Returns the derivative of `g_0·y + g_1·ln(dy/dx)` with respect to `x`, and writes those with respect to the
    /// parameters to `output`.
    fn gradients(&self, x: f64, parameters: &[f32], gradient: [f64; 2], output: &mut [f32]) -> f64;
}

/// Applies the transformation to each row: `x` `[rows, 1]` and its parameters `[rows, n]` give `(y, ln(dy/dx))`,
/// `[rows, 2]`.
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

/// A coupling layer (Dinh et al. 2017, eq. 4 and 5; Durkan et al. 2019, section 2.1). It keeps one coordinate of a
/// point; from that coordinate a network computes the parameters of the transformation of the other. The Jacobian is
/// triangular, so its log-determinant is `ln(dy/dx)`.
#[derive(Clone, Debug)]
pub(super) struct Coupling<T> {
    kept: usize,
    conditioner: Dense,
    fused: Arc<Fused<T>>,
}

impl<T: Transformation> Coupling<T> {
    /// The layer with a given index. Layers with an even index keep the first coordinate. The network has two hidden
    /// layers; its last layer is initialised to zero.
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

    /// The coordinates after the layer, each `[rows, 1]`, and the log-determinant, `[rows, 1]`.
    pub fn forward<'g>(&self, leaves: &[Var<'g>], point: [Var<'g>; 2]) -> ([Var<'g>; 2], Var<'g>) {
        let kept = point[self.kept];
        let parameters = self.conditioner.forward(leaves, kept);
        let result = point[1 - self.kept].by_rows(parameters, &self.fused);
        let mut moved = point;
        moved[1 - self.kept] = result.column(0);
        (moved, result.column(1))
    }

    /// Maps points through the layer in double precision (the networks run in single precision) and returns the
    /// log-determinants of the forward direction, `[count]`.
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
