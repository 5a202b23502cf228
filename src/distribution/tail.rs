//! Decay of densities at infinity, which determines whether a multiple of one bounds another.

use std::cmp::Ordering;

/// Side of a tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards −∞.
    Lower,
    /// Towards +∞.
    Upper,
}

impl Side {
    /// −1 for the lower side, 1 for the upper.
    pub fn sign(self) -> f64 {
        match self {
            Self::Lower => -1.0,
            Self::Upper => 1.0,
        }
    }
}

/// Asymptotic behaviour of a density on one side, up to a constant factor; in order of decreasing decay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tail {
    /// 0 beyond some x.
    Bounded,
    /// `exp(−(x − mean)²/(2·std²))`.
    Gaussian {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// `exp(−rate·|x|)`.
    Exponential {
        /// Rate.
        rate: f64,
    },
    /// `|x|^−power`.
    Power {
        /// Exponent.
        power: f64,
    },
}

impl Tail {
    /// Compares the weight of two tails on the same side: `Greater` if self/other is unbounded there.
    pub fn weight(self, other: Self, side: Side) -> Ordering {
        let compared = match (self, other) {
            (
                Self::Gaussian { mean, std },
                Self::Gaussian {
                    mean: other_mean,
                    std: other_std,
                },
            ) => std.partial_cmp(&other_std).map(|order| {
                order.then((side.sign() * mean).total_cmp(&(side.sign() * other_mean)))
            }),
            (Self::Exponential { rate }, Self::Exponential { rate: other }) => {
                other.partial_cmp(&rate)
            }
            (Self::Power { power }, Self::Power { power: other }) => other.partial_cmp(&power),
            _ => self.rank().partial_cmp(&other.rank()),
        };
        compared.unwrap_or(Ordering::Equal)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Bounded => 0,
            Self::Gaussian { .. } => 1,
            Self::Exponential { .. } => 2,
            Self::Power { .. } => 3,
        }
    }
}

impl std::fmt::Display for Tail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Bounded => write!(formatter, "ends"),
            Self::Gaussian { std, .. } => write!(formatter, "falls like exp(-x²/(2·{std}²))"),
            Self::Exponential { rate } => write!(formatter, "falls like exp(-{rate}·|x|)"),
            Self::Power { power } => write!(formatter, "falls like |x|^-{power}"),
        }
    }
}
