//! Consistency models: one evaluation maps a noisy point to the clean end of its trajectory (Song et al. 2023,
//! <https://arxiv.org/abs/2303.01469>).
//!
//! Noisy points are `x_σ = x + σ·z`. The function `f(x, σ) = c_skip(σ)·x + c_out(σ)·F(c_in(σ)·x, t(σ))` is the identity
//! at the smallest noise level `ε` (eq. 5 and appendix C, for data of unit variance):
//!
//! `c_skip = 1/((σ − ε)² + 1)`, `c_out = (σ − ε)/√(σ² + 1)`, `c_in = 1/√(σ² + 1)`.
//!
//! At neighbouring noise levels `σ_i < σ_{i+1}` of one trajectory, `f` must return the same value. The loss is
//! `d(f(x_{i+1}, σ_{i+1}), f⁻(x_i, σ_i))/(σ_{i+1} − σ_i)`. No gradient flows through `f⁻`, and `d` is the pseudo-Huber
//! distance `√(‖·‖² + c²) − c` (Song & Dhariwal 2024, <https://arxiv.org/abs/2310.14189>, section 3.3).
//!
//! - **Training** computes `x_i` and `x_{i+1}` from the same point and the same noise (algorithm 3). The number of
//!   levels doubles as training proceeds.
//! - **Distillation** computes `x_i` from `x_{i+1}` by one Heun step of a denoiser that is trained first (algorithm 2).

mod levels;
mod options;
mod steps;
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

use levels::Levels;
pub use options::{ConsistencyMethod, ConsistencyOptions};

/// Maximum number of network evaluations per sample.
const MAX_EVALUATIONS: usize = 1000;

/// A consistency model and, for distillation, the denoiser that is its teacher.
#[derive(Clone, Debug)]
pub struct Consistency {
    options: ConsistencyOptions,
    /// The denoiser that is distilled; none for consistency training.
    teacher: Option<TimeNetwork>,
    student: TimeNetwork,
}

impl Consistency {
    /// `f(x, σ)` at points `[count, 2]`, in place.
    fn denoise(&self, x: &mut [f32], sigma: f32) {
        let levels = Levels::new(&self.options, 2);
        let [skip, out, scale] = levels.consistency(sigma);
        apply(&self.student, x, [skip, out, scale, levels.time(sigma)]);
    }

    /// The estimated end of the trajectory, `f(x, σ)`, of noisy points `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points, and for a noise level out of range.
    pub fn predict(&self, points: &[f32], sigma: f64) -> Result<Vec<f32>> {
        check_points(points)?;
        within(
            "sigma",
            sigma,
            self.options.min_sigma..=self.options.max_sigma,
        )?;
        let mut x = points.to_vec();
        self.denoise(&mut x, sigma as f32);
        Ok(x)
    }

    /// Multistep consistency sampling (algorithm 1) from standard normals `[count, 2]`. Returns the estimate after each
    /// of the `steps` evaluations, `[count, 2]` each. Between evaluations, noise of the next of the equally spaced
    /// levels is added.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid noise, and for a number of steps out of range.
    pub fn estimates(
        &self,
        noise: &[f32],
        steps: usize,
        generator: &mut Generator,
    ) -> Result<Vec<Vec<f32>>> {
        check_points(noise)?;
        within("steps", steps, 1..=MAX_EVALUATIONS)?;
        let levels = Levels::new(&self.options, steps + 1);
        let least = levels.sigma(0);
        let mut states: Vec<Vec<f32>> = Vec::with_capacity(steps);
        for index in 0..steps {
            let sigma = levels.sigma(steps - index);
            let mut x: Vec<f32> = match states.last() {
                None => noise.iter().map(|z| sigma * z).collect(),
                Some(estimate) => {
                    let added = (sigma * sigma - least * least).sqrt();
                    let noise = generator.normal(estimate.len());
                    estimate
                        .iter()
                        .zip(noise)
                        .map(|(x, z)| x + added * z)
                        .collect()
                }
            };
            self.denoise(&mut x, sigma);
            states.push(x);
        }
        Ok(states)
    }

    /// Samples of the denoiser from standard normals `[count, 2]`, by `steps` Heun steps of the probability-flow ODE
    /// (Karras et al. 2022, algorithm 1).
    ///
    /// # Errors
    /// [`Error::NoCapability`](crate::Error::NoCapability) if there is no denoiser, and
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid noise or a number of steps out of range.
    pub fn teacher_samples(&self, noise: &[f32], steps: usize) -> Result<Vec<f32>> {
        let teacher = self.teacher.as_ref().ok_or_else(|| self.lacks("teacher"))?;
        check_points(noise)?;
        within("steps", steps, 1..=MAX_EVALUATIONS)?;
        let levels = Levels::new(&self.options, steps + 1);
        let mut x: Vec<f32> = noise.iter().map(|z| levels.sigma(steps) * z).collect();
        for index in (0..steps).rev() {
            let sigmas =
                [levels.sigma(index + 1), levels.sigma(index)].map(|s| vec![s; x.len() / 2]);
            x = steps::heun(teacher, &levels, &x, [&sigmas[0], &sigmas[1]]);
        }
        let sigma = levels.sigma(0);
        let [skip, out, scale] = levels.denoiser(sigma);
        apply(teacher, &mut x, [skip, out, scale, levels.time(sigma)]);
        Ok(x)
    }
}

/// Computes `skip·x + out·F(scale·x, time)` in place.
fn apply(network: &TimeNetwork, x: &mut [f32], [skip, out, scale, time]: [f32; 4]) {
    let scaled: Vec<f32> = x.iter().map(|x| scale * x).collect();
    let values = network.averaged().values(&scaled, time);
    for (x, value) in x.iter_mut().zip(values) {
        *x = skip * *x + out * value;
    }
}

impl Member for Consistency {
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
        let all = self.teacher.iter().chain([&self.student]);
        all.map(TimeNetwork::network).collect()
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        let all = self.teacher.iter_mut().chain([&mut self.student]);
        all.map(TimeNetwork::network_mut).collect()
    }

    fn evaluations(&self) -> usize {
        self.options.evaluations
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.without_steps().check_plain(self)?;
        let noise = request.start(DIMENSIONS, generator)?;
        let steps = request.steps.unwrap_or(self.options.evaluations);
        let states = self.estimates(&noise, steps, generator)?;
        Ok(states.into_iter().next_back().unwrap_or_default())
    }
}

impl Family for Consistency {
    const NAME: &'static str = "consistency";
    type Options = ConsistencyOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        let training = ConsistencyOptions {
            method: ConsistencyMethod::Training,
            steps: 4000,
            batch: 512,
            min_levels: 10,
            max_levels: 160,
            ..ConsistencyOptions::default()
        };
        vec![
            ("distillation", ConsistencyOptions::default()),
            ("training", training),
        ]
    }

    fn plan(options: &Self::Options) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.teacher_steps().saturating_add(options.steps),
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, _classes: usize, generator: &mut Generator) -> Result<Self> {
        options.check()?;
        let mut network = |name, steps| {
            let optimizer = cosine(options.learning_rate, steps);
            TimeNetwork::new(name, options.architecture(), optimizer, generator)
        };
        let teacher_steps = options.teacher_steps();
        Ok(Self {
            teacher: (teacher_steps > 0).then(|| network("teacher", teacher_steps)),
            student: network("student", options.steps),
            options: options.clone(),
        })
    }
}
