//! The exact log-density, by quadrature over the latent.

use super::bounds::Likelihood;
use super::{LATENTS, Vae, evaluate};
use crate::elementary::exp;
use crate::family::DIMENSIONS;

/// Latents farther from 0 than this are excluded. They have `exp(−18)` of the prior's mass, which matters only for
/// points whose density is far below that of any data.
pub const MAX_LATENT: f64 = 6.0;
/// Number of cells along each axis of the plane into which the nodes are sorted.
const CELLS: usize = 64;
/// Terms smaller than `exp(−25)` times the largest are skipped.
const NEGLIGIBLE: f32 = 25.0;
/// Intervals of the grid along an axis: initial number and maximum.
const INTERVALS: [usize; 2] = [128, 1024];
/// A grid is fine enough if halving its step changes the log-density of no probe point by more than this, in nats.
const TOLERANCE: f64 = 1e-3;
/// Number of probe points for choosing the step.
const PROBES: usize = 256;

/// `p(x) = ∫ N(x; g(z), sigma²·I)·N(z; 0, I) dz` as a sum over a regular grid of latents: a mixture of Gaussians
/// centred at the decoded nodes.
#[derive(Clone, Debug)]
pub struct LatentQuadrature {
    /// The nodes of the grid, sorted by cell.
    nodes: Vec<Node>,
    cells: Vec<Cell>,
    /// `1/(2·sigma²)`
    half_precision: f32,
    /// `ln (2π·sigma²)^(−1)`
    log_scale: f64,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    decoded: [f32; DIMENSIONS],
    /// Logarithm of the prior's mass at the node.
    log_mass: f32,
}

/// Nodes that decode to the same square of the plane.
#[derive(Clone, Debug)]
struct Cell {
    nodes: std::ops::Range<usize>,
    low: [f32; DIMENSIONS],
    high: [f32; DIMENSIONS],
    /// The largest `log_mass` of the nodes in the cell.
    log_mass: f32,
}

impl LatentQuadrature {
    /// A grid with `intervals` intervals along each axis from −6 to 6; nodes outside the circle of radius 6 are
    /// excluded.
    pub fn new(vae: &Vae, intervals: usize) -> Self {
        let step = 2.0 * MAX_LATENT / intervals as f64;
        let log_area = 2.0 * libm::log(step) - libm::log(std::f64::consts::TAU);
        let mut latents = Vec::new();
        let mut log_masses = Vec::new();
        for index in 0..(intervals + 1) * (intervals + 1) {
            let place = [index / (intervals + 1), index % (intervals + 1)];
            let [a, b] = place.map(|place| place as f64 * step - MAX_LATENT);
            let square = a * a + b * b;
            if square <= MAX_LATENT * MAX_LATENT {
                latents.extend([a as f32, b as f32]);
                log_masses.push((log_area - 0.5 * square) as f32);
            }
        }
        let decoded = evaluate(&vae.decoder, &vae.decoder_layers, &latents, LATENTS);
        let nodes = decoded.as_chunks::<DIMENSIONS>().0.iter().zip(log_masses);
        let node = |(decoded, log_mass): (&[f32; DIMENSIONS], f32)| Node {
            decoded: *decoded,
            log_mass,
        };
        let (nodes, cells) = sorted(nodes.map(node).collect());
        let sigma = vae.sigma();
        Self {
            nodes,
            cells,
            half_precision: (0.5 / (sigma * sigma)) as f32,
            log_scale: Likelihood::new(sigma).log_scale(),
        }
    }

    /// A grid whose step is halved until the log-density of up to 256 of the points changes by less than 1e-3 nats, or
    /// until there are 1024 intervals.
    pub fn converged(vae: &Vae, points: &[f32]) -> Self {
        let count = points.len() / DIMENSIONS;
        let every = count.div_ceil(PROBES).max(1);
        let probes: Vec<f32> = points
            .chunks_exact(DIMENSIONS)
            .step_by(every)
            .flatten()
            .copied()
            .collect();
        let [mut intervals, most] = INTERVALS;
        let mut coarse = Self::new(vae, intervals);
        let mut before = coarse.log_density(&probes);
        while intervals < most {
            intervals *= 2;
            let fine = Self::new(vae, intervals);
            let after = fine.log_density(&probes);
            let changes = before.iter().zip(&after).map(|(a, b)| (a - b).abs());
            coarse = fine;
            if changes.fold(0.0, f64::max) < TOLERANCE {
                break;
            }
            before = after;
        }
        coarse
    }

    /// Number of nodes in the grid.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// `ln p(x)` of points `[count, 2]`, in nats, `[count]`.
    pub fn log_density(&self, points: &[f32]) -> Vec<f64> {
        let mut exponents = Vec::new();
        let points = points.as_chunks::<DIMENSIONS>().0.iter();
        points
            .map(|point| self.log_density_at(point, &mut exponents))
            .collect()
    }

    fn log_density_at(&self, point: &[f32; DIMENSIONS], exponents: &mut Vec<f32>) -> f64 {
        let bounds = self.cells.iter().map(|cell| self.upper_bound(cell, point));
        let best = bounds
            .enumerate()
            .fold((0, f32::NEG_INFINITY), |best, (index, bound)| {
                if bound > best.1 { (index, bound) } else { best }
            });
        exponents.clear();
        let mut largest = self.append(&self.cells[best.0], point, exponents);
        for (index, cell) in self.cells.iter().enumerate() {
            if index != best.0 && self.upper_bound(cell, point) > largest - NEGLIGIBLE {
                largest = largest.max(self.append(cell, point, exponents));
            }
        }
        let mut total = 0.0;
        for block in exponents.chunks(256) {
            let sum: f32 = block.iter().map(|exponent| exp(exponent - largest)).sum();
            total += f64::from(sum);
        }
        f64::from(largest) + libm::log(total) + self.log_scale
    }

    /// Appends the logarithm of each node's term to `exponents` and returns the largest.
    fn append(&self, cell: &Cell, point: &[f32; DIMENSIONS], exponents: &mut Vec<f32>) -> f32 {
        let first = exponents.len();
        let nodes = self.nodes[cell.nodes.clone()].iter();
        exponents.extend(nodes.map(|node| {
            let [x, y] = [0, 1].map(|axis| point[axis] - node.decoded[axis]);
            node.log_mass - self.half_precision * (x * x + y * y)
        }));
        let own = exponents[first..].iter().copied();
        own.fold(f32::NEG_INFINITY, f32::max)
    }

    /// An upper bound on the terms of all nodes in the cell.
    fn upper_bound(&self, cell: &Cell, point: &[f32; DIMENSIONS]) -> f32 {
        let [x, y] = [0, 1].map(|axis| {
            let outside = (cell.low[axis] - point[axis]).max(point[axis] - cell.high[axis]);
            outside.max(0.0)
        });
        cell.log_mass - self.half_precision * (x * x + y * y)
    }
}

/// Sorts the nodes by cell; returns them with the non-empty cells.
fn sorted(nodes: Vec<Node>) -> (Vec<Node>, Vec<Cell>) {
    let (low, high) = bounding_box(&nodes);
    let place = |node: &Node| -> usize {
        let index = |axis: usize| {
            let side = (high[axis] - low[axis]).max(f32::MIN_POSITIVE);
            let part = (node.decoded[axis] - low[axis]) / side;
            ((part * CELLS as f32) as usize).min(CELLS - 1)
        };
        index(0) * CELLS + index(1)
    };
    let mut keyed: Vec<(usize, Node)> = nodes.iter().map(|node| (place(node), *node)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    let mut cells = Vec::new();
    let mut first = 0;
    for group in keyed.chunk_by(|a, b| a.0 == b.0) {
        let members: Vec<Node> = group.iter().map(|(_, node)| *node).collect();
        let (low, high) = bounding_box(&members);
        let masses = members.iter().map(|node| node.log_mass);
        cells.push(Cell {
            nodes: first..first + members.len(),
            low,
            high,
            log_mass: masses.fold(f32::NEG_INFINITY, f32::max),
        });
        first += members.len();
    }
    (keyed.into_iter().map(|(_, node)| node).collect(), cells)
}

fn bounding_box(nodes: &[Node]) -> ([f32; DIMENSIONS], [f32; DIMENSIONS]) {
    let start = ([f32::INFINITY; DIMENSIONS], [f32::NEG_INFINITY; DIMENSIONS]);
    nodes.iter().fold(start, |(low, high), node| {
        let pick = |list: [f32; DIMENSIONS], choose: fn(f32, f32) -> f32| {
            std::array::from_fn(|axis| choose(list[axis], node.decoded[axis]))
        };
        (pick(low, f32::min), pick(high, f32::max))
    })
}
