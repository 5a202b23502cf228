//! The reverse-time SDE, with an optional Langevin corrector.

use super::catalog::{Domain, Entry, OptionValue, Parameter, Value, papers, words};
use super::plan::Correction;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, ddpm, langevin};
use crate::diffusion::{Process, Sde};
use crate::{Error, Result};

/// Discretisation of the reverse-time SDE `dx = (f·x − g²·∇ log p) dt + g dw` (Song et al. 2021, eq. 6).
///
/// The forward step from `(alpha', sigma')` to `(alpha, sigma)` is `x = a·x' + √b·z` with `a = alpha/alpha'` and
/// `b = sigma² − a²·sigma'²`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Predictor {
    /// `x' = x − (f·x − g²·score)·dt + g·√dt·z`, the general SDE solver. `f·dt` and `g²·dt` are those of the SDE at the
    /// start of the step. For a process given only by its levels they are `ln a` and
    /// `sigma² − sigma'² − 2·ln a·sigma²`, their limit for many steps.
    EulerMaruyama,
    /// `x' = (2 − a)·x + b·score + √b·z`, which discretises the reverse SDE in the same way as the forward SDE (Song et
    /// al. 2021, eq. 46 and appendix E).
    #[default]
    ReverseDiffusion,
    /// `x' = (x + b·score)/a + (sigma'/sigma)·√b·z`, a draw from the posterior of the forward step (eq. 4 and 47; that
    /// of DDPM with the smaller variance).
    Ancestral,
}

words!(Predictor {
    EulerMaruyama = "euler-maruyama",
    ReverseDiffusion = "reverse-diffusion",
    Ancestral = "ancestral",
});

/// Langevin steps at each level, before the predictor (Song et al. 2021, algorithms 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrector {
    /// Number of steps at each level, `M`.
    pub steps: usize,
    /// Signal-to-noise ratio of each step, `r`.
    pub snr: f64,
}

impl Default for Corrector {
    /// One step with a signal-to-noise ratio of 0.15, as in diffusers.
    fn default() -> Self {
        Self {
            steps: 1,
            snr: 0.15,
        }
    }
}

/// Options of the reverse-time SDE samplers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Discretisation of the SDE.
    pub predictor: Predictor,
    /// Corrector, for predictor–corrector sampling.
    pub corrector: Option<Corrector>,
}

const PREDICTOR_CORRECTOR: &str = "predictor-corrector";

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[
        Entry::new("euler-maruyama", "Euler–Maruyama", papers::SONG_2021).stochastic(),
        Entry::new("reverse-diffusion", "Reverse diffusion", papers::SONG_2021).stochastic(),
        Entry::new("ancestral", "Ancestral", papers::SONG_2021).stochastic(),
        Entry::new(
            PREDICTOR_CORRECTOR,
            "Predictor–corrector",
            papers::SONG_2021,
        )
        .stochastic()
        .evaluating(2)
        .with(&[
            Parameter::new(
                "predictor",
                "Predictor",
                "Discretisation of the SDE between two noise levels.",
                Domain::choice(Predictor::WORDS, "reverse-diffusion"),
            ),
            Parameter::new(
                "corrector_steps",
                "Corrector steps",
                "Number of Langevin steps at each level.",
                Domain::whole([0, 20], 1),
            ),
            Parameter::new(
                "snr",
                "Signal to noise",
                "Signal-to-noise ratio of a Langevin step, which determines its size.",
                Domain::number([0.01, 1.0], Some(0.15)),
            ),
        ]),
    ];

    fn name(&self) -> &'static str {
        match (self.corrector, self.predictor.get()) {
            (None, Value::Word(predictor)) => predictor,
            _ => PREDICTOR_CORRECTOR,
        }
    }

    fn select(&mut self, name: &str) {
        if name == PREDICTOR_CORRECTOR {
            self.corrector.get_or_insert_default();
        } else if let Some(predictor) = Predictor::WORDS.iter().find(|word| **word == name) {
            self.predictor.set(Value::Word(predictor));
            self.corrector = None;
        }
    }

    /// The options of predictor–corrector sampling; the predictors by themselves have none.
    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        let corrector = self.corrector.as_mut()?;
        Some(match name {
            "predictor" => &mut self.predictor,
            "corrector_steps" => &mut corrector.steps,
            "snr" => &mut corrector.snr,
            _ => return None,
        })
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self).map(Plan::from)
    }
}

/// For each level the evaluations of the corrector, then of the predictor. The last step returns the mean without noise
/// (Song et al. 2021, appendix G).
///
/// # Errors
/// [`Error::InvalidOption`] for a signal-to-noise ratio that is not positive, for too many corrector steps, and for a
/// start from pure noise.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    if let Some(Corrector { snr, .. }) = options.corrector
        && !(snr.is_finite() && snr > 0.0)
    {
        return Err(Error::invalid("snr", "a positive number", snr));
    }
    trajectory.needs_signal()?;
    let steps = trajectory.remaining();
    let corrections = options.corrector.map_or(0, |corrector| corrector.steps);
    langevin::check_repeats("corrector_steps", corrections, steps.len())?;
    let level = |(index, step): (usize, &Step)| {
        let mut predicted = predict(*step, options.predictor, &trajectory.process);
        if index + 1 == steps.len() {
            predicted.noise = 0.0;
        }
        let correction = options.corrector.map(|Corrector { snr, .. }| Correction {
            snr,
            scale: (step.from.alpha / step.to.alpha).powi(2),
        });
        let corrected = Evaluation {
            correction,
            ..Evaluation::new(step.from, Combination::SAMPLE)
        };
        let mut evaluations = vec![corrected; corrections];
        evaluations.push(Evaluation::new(step.from, predicted));
        evaluations
    };
    Ok(steps.iter().enumerate().flat_map(level).collect())
}

/// One step of the predictor.
pub fn predict(step: Step, predictor: Predictor, process: &Process) -> Combination {
    let (x, score) = (Combination::SAMPLE, Combination::score(step.from));
    match predictor {
        Predictor::EulerMaruyama => {
            let (drift, variance) = increments(step, process);
            (1.0 - drift) * x + variance * score + variance.sqrt() * Combination::NOISE
        }
        Predictor::ReverseDiffusion => {
            let (a, b) = (step.from.alpha / step.to.alpha, step.forward_variance());
            (2.0 - a) * x + b * score + b.sqrt() * Combination::NOISE
        }
        Predictor::Ancestral => ddpm::posterior(step),
    }
}

/// `f·dt` and `g²·dt`, forward in time.
fn increments(Step { from, to }: Step, process: &Process) -> (f64, f64) {
    match process {
        Process::Sde(
            sde @ (Sde::VariancePreserving { .. } | Sde::SubVariancePreserving { .. }),
        ) => {
            let dt = from.time - to.time;
            (
                sde.drift(from.time) * dt,
                sde.diffusion_squared(from.time) * dt,
            )
        }
        _ => {
            let drift = (from.alpha / to.alpha).ln();
            let variance = from.sigma.powi(2) - to.sigma.powi(2) - 2.0 * drift * from.sigma.powi(2);
            (drift, variance)
        }
    }
}
