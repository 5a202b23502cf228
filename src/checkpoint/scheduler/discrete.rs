//! Noise levels that diffusers' schedulers select from a discrete schedule.

mod exponential;
mod sigmas;

use super::SchedulerClass;
use super::options::Options;
use crate::Result;
use crate::diffusion::{NoiseLevel, NoiseSchedule, Process, TimestepSpacing};
use crate::sampler::{Step, Trajectory};

/// A schedule, and the options that determine its levels.
pub(super) struct Discrete<'a> {
    pub class: SchedulerClass,
    pub options: &'a Options,
    pub schedule: &'a NoiseSchedule,
}

impl Discrete<'_> {
    /// The trajectory with `steps` steps, by the rules of the class.
    pub fn trajectory(&self, steps: usize) -> Result<Trajectory> {
        use SchedulerClass::{
            Ddim, Ddpm, Deis, DpmSolverMultistep, DpmSolverSinglestep, Pndm, RePaint, UniPc,
        };
        match self.class {
            Ddpm => self.timesteps(steps, Kind::Between, NoiseLevel::CLEAN),
            Ddim | Pndm | RePaint => self.timesteps(steps, Kind::Strided, self.final_level()),
            DpmSolverMultistep | DpmSolverSinglestep | UniPc | Deis => self.exponential(steps),
            _ => self.sigmas(steps),
        }
    }

    /// The trajectory through the checkpoint's own timesteps, for methods without a scheduler in diffusers.
    pub fn trained(&self, steps: usize) -> Result<Trajectory> {
        self.timesteps(steps, Kind::Between, self.final_level())
    }

    /// The end of DDIM and PNDM: zero noise, or the level of timestep 0 where `set_alpha_to_one` is false.
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

    fn timesteps(&self, steps: usize, kind: Kind, end: NoiseLevel) -> Result<Trajectory> {
        let (schedule, total) = (self.schedule, self.schedule.len());
        let offset = self.options.steps_offset.unwrap_or(0);
        let timesteps = self.spacing()?.timesteps(total, steps, offset)?;
        let taken = match kind {
            Kind::Between => Step::between(schedule, &timesteps, end),
            Kind::Strided => Step::strided(schedule, &timesteps, total / steps, end),
        };
        Ok(Trajectory::new(taken, self.process()))
    }

    /// Largest and smallest noise-to-signal ratio of the schedule.
    fn range(&self) -> [f64; 2] {
        let last = (self.schedule.len() - 1) as f64;
        [last, 0.0].map(|time| self.schedule.noise_to_signal_at_time(time))
    }

    /// The trajectory through variance-preserving levels, given as pairs of timestep and noise-to-signal ratio, down to
    /// the ratio `end`.
    fn chain(&self, levels: Vec<(f64, f64)>, end: f64) -> Trajectory {
        let end = match end {
            0.0 => NoiseLevel::CLEAN,
            noise_to_signal => NoiseLevel::from_noise_to_signal(
                self.schedule.time_at_noise_to_signal(noise_to_signal),
                noise_to_signal,
            ),
        };
        let levels = levels.into_iter();
        let levels = levels
            .map(|(time, noise_to_signal)| NoiseLevel::from_noise_to_signal(time, noise_to_signal));
        Trajectory::new(
            Step::chain(&levels.chain([end]).collect::<Vec<_>>()),
            self.process(),
        )
    }
}

/// How the end of a step is determined.
#[derive(Clone, Copy)]
enum Kind {
    Between,
    Strided,
}
