//! Discrete noise schedules.

use std::f64::consts::FRAC_PI_2;

use super::NoiseLevel;
use crate::{Error, Result};

/// Upper limit of the training timesteps; larger numbers are rejected as likely mistakes.
pub(crate) const MAX_TIMESTEPS: usize = 100_000;

/// Lower limit of `ᾱ_T`: below it, `sigma/alpha` and its square overflow `f32`.
const MIN_ALPHA_BAR: f64 = 1e-36;

/// Variances `beta_1 … beta_T` of the forward steps `q(x_t | x_{t−1}) = N(√(1 − beta_t)·x_{t−1}, beta_t)` (Ho et al.
/// 2020, eq. 2).
#[derive(Clone, Debug, PartialEq)]
pub enum Betas {
    /// `beta_t = end`, as in the code of Ho et al. 2020 (`"const"`).
    Constant {
        /// Variance of every step.
        beta: f64,
    },
    /// Evenly spaced from `start` to `end`; `"linear"` (Ho et al. 2020, section 4).
    Linear {
        /// `beta_1`
        start: f64,
        /// `beta_T`
        end: f64,
    },
    /// Evenly spaced square roots, so that beta is quadratic in time; `"scaled_linear"` in diffusers (Rombach et al.
    /// 2022), `"quad"` in the code of Ho et al. 2020.
    ScaledLinear {
        /// `beta_1`
        start: f64,
        /// `beta_T`
        end: f64,
    },
    /// `ᾱ(s) = cos²((s + 0.008)/1.008·π/2)`, beta capped at 0.999; `"squaredcos_cap_v2"`
    /// (Nichol & Dhariwal 2021, eq. 17).
    Cosine,
    /// `ᾱ(s) = exp(−12·s)`, beta capped at 0.999; `"exp"` in diffusers' Heun scheduler.
    Exponential,
    /// A logistic curve from `start` to `end`, sampled on [−6, 6]; `"sigmoid"` (GeoDiff, Xu et al. 2022).
    Sigmoid {
        /// Lower asymptote.
        start: f64,
        /// Upper asymptote.
        end: f64,
    },
    /// An explicit list; `"trained_betas"`.
    Trained(Vec<f64>),
}

/// A forward process with `T` steps: `ᾱ_t = ∏_{s ≤ t} (1 − beta_s)`, computed in `f64`.
///
/// ```
/// use tweedie::diffusion::{Betas, NoiseSchedule};
/// let schedule = NoiseSchedule::new(&Betas::Linear { start: 1e-4, end: 0.02 }, 1000)?;
/// assert!(schedule.level(999).unwrap().alpha < 0.01); // almost pure noise
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseSchedule {
    alpha_bars: Vec<f64>,
}

impl NoiseSchedule {
    /// The schedule with these betas over `timesteps` steps.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero or more than 100,000 timesteps, for a beta outside (0, 1), where `ᾱ` does not
    /// decrease at every timestep or ends below 1e-36, and for a number of trained betas that differs from `timesteps`.
    pub fn new(betas: &Betas, timesteps: usize) -> Result<Self> {
        if !(1..=MAX_TIMESTEPS).contains(&timesteps) {
            let expected = format!("between 1 and {MAX_TIMESTEPS}");
            return Err(Error::invalid("num_train_timesteps", expected, timesteps));
        }
        let values = betas.values(timesteps)?;
        let alpha_bars = values.iter().scan(1.0, |alpha_bar, beta| {
            *alpha_bar *= 1.0 - beta;
            Some(*alpha_bar)
        });
        let alpha_bars: Vec<f64> = alpha_bars.collect();
        // Very small or very large betas may leave a level without noise or without signal.
        let falls = alpha_bars.windows(2).all(|pair| pair[1] < pair[0]);
        let last = alpha_bars[timesteps - 1];
        if !falls || alpha_bars[0] >= 1.0 || last < MIN_ALPHA_BAR {
            let expected = format!(
                "such that alpha_bar falls from below 1 to at least {MIN_ALPHA_BAR:e} over {timesteps} timesteps"
            );
            let ends = [values[0], values[timesteps - 1]];
            let value = format!("{ends:?}, which leaves {last:e}");
            return Err(Error::InvalidOption {
                name: betas.option().to_owned(),
                expected,
                value,
            });
        }
        Ok(Self { alpha_bars })
    }

    /// The schedule with these `ᾱ_t`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero or more than 100,000 values, and where they do not decrease from below 1 to at
    /// least 0.
    pub fn from_alpha_bars(alpha_bars: Vec<f64>) -> Result<Self> {
        let falls = alpha_bars.windows(2).all(|pair| pair[1] < pair[0]);
        match (alpha_bars.first(), alpha_bars.last()) {
            (Some(first), Some(last))
                if falls && *first < 1.0 && *last >= 0.0 && alpha_bars.len() <= MAX_TIMESTEPS =>
            {
                Ok(Self { alpha_bars })
            }
            ends => {
                let expected =
                    format!("1 to {MAX_TIMESTEPS} decreasing numbers from below 1 to at least 0");
                Err(Error::invalid("alpha_bars", expected, ends))
            }
        }
    }

    /// The schedule shifted and scaled in `√ᾱ` so that the last timestep is pure noise and the first is unchanged:
    /// `rescale_betas_zero_snr` (Lin et al. 2024, algorithm 1).
    pub fn with_zero_terminal_snr(&self) -> Self {
        let first = self.alpha_bars[0].sqrt();
        let last = self.alpha_bars[self.len() - 1].sqrt();
        let rescale = |alpha_bar: &f64| {
            let alpha = (alpha_bar.sqrt() - last) * first / (first - last);
            alpha * alpha
        };
        Self {
            alpha_bars: match self.len() {
                1 => vec![0.0],
                _ => self.alpha_bars.iter().map(rescale).collect(),
            },
        }
    }

    /// The schedule with `alpha_bar` as `ᾱ` of the last timestep.
    pub fn with_last_alpha_bar(mut self, alpha_bar: f64) -> Self {
        if let Some(last) = self.alpha_bars.last_mut() {
            *last = alpha_bar;
        }
        self
    }

    /// Number of timesteps `T`.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a schedule has at least one timestep"
    )]
    pub fn len(&self) -> usize {
        self.alpha_bars.len()
    }

    /// `ᾱ_t` for t = 0 … T − 1.
    pub fn alpha_bars(&self) -> &[f64] {
        &self.alpha_bars
    }

    /// `sigma/alpha` at timestep `t` in [0, T − 1], linear between integers: the `sigma` of diffusers' schedulers of
    /// the Euler family.
    pub fn noise_to_signal_at_time(&self, t: f64) -> f64 {
        let t = t.clamp(0.0, (self.len() - 1) as f64);
        let (low, high) = (
            self.noise_to_signal(t.floor() as usize),
            self.noise_to_signal(t.ceil() as usize),
        );
        // The noise-to-signal ratio may be infinite at the end.
        match t.fract() {
            0.0 => low,
            part => low + part * (high - low),
        }
    }

    /// The timestep in [0, T − 1], in general not an integer, with `sigma/alpha = noise_to_signal`: linear in
    /// `ln(sigma/alpha)` between integers.
    pub fn time_at_noise_to_signal(&self, noise_to_signal: f64) -> f64 {
        let log_noise_to_signal = |t: usize| self.noise_to_signal(t).ln();
        let last = self.len() - 1;
        // The first noisier timestep.
        let high = self
            .alpha_bars
            .partition_point(|alpha_bar| ((1.0 - alpha_bar) / alpha_bar).sqrt() <= noise_to_signal);
        match high {
            0 => 0.0,
            high if high > last => last as f64,
            high => {
                let (below, above) = (log_noise_to_signal(high - 1), log_noise_to_signal(high));
                (high - 1) as f64 + (noise_to_signal.ln() - below) / (above - below)
            }
        }
    }

    /// The level at timestep `t` in [0, T − 1], linear in `ln(sigma/alpha)` between integers; the inverse of
    /// [`time_at_noise_to_signal`](Self::time_at_noise_to_signal).
    pub fn level_at_time(&self, t: f64) -> NoiseLevel {
        let t = t.clamp(0.0, (self.len() - 1) as f64);
        let (low, high) = (t.floor() as usize, t.ceil() as usize);
        let part = t.fract();
        let noise_to_signal = match part {
            // The noise-to-signal ratio may be infinite at the end.
            0.0 => self.noise_to_signal(low),
            _ => self.noise_to_signal(low).powf(1.0 - part) * self.noise_to_signal(high).powf(part),
        };
        NoiseLevel::from_noise_to_signal(t, noise_to_signal)
    }

    fn noise_to_signal(&self, t: usize) -> f64 {
        let alpha_bar = self.alpha_bars[t];
        ((1.0 - alpha_bar) / alpha_bar).sqrt()
    }

    /// The level at timestep `t`, or `None` where `t ≥ T`.
    pub fn level(&self, t: usize) -> Option<NoiseLevel> {
        let alpha_bar = *self.alpha_bars.get(t)?;
        Some(NoiseLevel::from_alpha_bar(t as f64, alpha_bar))
    }
}

impl Betas {
    fn values(&self, timesteps: usize) -> Result<Vec<f64>> {
        let betas: Vec<f64> = match *self {
            Self::Constant { beta } => vec![beta; timesteps],
            Self::Linear { start, end } => linspace(start, end, timesteps).collect(),
            Self::ScaledLinear { start, end } => linspace(start.sqrt(), end.sqrt(), timesteps)
                .map(|root| root * root)
                .collect(),
            Self::Cosine => from_alpha_bar(cosine, timesteps),
            Self::Exponential => from_alpha_bar(|s| (-12.0 * s).exp(), timesteps),
            Self::Sigmoid { start, end } => linspace(-6.0, 6.0, timesteps)
                .map(|x| (end - start) / (1.0 + (-x).exp()) + start)
                .collect(),
            Self::Trained(ref betas) => betas.clone(),
        };
        if betas.len() != timesteps {
            let expected = format!("a list of num_train_timesteps = {timesteps} numbers");
            let found = format!("{} numbers", betas.len());
            return Err(Error::invalid("trained_betas", expected, found));
        }
        match betas.iter().position(|beta| !(*beta > 0.0 && *beta < 1.0)) {
            Some(t) => {
                let expected = format!("above 0 and below 1 at timestep {t}");
                Err(Error::invalid(self.option(), expected, betas[t]))
            }
            None => Ok(betas),
        }
    }

    /// Names of the scheduler options that set the betas, for messages.
    fn option(&self) -> &'static str {
        match self {
            Self::Constant { .. } => "beta_end",
            Self::Linear { .. } | Self::ScaledLinear { .. } | Self::Sigmoid { .. } => {
                "beta_start, beta_end"
            }
            Self::Cosine | Self::Exponential => "beta_schedule",
            Self::Trained(_) => "trained_betas",
        }
    }
}

/// Betas, at most 0.999, of a function `ᾱ(s)` for `s` in [0, 1].
fn from_alpha_bar(alpha_bar: impl Fn(f64) -> f64, timesteps: usize) -> Vec<f64> {
    let time = |t: usize| t as f64 / timesteps as f64;
    let beta = |t: usize| 1.0 - alpha_bar(time(t + 1)) / alpha_bar(time(t));
    (0..timesteps).map(|t| beta(t).min(0.999)).collect()
}

/// `ᾱ` of the cosine schedule at time `s` in [0, 1].
fn cosine(s: f64) -> f64 {
    ((s + 0.008) / 1.008 * FRAC_PI_2).cos().powi(2)
}

/// `count` evenly spaced numbers from `start` to `end`, both included exactly, as in numpy; only `start` where `count`
/// is 1.
pub fn linspace(start: f64, end: f64, count: usize) -> impl Iterator<Item = f64> {
    let last = count.max(2) - 1;
    let step = (end - start) / last as f64;
    (0..count).map(move |i| {
        if i == last {
            end
        } else {
            start + step * i as f64
        }
    })
}
