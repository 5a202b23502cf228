//! The losses of the generator and the discriminator.

use serde::{Deserialize, Serialize};

use crate::family::graph::Var;

/// The losses of both players, as means over a batch. `d` is the discriminator's output: a logit, or the critic's
/// value. `ς(x) = ln(1 + eˣ)`.
///
/// | loss | discriminator | generator | source |
/// |---|---|---|---|
/// | saturating | `ς(−d(x)) + ς(d(G(z)))` | `−ς(d(G(z)))` | Goodfellow et al. 2014, eq. 1 |
/// | non-saturating | the same | `ς(−d(G(z)))` | Goodfellow et al. 2014, section 3 |
/// | Wasserstein | `d(G(z)) − d(x)` | `−d(G(z))` | Arjovsky et al. 2017, eq. 3 |
/// | least squares | `½(d(x) − 1)² + ½d(G(z))²` | `½(d(G(z)) − 1)²` | Mao et al. 2017, eq. 2 and 9 |
/// | relativistic | `ς(d(G(z)) − d(x))` | `ς(d(x) − d(G(z)))` | Jolicoeur-Martineau 2018, eq. 8 and 9 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GanLoss {
    /// The value of the original minimax game; its gradient vanishes when the discriminator wins.
    Saturating,
    /// The usual choice: strong gradients for the generator even when the discriminator wins.
    #[default]
    NonSaturating,
    /// An estimate of the Wasserstein-1 distance, provided that the norm of the critic's gradient is kept at 1.
    Wasserstein,
    /// Squared distances to the labels 0 and 1.
    LeastSquares,
    /// Compares each point with a sample.
    Relativistic,
}

impl GanLoss {
    /// The discriminator's loss, `[1, 1]`, from its outputs for points and for samples, both `[batch, 1]`.
    pub fn discriminator<'g>(self, real: Var<'g>, fake: Var<'g>) -> Var<'g> {
        match self {
            Self::Saturating | Self::NonSaturating => {
                (-real).softplus().mean() + fake.softplus().mean()
            }
            Self::Wasserstein => fake.mean() - real.mean(),
            Self::LeastSquares => ((real - 1.0).square().mean() + fake.square().mean()) * 0.5,
            Self::Relativistic => (fake - real).softplus().mean(),
        }
    }

    /// The generator's loss, `[1, 1]`, from the discriminator's outputs, both `[batch, 1]`.
    pub fn generator<'g>(self, real: Var<'g>, fake: Var<'g>) -> Var<'g> {
        match self {
            Self::Saturating => -fake.softplus().mean(),
            Self::NonSaturating => (-fake).softplus().mean(),
            Self::Wasserstein => -fake.mean(),
            Self::LeastSquares => (fake - 1.0).square().mean() * 0.5,
            Self::Relativistic => (real - fake).softplus().mean(),
        }
    }

    /// Whether the generator's loss depends on the discriminator's outputs for data points.
    pub fn compares(self) -> bool {
        self == Self::Relativistic
    }

    /// Whether the sigmoid of the discriminator's output is the probability that a point comes from the data.
    pub fn is_logistic(self) -> bool {
        matches!(self, Self::Saturating | Self::NonSaturating)
    }
}

/// `E ‖∇_x d(x)‖²/2` over a batch, `[1, 1]`. Times γ it is the R1 penalty at points and the R2 penalty at samples
/// (Mescheder et al. 2018, eq. 9 and 10). The result is differentiable.
pub fn squared_slope<'g>(output: Var<'g>, points: Var<'g>) -> Var<'g> {
    let slopes = output.graph().gradient(output, points);
    slopes.square().sum() * (0.5 / points.rows() as f32)
}

/// `E (‖∇_x d(x)‖ − 1)²` over a batch, `[1, 1]`, at points interpolated between data and samples (Gulrajani
/// et al. 2017, eq. 3).
pub fn unit_slope<'g>(output: Var<'g>, points: Var<'g>) -> Var<'g> {
    /// Keeps the derivative of the square root finite.
    const SMALLEST: f32 = 1e-12;
    let slopes = output.graph().gradient(output, points);
    let norms = (slopes.square().sum_columns() + SMALLEST).sqrt();
    (norms - 1.0).square().mean()
}
