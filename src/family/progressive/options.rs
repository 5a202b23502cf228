//! The options of progressive distillation.

use serde::{Deserialize, Serialize};

use super::{FEW_STEPS, STUDENTS};
use crate::family::time_network::{Architecture, check_positive};
use crate::family::{MAX_STEPS, within};
use crate::{Error, Result};

/// Options of [`Progressive`](super::Progressive).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProgressiveOptions {
    /// Training steps of the teacher.
    pub teacher_steps: usize,
    /// DDIM steps of the first student, a power of two; each later student has half as many, down to 1.
    pub first_student: usize,
    /// Training steps of each student with more than two DDIM steps.
    pub student_steps: usize,
    /// Training steps of each student with one or two DDIM steps.
    pub last_student_steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate of the teacher; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Peak learning rate of each student; it decays to 0 along half a cosine.
    pub student_learning_rate: f64,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for ProgressiveOptions {
    fn default() -> Self {
        Self {
            teacher_steps: 2000,
            first_student: 32,
            student_steps: 300,
            last_student_steps: 700,
            batch: 512,
            learning_rate: 3e-3,
            student_learning_rate: 1e-3,
            width: 128,
            depth: 2,
            octaves: 3,
            seed: 0,
        }
    }
}

impl ProgressiveOptions {
    pub(super) fn check(&self) -> Result<()> {
        let most = 1 << (STUDENTS.len() - 1);
        within("firstStudent", self.first_student, 1..=most)?;
        if !self.first_student.is_power_of_two() {
            let expected = "a power of two";
            return Err(Error::invalid("firstStudent", expected, self.first_student));
        }
        within("teacherSteps", self.teacher_steps, 1..=MAX_STEPS)?;
        within("studentSteps", self.student_steps, 1..=MAX_STEPS)?;
        within("lastStudentSteps", self.last_student_steps, 1..=MAX_STEPS)?;
        check_positive("learningRate", self.learning_rate)?;
        check_positive("studentLearningRate", self.student_learning_rate)?;
        self.architecture().check()
    }

    pub(super) fn architecture(&self) -> Architecture {
        Architecture {
            width: self.width,
            depth: self.depth,
            octaves: self.octaves,
        }
    }

    /// Training steps of the student with `2^place` DDIM steps.
    pub(super) fn steps_of(&self, place: usize) -> usize {
        if 1 << place <= FEW_STEPS {
            self.last_student_steps
        } else {
            self.student_steps
        }
    }

    /// Number of students.
    pub(super) fn students(&self) -> usize {
        self.first_student.max(1).ilog2() as usize + 1
    }

    /// The student trained in a step and the first step of its training; `None` during the training of the teacher.
    pub(super) fn stage(&self, step: usize) -> Option<(usize, usize)> {
        let mut first = self.teacher_steps;
        if step < first {
            return None;
        }
        for place in (1..self.students()).rev() {
            let next = first.saturating_add(self.steps_of(place));
            if step < next {
                return Some((place, first));
            }
            first = next;
        }
        Some((0, first))
    }
}
