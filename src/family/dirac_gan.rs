//! The Dirac-GAN (Mescheder et al. 2018, <https://arxiv.org/abs/1801.04406>, section 2): the smallest GAN, whose training can be drawn.
//!
//! The data are the single number 0, the generator is the single number θ, and the discriminator is `d(x) = ψ·x`. The game is `L(θ, ψ) = f(ψθ) + f(0)` with
//! `f(t) = −ln(1 + e⁻ᵗ)`, which the generator minimises and the discriminator maximises. Its only equilibrium is `(0, 0)`. Gradient descent circles around it:
//! simultaneous updates leave it, alternating ones stay at their distance, and the penalty R1 leads to it.

use serde::{Deserialize, Serialize};

use super::within;
use crate::{Error, Result};

/// What the generator minimises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiracLoss {
    /// `f(ψθ)`
    #[default]
    Saturating,
    /// `−f(−ψθ)`
    NonSaturating,
    /// `ψθ`, with `f(t) = t` for the discriminator, too.
    Wasserstein,
}

/// Which values an update of the second player sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateOrder {
    /// Both players move from the same place.
    #[default]
    Simultaneous,
    /// The generator moves after the discriminator.
    Alternating,
}

/// The game and how it is played.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct DiracGan {
    /// What the generator minimises.
    pub loss: DiracLoss,
    /// Which values an update of the second player sees.
    pub order: UpdateOrder,
    /// Weight γ of the penalty R1, `γ/2·ψ²`.
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

/// Most steps of a trajectory.
const MAX_STEPS: usize = 1_000_000;
/// Largest γ.
const MAX_R1: f64 = 1e3;
/// Largest step size.
const MAX_STEP_SIZE: f64 = 10.0;
/// Values beyond this end a trajectory: it has left every picture.
const MAX_VALUE: f64 = 1e6;

impl DiracGan {
    /// How fast `(θ, ψ)` move at a place, per unit of time: the arrows of the phase portrait.
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

    /// One step from a place.
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

    /// The places `(θ, ψ)` of a training, the start first. It ends early where a value exceeds 1e6.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a start that is not finite or beyond 1e6, over 1,000,000 steps, a step size that is not in (0, 10] or a γ that is not in [0, 1000].
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

    /// The eigenvalues, real and imaginary part, of the velocity's Jacobian at the equilibrium: `−γ/2 ± √(γ²/4 − f'(0)²)`, with `f'(0) = ½`, or 1 for Wasserstein
    /// (Mescheder et al. 2018, lemmas 2.3 and 4.1). Training in small steps converges where both real parts are negative.
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
            // The non-saturating loss approaches it, but ever more slowly.
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
