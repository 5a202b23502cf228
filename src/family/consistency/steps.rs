//! The training steps of the denoiser and of the consistency model.

use super::{Consistency, ConsistencyMethod, Levels};
use crate::family::graph::{Graph, Var};
use crate::family::time_network::TimeNetwork;
use crate::family::{Batch, DIMENSIONS};
use crate::random::Generator;

/// `c_skip`, `c_out`, `c_in` and the time of each row, `[rows, 1]` each.
type Factors<'g> = [Var<'g>; 4];

impl Consistency {
    /// Runs one step of the denoiser or of the consistency model and returns its loss.
    pub(super) fn train(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> (&'static str, f64) {
        let first = self.options.teacher_steps();
        if batch.step < first {
            let levels = Levels::new(&self.options, 2);
            if let Some(teacher) = &mut self.teacher {
                let std = self.options.log_sigma_std;
                let loss = learn_denoiser(teacher, graph, &levels, batch, std, generator);
                return ("denoiser", loss);
            }
        }
        if let (true, Some(teacher)) = (batch.step == first, &self.teacher) {
            self.student.start_from(teacher);
        }
        let count = Levels::count_at(&self.options, batch.step - first);
        let levels = Levels::new(&self.options, count);
        (
            "consistency",
            self.learn_consistency(graph, &levels, batch, generator),
        )
    }

    fn learn_consistency(
        &mut self,
        graph: &Graph,
        levels: &Levels,
        batch: &Batch,
        generator: &mut Generator,
    ) -> f64 {
        let [lower, upper] = levels.draw(batch.count(), generator);
        let noise = generator.normal(batch.points.len());
        let far = noisy(batch.points, &noise, &upper);
        let near = match (self.options.method, &self.teacher) {
            (ConsistencyMethod::Distillation, Some(teacher)) => {
                heun(teacher, levels, &far, [&upper, &lower])
            }
            _ => noisy(batch.points, &noise, &lower),
        };
        let leaves = self.student.network().leaves(graph);
        let evaluate = |x: &[f32], sigmas: &[f32]| {
            let factors = factors(graph, levels, sigmas, Levels::consistency);
            predict(&self.student, &leaves, matrix(graph, x), factors)
        };
        let target = graph.without_recording(|| evaluate(&near, &lower));
        let output = evaluate(&far, &upper);
        let weights: Vec<f32> = upper
            .iter()
            .zip(&lower)
            .map(|(u, l)| 1.0 / (u - l))
            .collect();
        let weights = graph.matrix([weights.len(), 1], &weights);
        let distance = pseudo_huber(output, target, self.options.huber as f32);
        let loss = (distance * weights).mean();
        let value = f64::from(loss.item());
        self.student.learn(graph, loss, &leaves);
        value
    }
}

/// `√(‖a − b‖² + c²) − c` of each row, `[rows, 1]`.
pub(super) fn pseudo_huber<'g>(a: Var<'g>, b: Var<'g>, c: f32) -> Var<'g> {
    ((a - b).square().sum_columns() + c * c).sqrt() - c
}

/// One training step of the denoiser. The loss is `E‖F − target‖²`, the squared error of the clean point in units of
/// `c_out²` (Karras et al. 2022, eq. 8 and table 1), for `ln σ ~ N(0, std²)` within the range of the levels.
fn learn_denoiser(
    network: &mut TimeNetwork,
    graph: &Graph,
    levels: &Levels,
    batch: &Batch,
    std: f64,
    generator: &mut Generator,
) -> f64 {
    let range = [levels.sigma(0), levels.sigma(1)].map(libm::logf);
    let logarithms = generator.normal(batch.count()).into_iter();
    let logarithms = logarithms.map(|z| (std as f32 * z).clamp(range[0], range[1]));
    let sigmas: Vec<f32> = logarithms.map(libm::expf).collect();
    let noise = generator.normal(batch.points.len());
    let x = matrix(graph, &noisy(batch.points, &noise, &sigmas));
    let clean = matrix(graph, batch.points);
    let [skip, out, scale, time] = factors(graph, levels, &sigmas, Levels::denoiser);
    let target = ((clean - skip * x) / out).detach();
    let leaves = network.network().leaves(graph);
    let output = network.forward(&leaves, scale * x, time);
    let loss = (output - target).square().mean();
    let value = f64::from(loss.item());
    network.learn(graph, loss, &leaves);
    value
}

/// `c_skip·x + c_out·F(c_in·x, t)`
fn predict<'g>(
    network: &TimeNetwork,
    leaves: &[Var<'g>],
    x: Var<'g>,
    [skip, out, scale, time]: Factors<'g>,
) -> Var<'g> {
    skip * x + out * network.forward(leaves, scale * x, time)
}

fn factors<'g>(
    graph: &'g Graph,
    levels: &Levels,
    sigmas: &[f32],
    of: impl Fn(&Levels, f32) -> [f32; 3],
) -> Factors<'g> {
    let rows: Vec<[f32; 4]> = sigmas
        .iter()
        .map(|sigma| {
            let [skip, out, scale] = of(levels, *sigma);
            [skip, out, scale, levels.time(*sigma)]
        })
        .collect();
    let all = graph.matrix([sigmas.len(), 4], rows.as_flattened());
    [0, 1, 2, 3].map(|column| all.column(column))
}

fn matrix<'g>(graph: &'g Graph, points: &[f32]) -> Var<'g> {
    graph.matrix([points.len() / DIMENSIONS, DIMENSIONS], points)
}

/// `x + σ·z` with one noise level per point.
fn noisy(points: &[f32], noise: &[f32], sigmas: &[f32]) -> Vec<f32> {
    let pairs = points.iter().zip(noise).enumerate();
    pairs
        .map(|(index, (x, z))| x + sigmas[index / DIMENSIONS] * z)
        .collect()
}

/// One Heun step of the probability-flow ODE `dx/dσ = (x − D(x, σ))/σ` from the first noise levels to the second
/// (Karras et al. 2022, algorithm 1).
pub(super) fn heun(
    teacher: &TimeNetwork,
    levels: &Levels,
    x: &[f32],
    [from, to]: [&[f32]; 2],
) -> Vec<f32> {
    let graph = Graph::new();
    graph.without_recording(|| {
        let leaves = teacher.network().average_leaves(&graph);
        let slope = |x, sigmas: &[f32]| {
            let clean = predict(
                teacher,
                &leaves,
                x,
                factors(&graph, levels, sigmas, Levels::denoiser),
            );
            (x - clean) / graph.matrix([sigmas.len(), 1], sigmas)
        };
        let x = matrix(&graph, x);
        let steps: Vec<f32> = to.iter().zip(from).map(|(to, from)| to - from).collect();
        let step = graph.matrix([steps.len(), 1], &steps);
        let first = slope(x, from);
        let second = slope(x + step * first, to);
        (x + step * (first + second) * 0.5).to_vec()
    })
}
