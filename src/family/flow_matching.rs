//! Flow matching: a velocity field that moves noise to data (Lipman et al. 2023, <https://arxiv.org/abs/2210.02747>).
//!
//! Noise `x_0 ~ N(0, I)` at time 0 and a data point `x_1` at time 1 are joined by the line `x_t = (1 − t)·x_0 + t·x_1`,
//! whose velocity is `x_1 − x_0`. The network `v` minimises `E‖v(x_t, t) − (x_1 − x_0)‖²` (eq. 23 with `σ_min = 0`).
//! Samples are the end points of solutions of `dx/dt = v(x, t)`.
//!
//! - **Pairing.** Independent pairs give crossing lines and curved paths. Optimal-transport pairs in blocks of the
//!   batch give lines that hardly cross (Pooladian et al. 2023, <https://arxiv.org/abs/2304.14772>, section 3.2).
//! - **Reflow.** A second network is trained on pairs of noise and the sample to which the first network maps it
//!   (Liu et al. 2023, <https://arxiv.org/abs/2209.03003>, algorithm 1). Its trajectories are nearly straight.
//! - **Distillation.** A third network is trained on the same pairs at time 0 only, so that one Euler step gives a
//!   sample (Liu et al. 2023, section 2.3).

mod options;
mod stages;
#[cfg(test)]
mod tests;

use std::f64::consts::PI;

use super::graph::Graph;
use super::ode::OdeMethod;
use super::time_network::{TimeNetwork, cosine};
use super::{
    Batch, Capabilities, DIMENSIONS, Family, Losses, Member, Network, Plan, SampleRequest,
    check_points, within,
};
use crate::Result;
use crate::random::Generator;

pub use options::{FlowMatchingOptions, Pairing, Stage};

/// Maximum number of network evaluations per sample.
const MAX_EVALUATIONS: usize = 10_000;
/// Midpoint steps of the integral for the log-density.
const DENSITY_STEPS: usize = 25;

/// A model trained by flow matching.
#[derive(Clone, Debug)]
pub struct FlowMatching {
    options: FlowMatchingOptions,
    flow: TimeNetwork,
    reflow: Option<TimeNetwork>,
    one_step: Option<TimeNetwork>,
    /// Noise and the sample to which the flow maps it, `[pairs, 4]`; empty without later stages.
    pairs: Vec<f32>,
}

impl FlowMatching {
    /// The last stage that has been trained.
    pub fn stage(&self) -> Stage {
        let is_trained = |network: &Option<TimeNetwork>| {
            network
                .as_ref()
                .is_some_and(|net| net.network().updates() > 0)
        };
        if is_trained(&self.one_step) {
            Stage::OneStep
        } else if is_trained(&self.reflow) {
            Stage::Reflow
        } else {
            Stage::Flow
        }
    }

    /// The network of a stage, or that of the flow if the stage does not exist.
    fn network_of(&self, stage: Stage) -> &TimeNetwork {
        let network = match stage {
            Stage::Flow => None,
            Stage::Reflow => self.reflow.as_ref(),
            Stage::OneStep => self.one_step.as_ref(),
        };
        network.unwrap_or(&self.flow)
    }

    /// The last trained stage whose samples follow trajectories.
    fn path_stage(&self) -> Stage {
        match self.stage() {
            Stage::OneStep if self.reflow.is_some() => Stage::Reflow,
            Stage::OneStep => Stage::Flow,
            stage => stage,
        }
    }

    /// The velocity `v(x, t)` at points `[count, 2]`, computed by the network of a stage; `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points, and for a time outside [0, 1].
    pub fn velocity(&self, stage: Stage, points: &[f32], time: f32) -> Result<Vec<f32>> {
        check_points(points)?;
        within("time", time, 0.0..=1.0)?;
        Ok(self.network_of(stage).averaged().values(points, time))
    }

    /// All states of the solver from noise at time 0 to samples at time 1: `steps + 1` arrays `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid noise, and for a number of steps out of range.
    pub fn trajectories(
        &self,
        stage: Stage,
        noise: &[f32],
        steps: usize,
        method: OdeMethod,
    ) -> Result<Vec<Vec<f32>>> {
        check_points(noise)?;
        within("steps", steps, 1..=MAX_EVALUATIONS)?;
        let mut network = self.network_of(stage).averaged();
        let velocity = |x: &[f32], t: f32| network.values(x, t);
        Ok(method.solve(noise.to_vec(), [0.0, 1.0], steps, velocity))
    }

    /// The deviation of trajectories from straight lines, `∫ E‖(x_1 − x_0) − v(x_t, t)‖² dt` (Liu et al. 2023, eq. 4),
    /// for noise `[count, 2]`: the mean over midpoint steps along the solution. It is 0 if one step is exact.
    ///
    /// # Errors
    /// Those of [`trajectories`](Self::trajectories).
    pub fn straightness(&self, stage: Stage, noise: &[f32], steps: usize) -> Result<f64> {
        let states = self.trajectories(stage, noise, steps, OdeMethod::Midpoint)?;
        let mut total = 0.0;
        for pair in states.windows(2) {
            let chords = states[steps].iter().zip(&states[0]);
            let moves = pair[1].iter().zip(&pair[0]);
            for ((x_1, x_0), (next, now)) in chords.zip(moves) {
                total += f64::from((x_1 - x_0) - (next - now) * steps as f32).powi(2);
            }
        }
        Ok(total * DIMENSIONS as f64 / (steps * noise.len()) as f64)
    }

    /// `ln p(x)` by the change of variables along the flow back to the noise, with the exact divergence:
    /// `ln N(x_0; 0, I) − ∫ ∇·v(x_t, t) dt` (Chen et al. 2018, eq. 8).
    fn density(&self, points: &[f32]) -> Vec<f64> {
        let mut network = self.network_of(self.path_stage()).averaged();
        let mut integrals = vec![0.0; points.len() / DIMENSIONS];
        let h = 1.0 / DENSITY_STEPS as f32;
        let mut x = points.to_vec();
        for index in 0..DENSITY_STEPS {
            let t = 1.0 - index as f32 * h;
            let half = OdeMethod::Euler.step(&x, t, -h / 2.0, |x, t| network.values(x, t));
            let (_, divergence) = network.values_with_divergence(&half, t - h / 2.0);
            for (integral, divergence) in integrals.iter_mut().zip(divergence) {
                *integral += f64::from(h * divergence);
            }
            x = OdeMethod::Midpoint.step(&x, t, -h, |x, t| network.values(x, t));
        }
        let prior = |x: &[f32; 2]| {
            let square = f64::from(x[0]).powi(2) + f64::from(x[1]).powi(2);
            -0.5 * square - libm::log(2.0 * PI)
        };
        let densities = x.as_chunks::<DIMENSIONS>().0.iter().zip(integrals);
        densities.map(|(x, integral)| prior(x) - integral).collect()
    }
}

impl Member for FlowMatching {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
            latents: true,
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
        let later = [&self.reflow, &self.one_step].into_iter().flatten();
        let all = std::iter::once(&self.flow).chain(later);
        all.map(TimeNetwork::network).collect()
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        let later = [&mut self.reflow, &mut self.one_step].into_iter().flatten();
        let all = std::iter::once(&mut self.flow).chain(later);
        all.map(TimeNetwork::network_mut).collect()
    }

    fn buffers(&self) -> Vec<(&'static str, &Vec<f32>)> {
        match &self.pairs {
            pairs if pairs.is_empty() => Vec::new(),
            pairs => vec![("pairs", pairs)],
        }
    }

    fn buffers_mut(&mut self) -> Vec<(&'static str, &mut Vec<f32>)> {
        match &mut self.pairs {
            pairs if pairs.is_empty() => Vec::new(),
            pairs => vec![("pairs", pairs)],
        }
    }

    fn evaluations(&self) -> usize {
        match self.stage() {
            Stage::OneStep => 1,
            _ => self.options.evaluations,
        }
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.without_steps().check_plain(self)?;
        let evaluations = request.steps.unwrap_or(self.evaluations());
        within("steps", evaluations, 1..=MAX_EVALUATIONS)?;
        let noise = request.start(DIMENSIONS, generator)?;
        let (stage, method) = if evaluations == 1 {
            (self.stage(), OdeMethod::Euler)
        } else {
            (self.path_stage(), self.options.method)
        };
        let steps = evaluations.div_ceil(method.evaluations());
        let states = self.trajectories(stage, &noise, steps, method)?;
        Ok(states.into_iter().next_back().unwrap_or_default())
    }

    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        check_points(points)?;
        Ok(self.density(points))
    }

    fn encode(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        let mut network = self.network_of(self.path_stage()).averaged();
        let velocity = |x: &[f32], t: f32| network.values(x, t);
        let states =
            OdeMethod::Midpoint.solve(points.to_vec(), [1.0, 0.0], DENSITY_STEPS, velocity);
        Ok(states.into_iter().next_back().unwrap_or_default())
    }

    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        let stage = self.path_stage();
        let states = self.trajectories(stage, latents, DENSITY_STEPS, OdeMethod::Midpoint)?;
        Ok(states.into_iter().next_back().unwrap_or_default())
    }
}

impl Family for FlowMatching {
    const NAME: &'static str = "flow-matching";
    type Options = FlowMatchingOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        let defaults = FlowMatchingOptions::default;
        let optimal_transport = FlowMatchingOptions {
            pairing: Pairing::OptimalTransport,
            ..defaults()
        };
        let reflow = FlowMatchingOptions {
            reflow_steps: 1500,
            distillation_steps: 1000,
            ..defaults()
        };
        vec![
            ("independent", defaults()),
            ("optimal-transport", optimal_transport),
            ("reflow", reflow),
        ]
    }

    fn plan(options: &Self::Options) -> Plan {
        let later = options
            .reflow_steps
            .saturating_add(options.distillation_steps);
        Plan {
            batch: options.batch,
            steps: options.steps.saturating_add(later),
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, _classes: usize, generator: &mut Generator) -> Result<Self> {
        options.check()?;
        let mut network = |name, peak, steps| {
            let optimizer = cosine(peak, steps);
            TimeNetwork::new(name, options.architecture(), optimizer, generator)
        };
        let rate = options.reflow_learning_rate;
        let flow = network("flow", options.learning_rate, options.steps);
        let has_pairs = options.reflow_steps > 0 || options.distillation_steps > 0;
        let pairs = if has_pairs { options.pairs } else { 0 };
        let mut later = |name, steps| (steps > 0).then(|| network(name, rate, steps));
        Ok(Self {
            flow,
            reflow: later("reflow", options.reflow_steps),
            one_step: later("one-step", options.distillation_steps),
            pairs: vec![0.0; pairs * 2 * DIMENSIONS],
            options: options.clone(),
        })
    }
}
