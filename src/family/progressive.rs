//! Progressive distillation: each student samples in half as many steps as its teacher (Salimans & Ho 2022,
//! <https://arxiv.org/abs/2202.00512>).
//!
//! Noisy points are `z_t = α_t·x + σ_t·ε` with `α_t = cos(πt/2)` and `σ_t = sin(πt/2)` for times in [0, 1]. The teacher
//! predicts `v = α_t·ε − σ_t·x` (section 4); its estimate of the clean point is `x̂ = α_t·z_t − σ_t·v`.
//!
//! A student with `N` steps is trained so that one of its DDIM steps, from `t` to `t'' = t − 1/N`, has the result of
//! two steps of its teacher via `t' = t − 1/(2N)`. Its target is
//! `x̃ = (z_{t''} − (σ_{t''}/σ_t)·z_t)/(α_{t''} − (σ_{t''}/σ_t)·α_t)` (algorithm 2), and its loss is `w·‖x̂ − x̃‖²`
//! with `w = min(max(α_t²/σ_t², 1), 20)` (section 4: truncated signal-to-noise ratio). A student is initialised with
//! its teacher's weights and becomes the teacher of the next student.

mod halving;
mod options;
#[cfg(test)]
mod tests;

use super::graph::Graph;
use super::time_network::{TimeNetwork, cosine};
use super::{
    Batch, Capabilities, DIMENSIONS, Family, Losses, Member, Network, Plan, SampleRequest,
    check_points, within,
};
use crate::Result;
use crate::random::Generator;

pub use options::ProgressiveOptions;

/// Names of the networks in files; entry `k` is the student with `2^k` steps.
const STUDENTS: [&str; 8] = [
    "student1",
    "student2",
    "student4",
    "student8",
    "student16",
    "student32",
    "student64",
    "student128",
];
/// Maximum number of DDIM steps of the teacher per sample.
const MAX_STEPS: usize = 10_000;
/// Students with at most this many steps are trained for longer.
const FEW_STEPS: usize = 2;

/// A diffusion model (the teacher) and the students distilled from it.
#[derive(Clone, Debug)]
pub struct Progressive {
    options: ProgressiveOptions,
    teacher: TimeNetwork,
    /// Entry `k` is the student with `2^k` DDIM steps.
    students: Vec<TimeNetwork>,
}

impl Progressive {
    /// The step counts of the trained students, in ascending order.
    pub fn students(&self) -> Vec<usize> {
        let places = self.students.iter().enumerate();
        let trained = places.filter(|(_, student)| student.network().updates() > 0);
        trained.map(|(place, _)| 1 << place).collect()
    }

    /// The student with `steps` DDIM steps, if it has been trained.
    fn student(&self, steps: usize) -> Option<&TimeNetwork> {
        let place = steps.ilog2() as usize;
        let student = self.students.get(place).filter(|_| steps.is_power_of_two());
        student.filter(|student| student.network().updates() > 0)
    }

    /// The states of the teacher's DDIM sampler with `steps` steps, from standard normals `[count, 2]` to samples:
    /// `steps + 1` arrays `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid noise, and for a number of steps out of range.
    pub fn teacher_trajectory(&self, noise: &[f32], steps: usize) -> Result<Vec<Vec<f32>>> {
        check_points(noise)?;
        within("steps", steps, 1..=MAX_STEPS)?;
        Ok(halving::ddim(&self.teacher, noise, steps))
    }

    /// The DDIM states of the student with `steps` steps, from standard normals `[count, 2]` to samples: `steps + 1`
    /// arrays `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid noise, and if no student with `steps` steps
    /// has been trained.
    pub fn student_trajectory(&self, noise: &[f32], steps: usize) -> Result<Vec<Vec<f32>>> {
        check_points(noise)?;
        within("steps", steps, 1..=MAX_STEPS)?;
        let student = self.student(steps).ok_or_else(|| {
            let trained: Vec<String> = self.students().iter().map(usize::to_string).collect();
            let expected = match &trained[..] {
                [] => "that of a student; none has been trained yet".to_owned(),
                steps => format!("that of a trained student: {}", steps.join(", ")),
            };
            crate::Error::invalid("steps", expected, steps)
        })?;
        Ok(halving::ddim(student, noise, steps))
    }
}

impl Member for Progressive {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            ..Capabilities::default()
        }
    }

    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses> {
        Ok(vec![self.train(graph, batch, generator)])
    }

    fn networks(&self) -> Vec<&Network> {
        let all = std::iter::once(&self.teacher).chain(&self.students);
        all.map(TimeNetwork::network).collect()
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        let all = std::iter::once(&mut self.teacher).chain(&mut self.students);
        all.map(TimeNetwork::network_mut).collect()
    }

    /// The step count of the trained student with the fewest steps. Without a trained student, twice that of the first
    /// student, for the teacher.
    fn evaluations(&self) -> usize {
        let fewest = self.students().first().copied();
        fewest.unwrap_or(2 * self.options.first_student)
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.without_steps().check_plain(self)?;
        let steps = request.steps.unwrap_or(self.evaluations());
        within("steps", steps, 1..=MAX_STEPS)?;
        let noise = request.start(DIMENSIONS, generator)?;
        let network = self.student(steps).unwrap_or(&self.teacher);
        let states = halving::ddim(network, &noise, steps);
        Ok(states.into_iter().next_back().unwrap_or_default())
    }
}

impl Family for Progressive {
    const NAME: &'static str = "progressive-distillation";
    type Options = ProgressiveOptions;

    fn plan(options: &Self::Options) -> Plan {
        let students = (0..options.students()).map(|place| options.steps_of(place));
        Plan {
            batch: options.batch,
            steps: students.fold(options.teacher_steps, usize::saturating_add),
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, _classes: usize, generator: &mut Generator) -> Result<Self> {
        options.check()?;
        let mut network = |name, peak, steps| {
            let optimizer = cosine(peak, steps);
            TimeNetwork::new(name, options.architecture(), optimizer, generator)
        };
        let teacher = network("teacher", options.learning_rate, options.teacher_steps);
        let rate = options.student_learning_rate;
        let student = |place| network(STUDENTS[place], rate, options.steps_of(place));
        Ok(Self {
            teacher,
            students: (0..options.students()).map(student).collect(),
            options: options.clone(),
        })
    }
}
