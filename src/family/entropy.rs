//! The entropy of the distributions behind the named data sets, by quadrature.

#[cfg(test)]
mod tests;

use std::f64::consts::{FRAC_PI_4, PI, TAU};

use crate::dataset::{Named, PointData};

/// Step of the grid relative to the smallest standard deviation.
const STEP: f64 = 1.0 / 3.0;
/// Step along a curve relative to the standard deviation of its noise.
const CURVE_STEP: f64 = 1.0 / 8.0;
/// Cut-off of a Gaussian in standard deviations; beyond it the density is taken as 0.
const REACH: f64 = 8.0;

/// The differential entropy `H = −∫ p ln p` of the distribution that the points were drawn from, in nats and in
/// standardised coordinates. It is the minimum over models `q` of the mean of `−ln q(x)`. `None` for given points and
/// for the pinwheel, whose density has no closed form.
///
/// Curves with normal noise and mixtures are integrated on a grid with an error below 1e-5.
pub fn entropy(data: &PointData) -> Option<f64> {
    let given = match data.named()? {
        // Uniform on an area of 8.
        Named::Checkerboard => libm::log(8.0),
        named => entropy_of(&branches(named)?),
    };
    // The density in two coordinates, both divided by the scale.
    Some(given - 2.0 * libm::log(data.standardisation().scale))
}

/// A curve with isotropic normal noise, parametrised on `[0, 1]`.
struct Branch {
    weight: f64,
    std: f64,
    length: f64,
    curve: Box<dyn Fn(f64) -> [f64; 2]>,
    /// The density of the parameter.
    density: fn(f64) -> f64,
}

fn uniform(_: f64) -> f64 {
    1.0
}

fn polar(radius: f64, angle: f64) -> [f64; 2] {
    let (sin, cos) = libm::sincos(angle);
    [radius * cos, radius * sin]
}

impl Branch {
    fn point(weight: f64, std: f64, point: [f64; 2]) -> Self {
        Self {
            weight,
            std,
            length: 0.0,
            curve: Box::new(move |_| point),
            density: uniform,
        }
    }

    /// An arc of a circle about the origin.
    fn arc(weight: f64, std: f64, radius: f64, [from, to]: [f64; 2]) -> Self {
        Self {
            weight,
            std,
            length: radius * (to - from),
            curve: Box::new(move |t| polar(radius, from + (to - from) * t)),
            density: uniform,
        }
    }

    /// Points on the curve and their quadrature weights, by Simpson's rule.
    fn nodes(&self) -> Vec<([f64; 2], f64)> {
        if self.length == 0.0 {
            return vec![((self.curve)(0.0), self.weight)];
        }
        let intervals = 2 * (self.length / (2.0 * CURVE_STEP * self.std)).ceil() as usize;
        let node = |index: usize| {
            let factor = if index == 0 || index == intervals {
                1.0
            } else if index % 2 == 1 {
                4.0
            } else {
                2.0
            };
            let t = index as f64 / intervals as f64;
            let weight = self.weight * (self.density)(t) * factor / (3.0 * intervals as f64);
            ((self.curve)(t), weight)
        };
        (0..=intervals).map(node).collect()
    }
}

/// A data set as noisy curves, in the coordinates of its formula (see [`Named`]).
fn branches(named: Named) -> Option<Vec<Branch>> {
    let branches = match named {
        Named::TwoGaussians => vec![
            Branch::point(0.2, 1.0, [-5.0, -5.0]),
            Branch::point(0.8, 1.0, [5.0, 5.0]),
        ],
        Named::EightGaussians => {
            let centre = |k: u32| polar(4.0, f64::from(k) * FRAC_PI_4);
            let branch = |k| Branch::point(0.125, 0.5, centre(k));
            (0..8).map(branch).collect()
        }
        Named::TwoMoons => {
            let lower = |t: f64| {
                let [x, y] = polar(1.0, PI * t);
                [1.0 - x, 0.5 - y]
            };
            let upper = Branch::arc(0.5, 0.1, 1.0, [0.0, PI]);
            let lower = Branch {
                curve: Box::new(lower),
                ..Branch::arc(0.5, 0.1, 1.0, [0.0, PI])
            };
            vec![upper, lower]
        }
        Named::SwissRoll => vec![Branch {
            weight: 1.0,
            std: 0.5,
            // Upper bound: the largest radius times the angle.
            length: 4.5 * PI * 3.0 * PI,
            curve: Box::new(|t| {
                let angle = 1.5 * PI * (1.0 + 2.0 * t);
                polar(angle, angle)
            }),
            density: uniform,
        }],
        Named::Rings => {
            let ring = |radius: f64| Branch::arc(radius / 6.0, 0.08, radius, [0.0, TAU]);
            [1.0, 2.0, 3.0].map(ring).into()
        }
        Named::Spiral => [1.0, -1.0].map(spiral_arm).into(),
        Named::Smiley => vec![
            Branch::arc(0.5, 0.03, 1.0, [0.0, TAU]),
            Branch::point(0.125, 0.07, [-0.35, 0.35]),
            Branch::point(0.125, 0.07, [0.35, 0.35]),
            Branch::arc(0.25, 0.03, 0.6, [PI * 7.0 / 6.0, PI * 11.0 / 6.0]),
        ],
        Named::Checkerboard | Named::Pinwheel => return None,
    };
    Some(branches)
}

/// The arm `±φ/3·(cos φ, sin φ)` with `φ = 3π·v`, where `v = √u` has the density `2v`.
fn spiral_arm(sign: f64) -> Branch {
    Branch {
        weight: 0.5,
        std: 0.1,
        // Upper bound: the largest radius times the angle, plus the radius.
        length: PI * 3.0 * PI + PI,
        curve: Box::new(move |v| {
            let angle = 3.0 * PI * v;
            polar(sign * angle / 3.0, angle)
        }),
        density: |v| 2.0 * v,
    }
}

/// The entropy of noisy curves by the trapezoidal rule, whose error for Gaussians decreases exponentially as the step
/// shrinks.
fn entropy_of(branches: &[Branch]) -> f64 {
    let nodes: Vec<(f64, [f64; 2], f64)> = branches
        .iter()
        .flat_map(|branch| {
            let nodes = branch.nodes().into_iter();
            nodes.map(|(place, weight)| (branch.std, place, weight))
        })
        .collect();
    let std = branches.iter().map(|branch| branch.std);
    let step = STEP * std.fold(f64::INFINITY, f64::min);
    let mut grid = Grid::around(&nodes, step);
    for (std, place, weight) in nodes {
        grid.add(std, place, weight);
    }
    let terms = grid.density.iter().filter(|p| **p > 0.0);
    -terms.map(|p| p * libm::log(*p)).sum::<f64>() * step * step
}

/// A density sampled on a grid.
struct Grid {
    first: [f64; 2],
    step: f64,
    /// Number of columns and rows.
    size: [usize; 2],
    /// `[rows, columns]`
    density: Vec<f64>,
}

impl Grid {
    fn around(nodes: &[(f64, [f64; 2], f64)], step: f64) -> Self {
        let end = |axis: usize, sign: f64| {
            let ends = nodes
                .iter()
                .map(|(std, place, _)| sign * place[axis] + REACH * std);
            sign * ends.fold(f64::NEG_INFINITY, f64::max)
        };
        let first = [end(0, -1.0), end(1, -1.0)];
        let length = |axis: usize| ((end(axis, 1.0) - first[axis]) / step).ceil() as usize + 1;
        let size = [length(0), length(1)];
        Self {
            first,
            step,
            size,
            density: vec![0.0; size[0] * size[1]],
        }
    }

    /// Adds a weighted Gaussian with mean `place`.
    fn add(&mut self, std: f64, place: [f64; 2], weight: f64) {
        let factor = weight / (TAU * std * std);
        let [(first_column, columns), (first_row, rows)] = [0, 1].map(|axis| {
            let position = |index: usize| self.first[axis] + index as f64 * self.step;
            let nearest = |x: f64| ((x - self.first[axis]) / self.step).max(0.0) as usize;
            let first = nearest(place[axis] - REACH * std);
            let last = nearest(place[axis] + REACH * std).min(self.size[axis] - 1);
            let value = |index| {
                let distance = (position(index) - place[axis]) / std;
                libm::exp(-0.5 * distance * distance)
            };
            (first, (first..=last).map(value).collect::<Vec<f64>>())
        });
        let lines = self.density.chunks_exact_mut(self.size[0]).skip(first_row);
        for (line, row) in lines.zip(rows) {
            for (density, column) in line[first_column..].iter_mut().zip(&columns) {
                *density += factor * row * column;
            }
        }
    }
}
