//! The noise levels that diffusers' schedulers choose out of a discrete schedule.

use super::options::{FinalSigma, Options};
use super::{SchedulerClass, shifted, stretched};
use crate::diffusion::{
    NoiseLevel, NoiseSchedule, Process, SigmaSpacing, TimestepSpacing, linspace,
};
use crate::sampler::{Interval, Route};
use crate::{Error, Result};

/// A run may have more steps than training had timesteps where it is spaced by noise level, but not any number.
const MOST_STEPS: usize = 10_000;

/// A schedule and the options about its levels.
pub(super) struct Discrete<'a> {
    pub class: SchedulerClass,
    pub options: &'a Options,
    pub schedule: &'a NoiseSchedule,
}

impl Discrete<'_> {
    /// The route of `steps` steps by the rules of the class.
    pub fn route(&self, steps: usize) -> Result<Route> {
        use SchedulerClass::{
            Ddim, Ddpm, Deis, DpmSolverMultistep, DpmSolverSinglestep, Pndm, UniPc,
        };
        if !(1..=MOST_STEPS).contains(&steps) {
            let expected = format!("between 1 and {MOST_STEPS}");
            return Err(Error::invalid("steps", expected, steps));
        }
        match self.class {
            Ddpm => self.timesteps(steps, Kind::Between, NoiseLevel::CLEAN),
            Ddim | Pndm => self.timesteps(steps, Kind::Strided, self.final_level()),
            DpmSolverMultistep | DpmSolverSinglestep | UniPc | Deis => self.exponential(steps),
            _ => self.sigmas(steps),
        }
    }

    /// The route through the checkpoint's own timesteps, for methods that diffusers has no scheduler for.
    pub fn trained(&self, steps: usize) -> Result<Route> {
        self.timesteps(steps, Kind::Between, self.final_level())
    }

    /// What DDIM and PNDM end at: clean, or the level of timestep 0 where `set_alpha_to_one` is false.
    fn final_level(&self) -> NoiseLevel {
        let default = self.class != SchedulerClass::Pndm;
        match (
            self.options.set_alpha_to_one.unwrap_or(default),
            self.schedule.level(0),
        ) {
            (false, Some(first)) => first,
            _ => NoiseLevel::CLEAN,
        }
    }

    fn process(&self) -> Process {
        Process::Discrete(self.schedule.clone())
    }

    fn spacing(&self) -> Result<TimestepSpacing> {
        self.options.spacing(self.class)
    }

    fn timesteps(&self, steps: usize, kind: Kind, end: NoiseLevel) -> Result<Route> {
        let (schedule, total) = (self.schedule, self.schedule.len());
        let offset = self.options.steps_offset.unwrap_or(0);
        let timesteps = self.spacing()?.timesteps(total, steps, offset)?;
        let intervals = match kind {
            Kind::Between => Interval::between(schedule, &timesteps, end),
            Kind::Strided => Interval::strided(schedule, &timesteps, total / steps, end),
        };
        Ok(Route::new(intervals, self.process()))
    }

    // ------------------------------------------------ DPM-Solver, UniPC, DEIS

    /// The levels of the exponential integrators: whole timesteps, one more than steps, of which the last is the end.
    fn exponential(&self, steps: usize) -> Result<Route> {
        if self.options.use_flow_sigmas == Some(true) {
            return self.flow(steps);
        }
        let schedule = self.schedule;
        let last = schedule.len() - 1;
        let Some(spacing) = self.options.sigma_spacing()? else {
            let timesteps = self.whole_timesteps(steps)?;
            let ratio = |t: usize| schedule.ratio_at_time(t as f64);
            let levels = timesteps.iter().map(|t| (*t as f64, ratio(*t))).collect();
            return Ok(self.chain(levels, self.end(|| ratio(0))?));
        };
        let (mut least, mut most) = (
            schedule.ratio_at_time(0.0),
            schedule.ratio_at_time(last as f64),
        );
        if self.class == SchedulerClass::UniPc {
            least = self.options.sigma_min.unwrap_or(least);
            most = self.options.sigma_max.unwrap_or(most);
        }
        let ratios = spacing.ratios(least, most, steps)?;
        let smallest = ratios[steps - 1];
        let end = self.end(|| match self.class {
            SchedulerClass::UniPc | SchedulerClass::Deis => smallest,
            _ => schedule.ratio_at_time(0.0),
        })?;
        let time = |ratio: f64| self.whole(schedule.time_at_ratio(ratio), spacing);
        let levels = ratios.iter().map(|ratio| (time(*ratio), *ratio)).collect();
        Ok(self.chain(levels, end))
    }

    /// Where an exponential integrator ends, as a ratio. DEIS has no choice.
    fn end(&self, sigma_min: impl Fn() -> f64) -> Result<f64> {
        let chosen = match self.class {
            SchedulerClass::Deis => FinalSigma::SigmaMin,
            _ => self.options.final_sigma(FinalSigma::Zero)?,
        };
        Ok(match chosen {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => sigma_min(),
        })
    }

    /// The timestep as diffusers tells it the network: rounded, or cut off.
    fn whole(&self, time: f64, spacing: SigmaSpacing) -> f64 {
        let rounds = matches!(
            spacing,
            SigmaSpacing::Karras { .. } | SigmaSpacing::LuLambdas
        );
        let cosine = self.options.beta_schedule.as_deref() == Some("squaredcos_cap_v2");
        let keeps_fraction = cosine && self.class == SchedulerClass::DpmSolverMultistep;
        match rounds && !keeps_fraction {
            true => time.round_ties_even(),
            false => time.floor(),
        }
    }

    /// Falling timesteps that stop short of the end by one.
    fn whole_timesteps(&self, steps: usize) -> Result<Vec<usize>> {
        let total = self.schedule.len();
        let clipped = self.clipped_timesteps();
        let spacing = match self.class {
            SchedulerClass::DpmSolverSinglestep => TimestepSpacing::Linspace,
            _ => self.spacing()?,
        };
        let offset = self.options.steps_offset.unwrap_or(0);
        let usable = total - clipped;
        let rounded = |time: f64| time.round_ties_even() as usize;
        let ascending: Vec<usize> = match spacing {
            TimestepSpacing::Linspace => linspace(0.0, (usable - 1) as f64, steps + 1)
                .skip(1)
                .map(rounded)
                .collect(),
            TimestepSpacing::Leading => {
                let stride = usable / (steps + 1);
                (1..=steps).map(|i| i * stride + offset).collect()
            }
            TimestepSpacing::Trailing => {
                let stride = total as f64 / steps as f64;
                let down = (0..steps).map(|i| usable as f64 - i as f64 * stride);
                let down: Vec<usize> = down
                    .take_while(|time| *time > 0.0)
                    .map(|time| rounded(time).saturating_sub(1))
                    .collect();
                down.into_iter().rev().collect()
            }
        };
        match ascending.iter().find(|t| **t >= total) {
            Some(_) => {
                let expected = format!("such that no timestep is beyond {}", total - 1);
                Err(Error::invalid("steps_offset", expected, offset))
            }
            None => Ok(ascending.into_iter().rev().collect()),
        }
    }

    /// How many of the noisiest timesteps `lambda_min_clipped` leaves out.
    fn clipped_timesteps(&self) -> usize {
        use SchedulerClass::{DpmSolverMultistep, DpmSolverSinglestep};
        let acts = matches!(self.class, DpmSolverMultistep | DpmSolverSinglestep);
        let least = self.options.lambda_min_clipped.filter(|_| acts);
        let Some(least) = least else { return 0 };
        let below = |t: &usize| -self.schedule.ratio_at_time(*t as f64).ln() < least;
        (1..self.schedule.len()).filter(below).count()
    }

    /// Levels on the straight line of flow matching, `use_flow_sigmas`.
    fn flow(&self, steps: usize) -> Result<Route> {
        let total = self.options.timesteps() as f64;
        let shift = self.options.flow_shift.unwrap_or(1.0);
        let mut times: Vec<f64> = match self.class {
            SchedulerClass::UniPc => linspace(1.0, 1.0 / total, steps + 1)
                .take(steps)
                .map(|time| shifted(time, shift))
                .collect(),
            _ => linspace(1.0, 1.0 / total, steps + 1)
                .map(|alpha| shifted(1.0 - alpha, shift))
                .skip(1)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
        };
        if let (SchedulerClass::UniPc, Some(spacing)) = (self.class, self.options.sigma_spacing()?)
        {
            // The spacing of the discrete schedule's ratios, each on the line.
            let [most, least] = self.range();
            let ratios = spacing.ratios(least, most, steps)?;
            times = ratios
                .into_iter()
                .map(|ratio| ratio / (1.0 + ratio))
                .collect();
        } else if self.class == SchedulerClass::UniPc {
            times = stretched(times, self.options.shift_terminal);
            // Pure noise has no log-SNR.
            times[0] = times[0].min(1.0 - 1e-6);
        }
        let smallest = times[steps - 1];
        let last = self.end(|| match self.class {
            SchedulerClass::UniPc | SchedulerClass::Deis => smallest,
            _ => self.schedule.ratio_at_time(0.0),
        })?;
        let level = |time: f64, sigma: f64| NoiseLevel {
            time,
            alpha: 1.0 - sigma,
            sigma,
        };
        let levels: Vec<NoiseLevel> = times
            .iter()
            .map(|sigma| level((sigma * total).floor(), *sigma))
            .chain([level(-1.0, last)])
            .collect();
        let process = Process::FlowMatching { timesteps: total };
        Ok(Route::new(Interval::chain(&levels), process))
    }

    // ------------------------------------------------ Euler, Heun, KDPM2, LMS

    /// The levels of the schedulers that think in `sigma/alpha`: timesteps may be fractions.
    fn sigmas(&self, steps: usize) -> Result<Route> {
        let schedule = self.schedule;
        let times = self.fractional_timesteps(steps)?;
        let ratios: Vec<f64> = times.iter().map(|t| schedule.ratio_at_time(*t)).collect();
        let is_euler = self.class == SchedulerClass::Euler;
        let end = match self.class {
            SchedulerClass::Euler => match self.options.final_sigma(FinalSigma::Zero)? {
                FinalSigma::Zero => 0.0,
                FinalSigma::SigmaMin => schedule.ratio_at_time(0.0),
            },
            _ => 0.0,
        };
        let spacing = match self.class {
            SchedulerClass::EulerAncestral => None,
            _ => self.options.sigma_spacing()?,
        };
        let interpolation = self
            .options
            .interpolation_type
            .as_deref()
            .filter(|_| is_euler);
        let log_linear = match interpolation {
            None | Some("linear") => false,
            Some("log_linear") => true,
            Some(other) => {
                return Err(Error::unsupported(
                    "interpolation_type",
                    other,
                    "linear, log_linear",
                ));
            }
        };
        let (levels, end) = match (spacing, log_linear) {
            (Some(spacing), _) => {
                // Log-linear levels run over the whole schedule.
                let [first, last] = match log_linear {
                    true => self.range(),
                    false => [ratios[0], ratios[ratios.len() - 1]],
                };
                let least = self.options.sigma_min.filter(|_| is_euler).unwrap_or(last);
                let most = self.options.sigma_max.filter(|_| is_euler).unwrap_or(first);
                let ratios = spacing.ratios(least, most, ratios.len())?;
                (self.timed(&ratios, spacing), end)
            }
            (None, false) => (times.into_iter().zip(ratios).collect(), end),
            (None, true) => self.log_linear(&times, end),
        };
        let mut route = self.chain(levels, end);
        let first = route.intervals[0].from;
        route.initial_noise = match self.spacing()? {
            TimestepSpacing::Leading => 1.0,
            TimestepSpacing::Linspace | TimestepSpacing::Trailing => first.sigma,
        };
        if is_euler {
            self.tell_continuous_time(&mut route)?;
        }
        Ok(route)
    }

    /// Pairs of timestep and ratio. KDPM2 rounds the timesteps of Karras' levels.
    fn timed(&self, ratios: &[f64], spacing: SigmaSpacing) -> Vec<(f64, f64)> {
        use SchedulerClass::{Kdpm2, Kdpm2Ancestral};
        let rounds = matches!(self.class, Kdpm2 | Kdpm2Ancestral)
            && matches!(spacing, SigmaSpacing::Karras { .. });
        let time = |ratio: f64| match self.schedule.time_at_ratio(ratio) {
            time if rounds => time.round_ties_even(),
            time => time,
        };
        ratios.iter().map(|ratio| (time(*ratio), *ratio)).collect()
    }

    /// The noisiest and the cleanest ratio of the schedule.
    fn range(&self) -> [f64; 2] {
        let last = (self.schedule.len() - 1) as f64;
        [last, 0.0].map(|time| self.schedule.ratio_at_time(time))
    }

    /// `interpolation_type: "log_linear"` has one level more than timesteps. It is the end, but where the network is told the level and not
    /// the timestep: there it is a step more.
    fn log_linear(&self, times: &[f64], end: f64) -> (Vec<(f64, f64)>, f64) {
        let [most, least] = self.range();
        let ratios = linspace(most.ln(), least.ln(), times.len() + 1).map(f64::exp);
        let levels = times.iter().copied().chain([0.0]).zip(ratios);
        match self.is_continuous() {
            true => (levels.collect(), end),
            false => (levels.take(times.len()).collect(), least),
        }
    }

    /// `timestep_type: "continuous"` acts on networks that predict `v`.
    fn is_continuous(&self) -> bool {
        self.options.timestep_type.as_deref() == Some("continuous")
            && self.options.prediction_type.as_deref() == Some("v_prediction")
    }

    /// Tells the network a quarter of `ln(sigma/alpha)` where it was trained in continuous time.
    fn tell_continuous_time(&self, route: &mut Route) -> Result<()> {
        let kinds = ["discrete", "continuous"];
        self.options
            .one_of("timestep_type", &self.options.timestep_type, &kinds)?;
        if self.is_continuous() {
            for interval in &mut route.intervals {
                for level in [&mut interval.from, &mut interval.to] {
                    if level.sigma > 0.0 {
                        level.time = level.ratio().ln() / 4.0;
                    }
                }
            }
        }
        Ok(())
    }

    fn fractional_timesteps(&self, steps: usize) -> Result<Vec<f64>> {
        let total = self.schedule.len();
        let offset = self.options.steps_offset.unwrap_or(0);
        let ascending: Vec<f64> = match self.spacing()? {
            TimestepSpacing::Linspace => linspace(0.0, (total - 1) as f64, steps).collect(),
            TimestepSpacing::Leading => {
                let stride = total / steps;
                (0..steps).map(|i| (i * stride + offset) as f64).collect()
            }
            TimestepSpacing::Trailing => {
                let stride = total as f64 / steps as f64;
                let down = (0..steps).rev().map(|i| total as f64 - i as f64 * stride);
                down.map(|t| t.round_ties_even() - 1.0).collect()
            }
        };
        if ascending[0] < 0.0 || ascending.windows(2).any(|pair| pair[0] >= pair[1]) {
            let expected = format!("at most {total}, the timesteps of training");
            return Err(Error::invalid("steps", expected, steps));
        }
        Ok(ascending.into_iter().rev().collect())
    }

    /// The route through variance-preserving levels, given as pairs of timestep and ratio, down to the ratio `end`.
    fn chain(&self, levels: Vec<(f64, f64)>, end: f64) -> Route {
        let end = match end {
            0.0 => NoiseLevel::CLEAN,
            ratio => NoiseLevel::from_ratio(self.schedule.time_at_ratio(ratio), ratio),
        };
        let levels = levels.into_iter();
        let levels = levels.map(|(time, ratio)| NoiseLevel::from_ratio(time, ratio));
        Route::new(
            Interval::chain(&levels.chain([end]).collect::<Vec<_>>()),
            self.process(),
        )
    }
}

/// How a step's end is found.
#[derive(Clone, Copy)]
enum Kind {
    Between,
    Strided,
}
