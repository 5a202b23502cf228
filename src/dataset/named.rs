//! Named data sets, drawn from a formula.

use std::f64::consts::{FRAC_PI_4, PI, TAU};

use super::GaussianMixture;
use crate::random::Generator;
use crate::{Error, Result};

/// A named data set. Each point is a function of two uniforms `u` on [0, 1) and two standard normals `z`:
///
/// | data set | a point |
/// |---|---|
/// | two Gaussians | `(−5, −5) + z` where `u_1 < 1/5`, else `(5, 5) + z` |
/// | eight Gaussians | `4·(cos φ, sin φ) + z/2`, `φ = ⌊8·u_1⌋·π/4` |
/// | two moons | `(cos φ, sin φ) + z/10` where `u_1 < 1/2`, else `(1 − cos φ, 1/2 − sin φ) + z/10`, `φ = π·u_2` |
/// | swiss roll | `φ·(cos φ, sin φ) + z/2`, `φ = 3π/2·(1 + 2·u_1)` |
/// | checkerboard | `x = 4·u_1 − 2`, `y = 2·u_2 + ⌊2·u_2⌋ + (⌊4·u_1⌋ mod 2) − 2` |
/// | rings | `r·(cos φ, sin φ) + 0.08·z`, `r` of 1, 2, 3 with probability `r/6` by `u_1`, `φ = 2π·u_2` |
/// | spiral | `±φ/3·(cos φ, sin φ) + z/10`, the sign by `u_1`, `φ = 3π·√u_2` |
/// | pinwheel | `(r, s)` rotated by `⌊5·u_1⌋·2π/5 + exp(r)/4`, `r = 1 + 0.3·z_1`, `s = 0.1·z_2` |
/// | smiley | face `(cos φ, sin φ) + 0.03·z` for `u_1 < 1/2`, eyes `(±0.35, 0.35) + 0.07·z` an eighth each, mouth `0.6·(cos ψ, sin ψ) + 0.03·z` for the rest; `φ = 2π·u_2`, `ψ = 7π/6 + 2π/3·u_2` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table above says all")]
pub enum Named {
    TwoGaussians,
    EightGaussians,
    TwoMoons,
    SwissRoll,
    Checkerboard,
    Rings,
    Spiral,
    Pinwheel,
    Smiley,
}

/// Mean and variance of a distribution in the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Mean of each coordinate.
    pub mean: [f64; 2],
    /// Mean of the variances of the two coordinates.
    pub variance: f64,
}

impl Named {
    /// All data sets.
    pub const ALL: [Self; 9] = [
        Self::TwoGaussians,
        Self::EightGaussians,
        Self::TwoMoons,
        Self::SwissRoll,
        Self::Checkerboard,
        Self::Rings,
        Self::Spiral,
        Self::Pinwheel,
        Self::Smiley,
    ];

    /// The data set with this name.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] lists the names.
    pub fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|named| named.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid("name", format!("one of {names}"), name)
        })
    }

    /// Name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoGaussians => "two-gaussians",
            Self::EightGaussians => "eight-gaussians",
            Self::TwoMoons => "two-moons",
            Self::SwissRoll => "swiss-roll",
            Self::Checkerboard => "checkerboard",
            Self::Rings => "rings",
            Self::Spiral => "spiral",
            Self::Pinwheel => "pinwheel",
            Self::Smiley => "smiley",
        }
    }

    /// Display name.
    pub fn title(self) -> &'static str {
        match self {
            Self::TwoGaussians => "Two Gaussians",
            Self::EightGaussians => "Eight Gaussians",
            Self::TwoMoons => "Two moons",
            Self::SwissRoll => "Swiss roll",
            Self::Checkerboard => "Checkerboard",
            Self::Rings => "Rings",
            Self::Spiral => "Spiral",
            Self::Pinwheel => "Pinwheel",
            Self::Smiley => "Smiley",
        }
    }

    /// Description of the distribution, one sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::TwoGaussians => {
                "One point in five is normal about (−5, −5), the others about (5, 5), all with variance 1."
            }
            Self::EightGaussians => {
                "Eight normal clusters of standard deviation 0.5 lie evenly on a circle of radius 4."
            }
            Self::TwoMoons => {
                "Two interleaved half circles of radius 1, with normal noise of standard deviation 0.1."
            }
            Self::SwissRoll => {
                "A spiral whose radius is its angle, from 3π/2 to 9π/2, with normal noise of standard deviation 0.5."
            }
            Self::Checkerboard => "Uniform on the dark squares of a 4 × 4 board.",
            Self::Rings => {
                "Three circles of radius 1, 2 and 3, with normal noise of standard deviation 0.08."
            }
            Self::Spiral => {
                "Two spiral arms of one and a half turns, with normal noise of standard deviation 0.1."
            }
            Self::Pinwheel => "Five normal blades that bend more the farther out they are.",
            Self::Smiley => "A face: a circle, two eyes and an arc for the mouth.",
        }
    }

    /// `count` points, before standardisation.
    pub fn draw(self, count: usize, seed: u32) -> Vec<[f64; 2]> {
        let mut generator = Generator::new(seed);
        let uniforms = generator.uniform(2 * count);
        let normals = generator.normal(2 * count);
        let pairs = |values: &[f32]| -> Vec<[f64; 2]> {
            let pairs = values.as_chunks::<2>().0.iter();
            pairs.map(|pair| pair.map(f64::from)).collect()
        };
        pairs(&uniforms)
            .into_iter()
            .zip(pairs(&normals))
            .map(|(u, z)| self.point(u, z))
            .collect()
    }

    fn point(self, [u1, u2]: [f64; 2], z: [f64; 2]) -> [f64; 2] {
        match self {
            Self::TwoGaussians if u1 < 0.2 => noisy([-5.0, -5.0], 1.0, z),
            Self::TwoGaussians => noisy([5.0, 5.0], 1.0, z),
            Self::EightGaussians => noisy(polar(4.0, (8.0 * u1).floor() * FRAC_PI_4), 0.5, z),
            Self::TwoMoons => {
                let [x, y] = polar(1.0, PI * u2);
                let upper = u1 < 0.5;
                noisy(if upper { [x, y] } else { [1.0 - x, 0.5 - y] }, 0.1, z)
            }
            Self::SwissRoll => {
                let angle = 1.5 * PI * (1.0 + 2.0 * u1);
                noisy(polar(angle, angle), 0.5, z)
            }
            Self::Checkerboard => {
                let column = (4.0 * u1).floor();
                [
                    4.0 * u1 - 2.0,
                    2.0 * u2 + (2.0 * u2).floor() + column % 2.0 - 2.0,
                ]
            }
            Self::Rings => {
                let radius = if u1 < 1.0 / 6.0 {
                    1.0
                } else if u1 < 0.5 {
                    2.0
                } else {
                    3.0
                };
                noisy(polar(radius, TAU * u2), 0.08, z)
            }
            Self::Spiral => {
                let angle = 3.0 * PI * u2.sqrt();
                let sign = if u1 < 0.5 { 1.0 } else { -1.0 };
                noisy(polar(sign * angle / 3.0, angle), 0.1, z)
            }
            Self::Pinwheel => {
                let (radial, across) = (1.0 + 0.3 * z[0], 0.1 * z[1]);
                let angle = (5.0 * u1).floor() * TAU / 5.0 + radial.exp() / 4.0;
                let (sin, cos) = angle.sin_cos();
                [radial * cos - across * sin, radial * sin + across * cos]
            }
            Self::Smiley if u1 < 0.5 => noisy(polar(1.0, TAU * u2), 0.03, z),
            Self::Smiley if u1 < 0.625 => noisy([-0.35, 0.35], 0.07, z),
            Self::Smiley if u1 < 0.75 => noisy([0.35, 0.35], 0.07, z),
            Self::Smiley => noisy(polar(0.6, PI * (7.0 / 6.0 + 2.0 / 3.0 * u2)), 0.03, z),
        }
    }

    /// Exact moments of the distribution, before standardisation.
    pub fn moments(self) -> Moments {
        // The mean of |x|² without the noise, and the variance of the noise.
        let (mean, square, noise) = match self {
            Self::TwoGaussians => ([3.0, 3.0], 50.0, 1.0),
            Self::EightGaussians => ([0.0, 0.0], 16.0, 0.25),
            // For the moons, |x|² is 1 on one and 1 + 1 + 1/4 − 2·E cos φ − E sin φ on the other.
            Self::TwoMoons => ([0.5, 0.25], (3.25 - 2.0 / PI) / 2.0, 0.01),
            // The means of φ·cos φ, φ·sin φ and φ² over the angles.
            Self::SwissRoll => ([2.0, 2.0 / (3.0 * PI)], 9.75 * PI * PI, 0.25),
            Self::Checkerboard => ([0.0, 0.0], 8.0 / 3.0, 0.0),
            Self::Rings => ([0.0, 0.0], 6.0, 0.08 * 0.08),
            Self::Spiral => ([0.0, 0.0], PI * PI / 2.0, 0.01),
            Self::Pinwheel => ([0.0, 0.0], 1.0 + 0.09 + 0.01, 0.0),
            Self::Smiley => {
                let mouth = -0.6 * 3.0 * 3f64.sqrt() / TAU; // the mean of 0.6·sin ψ
                let square = 0.5 + 0.25 * (2.0 * 0.35 * 0.35) + 0.25 * 0.6 * 0.6;
                let noise = 0.75 * 0.03 * 0.03 + 0.25 * 0.07 * 0.07;
                ([0.0, 0.25 * (0.35 + mouth)], square, noise)
            }
        };
        let [x, y] = mean;
        Moments {
            mean,
            variance: (square - x * x - y * y) / 2.0 + noise,
        }
    }

    /// Whether the distribution is a Gaussian mixture.
    pub fn is_mixture(self) -> bool {
        self.mixture().is_some()
    }

    /// The Gaussian mixture, before standardisation; `None` for other distributions.
    pub(super) fn mixture(self) -> Option<GaussianMixture> {
        let (means, std, weights) = match self {
            Self::TwoGaussians => (vec![[-5.0, -5.0], [5.0, 5.0]], 1.0, vec![0.2, 0.8]),
            Self::EightGaussians => {
                let centre = |k: i32| polar(4.0, f64::from(k) * FRAC_PI_4);
                ((0..8).map(centre).collect(), 0.5, vec![0.125; 8])
            }
            _ => return None,
        };
        Some(GaussianMixture {
            stds: vec![std; means.len()],
            means: means.into_flattened(),
            weights,
            dimensions: 2,
        })
    }
}

fn polar(radius: f64, angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [radius * cos, radius * sin]
}

fn noisy([x, y]: [f64; 2], std: f64, [z1, z2]: [f64; 2]) -> [f64; 2] {
    [x + std * z1, y + std * z2]
}
