//! KDPM2: the midpoint method for the probability-flow ODE, with the midpoint in the logarithm of the noise.

use super::catalog::{Entry, papers};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, euler};
use crate::Result;
use crate::diffusion::Process;

/// Whether each step adds noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// No noise: the deterministic KDPM2.
    #[default]
    None,
    /// Fresh noise in each step: KDPM2 ancestral.
    Ancestral,
}

impl SamplingMethod for Noise {
    const ENTRIES: &'static [Entry] = &[
        Entry::new("kdpm2", "KDPM2", papers::KARRAS_2022).evaluating(2),
        Entry::new("kdpm2-ancestral", "KDPM2 ancestral", papers::KARRAS_2022)
            .stochastic()
            .evaluating(2),
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::None => "kdpm2",
            Self::Ancestral => "kdpm2-ancestral",
        }
    }

    fn select(&mut self, name: &str) {
        *self = if name == "kdpm2" {
            Self::None
        } else {
            Self::Ancestral
        };
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some(match self {
            Self::None => "KDPM2DiscreteScheduler",
            Self::Ancestral => "KDPM2AncestralDiscreteScheduler",
        })
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(evaluations(trajectory, *self).into())
    }
}

/// Two evaluations per step: the slope `dy/ds = eps_hat` at `s_mid = √(s·s_down)` is used for the whole step from `s`
/// to `s_down`,
///
/// `y_mid = y + (s_mid − s)·eps_hat`, `y' = y + (s_down − s)·eps_hat_mid + s_up·z`
///
/// (Karras et al. 2022, algorithm 2 as implemented in k-diffusion, with DPM-Solver-2's midpoint of Lu et al. 2022,
/// algorithm 4). Without noise `s_down = s'`; the ancestral variant uses `s_up` and `s_down` of the [ancestral Euler
/// step](euler::ancestral). A step to zero noise or from pure noise has no midpoint and is an Euler step.
pub fn evaluations(trajectory: &Trajectory, noise: Noise) -> Vec<Evaluation> {
    let evaluations = |step: &Step| match (step.from.alpha, step.to.sigma, noise) {
        (0.0, _, Noise::Ancestral) => vec![Evaluation::new(step.from, euler::ancestral(*step))],
        (0.0, _, Noise::None) | (_, 0.0, _) => {
            vec![Evaluation::new(step.from, euler::euler(*step))]
        }
        _ => two_evaluations(*step, noise, &trajectory.process),
    };
    trajectory
        .remaining()
        .iter()
        .flat_map(evaluations)
        .collect()
}

fn two_evaluations(step: Step, noise: Noise, process: &Process) -> Vec<Evaluation> {
    let Step { from, to } = step;
    let (s, end) = (from.noise_to_signal(), to.noise_to_signal());
    let (up, down) = match noise {
        Noise::None => (0.0, end),
        Noise::Ancestral => (end / s * (s * s - end * end).sqrt(), end * end / s),
    };
    let middle = process.at_noise_to_signal((s * down).sqrt());
    let start = Combination::SAMPLE / from.alpha;
    let slope = Combination::noise_estimate(from);
    let half = middle.alpha * (start + (middle.noise_to_signal() - s) * slope);
    let start = Combination::START / from.alpha;
    let slope = Combination::noise_estimate(middle);
    let whole = to.alpha * (start + (down - s) * slope + up * Combination::NOISE);
    vec![
        Evaluation {
            start: Some(Combination::SAMPLE),
            ..Evaluation::new(from, half)
        },
        Evaluation::new(middle, whole),
    ]
}
