//! The Dirac-GAN (Mescheder et al. 2018, <https://arxiv.org/abs/1801.04406>, section 2): a GAN with two parameters,
//! whose training can be plotted in the plane.
//!
//! The data are the single number 0, the generator is the single number θ, and the discriminator is `d(x) = ψ·x`. The
//! game is `L(θ, ψ) = f(ψθ) + f(0)` with `f(t) = −ln(1 + e⁻ᵗ)`; the generator minimises it and the discriminator
//! maximises it. Its only equilibrium is `(0, 0)`. Gradient descent circles the equilibrium: simultaneous updates
//! spiral away from it, alternating updates keep their distance, and the R1 penalty makes them converge to it.

use serde::{Deserialize, Serialize};

use super::within;
use crate::{Error, Result};

/// The generator's loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiracLoss {
    /// `f(ψθ)`
    #[default]
    Saturating,
    /// `−f(−ψθ)`
    NonSaturating,
    /// `ψθ`; the discriminator then also uses `f(t) = t`.
    Wasserstein,
}

/// Whether the players update at the same time or in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateOrder {
    /// Both players update from the same point.
    #[default]
    Simultaneous,
    /// The generator updates after the discriminator and uses its new value.
    Alternating,
}

/// The loss of the game and the settings of gradient descent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct DiracGan {
    /// The generator's loss.
    pub loss: DiracLoss,
    /// Whether the players update at the same time or in turn.
    pub order: UpdateOrder,
    /// Weight γ of the R1 penalty, `γ/2·ψ²`.
    pub r1: f64,
    /// Step size `h` of both players.
    pub step_size: f64,
}

impl Default for DiracGan {
    fn default() -> Self {
        Self {
            loss: DiracLoss::Saturating,
            order: UpdateOrder::Simultaneous,
            r1: 0.0,
            step_size: 0.1,
        }
    }
}

/// Maximum number of steps of a trajectory.
const MAX_STEPS: usize = 1_000_000;
/// Largest γ.
const MAX_R1: f64 = 1e3;
/// Largest step size.
const MAX_STEP_SIZE: f64 = 10.0;
/// Largest absolute value of θ and ψ; a trajectory that exceeds it ends.
const MAX_VALUE: f64 = 1e6;

impl DiracGan {
    /// The velocity of `(θ, ψ)` at a point, per unit of time: the arrows of the phase portrait.
    pub fn velocity(&self, [theta, psi]: [f64; 2]) -> [f64; 2] {
        // f'(t) = 1/(1 + eᵗ)
        let slope = |t: f64| 1.0 / (1.0 + t.exp());
        let product = theta * psi;
        let [by_generator, by_discriminator] = match self.loss {
            DiracLoss::Saturating => [slope(product), slope(product)],
            DiracLoss::NonSaturating => [slope(-product), slope(product)],
            DiracLoss::Wasserstein => [1.0, 1.0],
        };
        [
            -psi * by_generator,
            theta * by_discriminator - self.r1 * psi,
        ]
    }

    /// The point after one step.
    pub fn step(&self, place: [f64; 2]) -> [f64; 2] {
        let h = self.step_size;
        let [theta, psi] = place;
        let [to_theta, to_psi] = self.velocity(place);
        let psi = psi + h * to_psi;
        match self.order {
            UpdateOrder::Simultaneous => [theta + h * to_theta, psi],
            UpdateOrder::Alternating => [theta + h * self.velocity([theta, psi])[0], psi],
        }
    }

    /// The points `(θ, ψ)` of a training run, including the start. It ends early if an absolute value exceeds 1e6.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a start that is not finite or exceeds 1e6, for more than 1,000,000 steps, for a
    /// step size outside (0, 10], and for a γ outside [0, 1000].
    pub fn trajectory(&self, start: [f64; 2], steps: usize) -> Result<Vec<[f64; 2]>> {
        within("steps", steps, 0..=MAX_STEPS)?;
        within("r1", self.r1, 0.0..=MAX_R1)?;
        within(
            "stepSize",
            self.step_size,
            f64::MIN_POSITIVE..=MAX_STEP_SIZE,
        )?;
        let is_near = |place: &[f64; 2]| place.iter().all(|x| x.abs() <= MAX_VALUE);
        if !is_near(&start) {
            return Err(Error::invalid("start", "numbers from -1e6 to 1e6", start));
        }
        let next = |place: &[f64; 2]| Some(self.step(*place)).filter(is_near);
        Ok(std::iter::successors(Some(start), next)
            .take(steps + 1)
            .collect())
    }

    /// The eigenvalues `[real, imaginary]` of the velocity's Jacobian at the equilibrium: `−γ/2 ± √(γ²/4 − f'(0)²)`,
    /// with `f'(0) = ½`, or 1 for Wasserstein (Mescheder et al. 2018, lemmas 2.3 and 4.1). Training with small steps
    /// converges if both real parts are negative.
    pub fn eigenvalues(&self) -> [[f64; 2]; 2] {
        let slope = match self.loss {
            DiracLoss::Saturating | DiracLoss::NonSaturating => 0.5,
            DiracLoss::Wasserstein => 1.0,
        };
        let half = self.r1 / 2.0;
        let square: f64 = half * half - slope * slope;
        let root = square.abs().sqrt();
        if square < 0.0 {
            [[-half, root], [-half, -root]]
        } else {
            [[-half + root, 0.0], [-half - root, 0.0]]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radii(game: DiracGan, steps: usize) -> Vec<f64> {
        let places = game.trajectory([1.0, -1.0], steps).unwrap();
        places.iter().map(|[x, y]| x.hypot(*y)).collect()
    }

    #[test]
    fn simultaneous_updates_leave_the_equilibrium_and_alternating_ones_circle_it() {
        let simultaneous = radii(DiracGan::default(), 2000);
        assert!(
            (simultaneous[2000] - 3.23).abs() < 0.01,
            "{}",
            simultaneous[2000]
        );
        let alternating = DiracGan {
            order: UpdateOrder::Alternating,
            ..DiracGan::default()
        };
        let found = radii(alternating, 2000);
        assert!(found.iter().all(|r| (1.3..1.5).contains(r)), "{found:?}");
    }

    #[test]
    fn the_penalty_leads_to_the_equilibrium_with_every_loss() {
        for loss in [
            DiracLoss::Saturating,
            DiracLoss::NonSaturating,
            DiracLoss::Wasserstein,
        ] {
            let plain = DiracGan {
                loss,
                ..DiracGan::default()
            };
            // The non-saturating loss also converges, but ever more slowly.
            assert!(radii(plain, 500)[500] > 0.5);
            assert!(plain.eigenvalues().iter().all(|value| value[0] == 0.0));
            let penalised = DiracGan { r1: 1.0, ..plain };
            assert!(radii(penalised, 500)[500] < 1e-4);
            assert!(penalised.eigenvalues().iter().all(|value| value[0] < 0.0));
        }
    }

    #[test]
    fn the_eigenvalues_are_those_of_the_jacobian() {
        for r1 in [0.0, 0.4, 1.0, 3.0] {
            let game = DiracGan {
                r1,
                ..DiracGan::default()
            };
            let h = 1e-6;
            let column = |place: [f64; 2]| game.velocity(place).map(|v| v / h);
            let ([a, c], [b, d]) = (column([h, 0.0]), column([0.0, h]));
            let [first, second] = game.eigenvalues();
            let determinant = first[0] * second[0] - first[1] * second[1];
            assert!((first[0] + second[0] - (a + d)).abs() < 1e-6);
            assert!((determinant - (a * d - b * c)).abs() < 1e-6, "{r1}");
        }
    }

    #[test]
    fn a_trajectory_that_escapes_ends_and_bad_numbers_are_refused() {
        let wild = DiracGan {
            loss: DiracLoss::Wasserstein,
            step_size: 10.0,
            ..DiracGan::default()
        };
        assert!(wild.trajectory([1.0, 1.0], 100_000).unwrap().len() < 20);
        let game = DiracGan::default();
        assert!(game.trajectory([f64::NAN, 0.0], 1).is_err());
        assert!(game.trajectory([0.0, 0.0], MAX_STEPS + 1).is_err());
        let still = DiracGan {
            step_size: 0.0,
            ..game
        };
        assert!(still.trajectory([1.0, 1.0], 1).is_err());
    }
}
