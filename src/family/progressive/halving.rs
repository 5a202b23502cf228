//! DDIM sampling, and the training steps of the teacher and the students.

use std::f64::consts::FRAC_PI_2;

use super::Progressive;
use crate::family::graph::{Graph, Var};
use crate::family::time_network::TimeNetwork;
use crate::family::{Batch, DIMENSIONS};
use crate::random::Generator;

/// Upper limit of the weight in a student's loss.
const MAX_WEIGHT: f32 = 20.0;

/// `α_t` and `σ_t` at a time in [0, 1].
pub(super) fn level(time: f64) -> [f32; 2] {
    let angle = FRAC_PI_2 * time;
    if time >= 1.0 {
        [0.0, 1.0]
    } else {
        [libm::cos(angle) as f32, libm::sin(angle) as f32]
    }
}

/// The estimated clean point and the noisy point at another level, after one DDIM step (Song et al. 2021, eq. 12 with
/// `σ = 0`): with `x̂ = α·z − σ·v` and `ε̂ = σ·z + α·v`, the noisy point is `α'·x̂ + σ'·ε̂`.
pub(super) fn ddim_step(
    z: &[f32],
    v: &[f32],
    [alpha, sigma]: [f32; 2],
    [next_alpha, next_sigma]: [f32; 2],
) -> Vec<f32> {
    let pairs = z.iter().zip(v);
    pairs
        .map(|(z, v)| next_alpha * (alpha * z - sigma * v) + next_sigma * (sigma * z + alpha * v))
        .collect()
}

/// All `steps + 1` states of DDIM from time 1 to time 0, `[count, 2]` each.
pub(super) fn ddim(network: &TimeNetwork, noise: &[f32], steps: usize) -> Vec<Vec<f32>> {
    let mut network = network.averaged();
    let mut states = vec![noise.to_vec()];
    for index in 0..steps {
        let [from, to] = [index, index + 1].map(|index| 1.0 - index as f64 / steps as f64);
        let z = &states[index];
        let v = network.values(z, from as f32);
        let next = ddim_step(z, &v, level(from), level(to));
        states.push(next);
    }
    states
}

impl Progressive {
    /// Runs one training step of the teacher or of a student and returns the loss.
    pub(super) fn train(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> (&'static str, f64) {
        let Some((place, first)) = self.options.stage(batch.step) else {
            return (
                "teacher",
                learn_teacher(&mut self.teacher, graph, batch, generator),
            );
        };
        let (lower, upper) = self.students.split_at_mut(place + 1);
        let teacher = upper.first().unwrap_or(&self.teacher);
        let student = &mut lower[place];
        if batch.step == first {
            student.start_from(teacher);
        }
        let loss = learn_student(teacher, student, 1 << place, graph, batch, generator);
        ("student", loss)
    }
}

/// One training step on `E‖v(z_t, t) − v‖²` with times uniform on [0, 1).
fn learn_teacher(
    teacher: &mut TimeNetwork,
    graph: &Graph,
    batch: &Batch,
    generator: &mut Generator,
) -> f64 {
    let times = generator.uniform(batch.count());
    let noise = generator.normal(batch.points.len());
    let [alpha, sigma] = levels(graph, times.iter().map(|time| f64::from(*time)));
    let x = batch.matrix(graph);
    let noise = graph.matrix(x.shape(), &noise);
    let z = alpha * x + sigma * noise;
    let leaves = teacher.network().leaves(graph);
    let output = teacher.forward(&leaves, z, graph.matrix([times.len(), 1], &times));
    let loss = (output - (alpha * noise - sigma * x)).square().mean();
    let value = f64::from(loss.item());
    teacher.learn(graph, loss, &leaves);
    value
}

/// `α_t` and `σ_t` of each time, `[count, 1]` each.
fn levels<'g>(graph: &'g Graph, times: impl Iterator<Item = f64>) -> [Var<'g>; 2] {
    let rows: Vec<[f32; 2]> = times.map(level).collect();
    let both = graph.matrix([rows.len(), 2], rows.as_flattened());
    [both.column(0), both.column(1)]
}

/// One training step of the student with `steps` DDIM steps.
fn learn_student(
    teacher: &TimeNetwork,
    student: &mut TimeNetwork,
    steps: usize,
    graph: &Graph,
    batch: &Batch,
    generator: &mut Generator,
) -> f64 {
    let count = batch.count();
    let pick = |u: f32| 1 + ((u * steps as f32) as usize).min(steps - 1);
    let indices: Vec<usize> = generator.uniform(count).into_iter().map(pick).collect();
    let noise = generator.normal(batch.points.len());
    // Time in units of half a student step.
    let time = |index: usize, halves: usize| (2 * index - halves) as f64 / (2 * steps) as f64;
    let at = |halves: usize| indices.iter().map(move |index| time(*index, halves));
    let [now, middle, end] = [0, 1, 2].map(|halves| levels(graph, at(halves)));
    let times = |halves: usize| {
        let values: Vec<f32> = at(halves).map(|time| time as f32).collect();
        graph.matrix([count, 1], &values)
    };
    let [alpha, sigma] = now;
    let z = alpha * batch.matrix(graph) + sigma * graph.matrix([count, DIMENSIONS], &noise);
    let target = graph.without_recording(|| {
        let leaves = teacher.network().average_leaves(graph);
        let half = graph_step(z, teacher.forward(&leaves, z, times(0)), now, middle);
        let whole = graph_step(half, teacher.forward(&leaves, half, times(1)), middle, end);
        target(z, whole, now, end)
    });
    let leaves = student.network().leaves(graph);
    let v = student.forward(&leaves, z, times(0));
    let weight = (alpha / sigma).square().clamp(1.0, MAX_WEIGHT);
    let loss = (weight * (alpha * z - sigma * v - target).square()).mean();
    let value = f64::from(loss.item());
    student.learn(graph, loss, &leaves);
    value
}

/// [`ddim_step`] as graph operations.
fn graph_step<'g>(
    z: Var<'g>,
    v: Var<'g>,
    [alpha, sigma]: [Var<'g>; 2],
    [next_alpha, next_sigma]: [Var<'g>; 2],
) -> Var<'g> {
    next_alpha * (alpha * z - sigma * v) + next_sigma * (sigma * z + alpha * v)
}

/// The clean point `x̃` for which one DDIM step from `z` leads to `end`.
pub(super) fn target<'g>(
    z: Var<'g>,
    end: Var<'g>,
    [alpha, sigma]: [Var<'g>; 2],
    [end_alpha, end_sigma]: [Var<'g>; 2],
) -> Var<'g> {
    let ratio = end_sigma / sigma;
    (end - ratio * z) / (end_alpha - ratio * alpha)
}
