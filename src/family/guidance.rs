//! Guidance of a diffusion model towards a class, by a classifier or without one.
//!
//! The denoiser `ε(x_t)` is a model of all classes together. For classifier-free guidance it also receives the class
//! `y` of most points, `ε(x_t, y)`. A classifier `p(y ∣ x_t)` is trained on the same noisy points. With a weight `w`:
//!
//! | method | noise estimate | source |
//! |---|---|---|
//! | classifier | `ε(x_t) − w·σ_t·∇ ln p(y ∣ x_t)` | Dhariwal & Nichol 2021, algorithm 2, <https://arxiv.org/abs/2105.05233> |
//! | classifier-free | `ε(x_t) + w·(ε(x_t, y) − ε(x_t))` | Ho & Salimans 2022, eq. 6, whose `1 + w` is `w` here, <https://arxiv.org/abs/2207.12598> |
//!
//! A weight of 1 gives samples of `p(x ∣ y)` with both, by Bayes' rule. Larger weights sharpen: samples move away from
//! the other classes and vary less. Data without classes have one class.

mod options;
mod sample;
#[cfg(test)]
mod tests;
mod train;

use super::denoising::{self, Noised};
use super::graph::{Graph, Var};
use super::time_network::cosine;
use super::{
    Activation, Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, Plan,
    SampleRequest, check_points, sizes, within,
};
use crate::diffusion::{NoiseLevel, NoiseSchedule, Process};
use crate::random::Generator;
use crate::{Error, Result};

pub use options::{GuidanceMethod, GuidanceOptions};

/// Rows per evaluation, chosen so that hidden layers fit into the processor's cache.
const CHUNK: usize = 512;
/// Maximum number of classes.
const MAX_CLASSES: usize = 1000;
/// Maximum weight of the guidance.
const MAX_WEIGHT: f64 = 100.0;
/// The class probabilities of clean points.
const CLASSES: &str = "classes";

/// A class-conditional diffusion model with a classifier of noisy points.
#[derive(Clone, Debug)]
pub struct Guidance {
    options: GuidanceOptions,
    process: Process,
    schedule: NoiseSchedule,
    classes: usize,
    denoiser: Network,
    denoising: Dense,
    classifier: Network,
    classifying: Dense,
    /// The fraction of each class in the data; zeros before the first step.
    frequencies: Vec<f32>,
}

impl Guidance {
    /// The denoiser's `v`, `[rows, 2]`, for noisy points, each with its level and class, or `None` for no class.
    fn denoise<'g>(
        &self,
        graph: &'g Graph,
        leaves: &[Var<'g>],
        points: &[f32],
        levels: impl Iterator<Item = NoiseLevel>,
        classes: impl Iterator<Item = Option<usize>>,
    ) -> Var<'g> {
        let config = self.options.network();
        let width = config.inputs() + self.classes;
        let mut inputs = denoising::inputs(&config, points, levels, self.classes);
        for (row, class) in inputs.chunks_exact_mut(width).zip(classes) {
            if let Some(class) = class {
                row[config.inputs() + class] = 1.0;
            }
        }
        let inputs = graph.matrix([inputs.len() / width, width], &inputs);
        self.denoising.forward(leaves, inputs)
    }

    /// `ln p(y ∣ x_t)` of the given class of each point, `[rows, 1]`.
    fn log_probability<'g>(
        &self,
        leaves: &[Var<'g>],
        points: Var<'g>,
        levels: impl Iterator<Item = NoiseLevel>,
        classes: &[usize],
    ) -> Var<'g> {
        let logits = self.logits(leaves, points, levels);
        let index: Vec<u32> = classes.iter().map(|class| *class as u32).collect();
        logits.take(index) - logits.log_sum_exp()
    }

    /// The outputs of the classifier before the softmax, `[rows, classes]`, from the point and its log-SNR.
    fn logits<'g>(
        &self,
        leaves: &[Var<'g>],
        points: Var<'g>,
        levels: impl Iterator<Item = NoiseLevel>,
    ) -> Var<'g> {
        let times: Vec<f32> = levels
            .take(points.rows())
            .map(|level| (0.25 * level.log_snr()) as f32)
            .collect();
        let times = points.graph().matrix([times.len(), 1], &times);
        self.classifying
            .forward(leaves, Var::concat(&[points, times]))
    }

    /// The probabilities of all classes at clean points, `[count, classes]`.
    fn probabilities(&self, points: &[f32]) -> Vec<f32> {
        let mut graph = Graph::new();
        let mut probabilities = Vec::with_capacity(points.len() / DIMENSIONS * self.classes);
        let level = self.schedule.level(0).unwrap_or(NoiseLevel::CLEAN);
        for points in points.chunks(CHUNK * DIMENSIONS) {
            graph.reset();
            let graph = &graph;
            graph.without_recording(|| {
                let leaves = self.classifier.average_leaves(graph);
                let points = graph.matrix([points.len() / DIMENSIONS, DIMENSIONS], points);
                let logits = self.logits(&leaves, points, std::iter::repeat(level));
                logits
                    .softmax()
                    .read(|values| probabilities.extend_from_slice(values));
            });
        }
        probabilities
    }
}

impl Member for Guidance {
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
        if batch.step == 0 {
            self.count_classes(batch);
        }
        let classes = Self::classes_of(batch);
        let noised = Noised::draw(batch.points, &self.process, generator);
        let denoiser = self.train_denoiser(graph, &noised, &classes, generator);
        let classifier = self.train_classifier(graph, &noised, &classes);
        Ok(vec![("denoiser", denoiser), ("classifier", classifier)])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.denoiser, &self.classifier]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.denoiser, &mut self.classifier]
    }

    fn buffers(&self) -> Vec<(&'static str, &Vec<f32>)> {
        vec![("frequencies", &self.frequencies)]
    }

    fn buffers_mut(&mut self) -> Vec<(&'static str, &mut Vec<f32>)> {
        vec![("frequencies", &mut self.frequencies)]
    }

    /// Two per step: the denoiser and the classifier, or the denoiser with and without the class.
    fn evaluations(&self) -> usize {
        2 * self.options.sampling_steps
    }

    /// Without a class, each sample has a class drawn with the frequencies of the data. `steps` is the number of steps,
    /// each with two evaluations.
    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        if request.scale.is_some() {
            return Err(self.lacks("scale of an adaptation"));
        }
        let steps = request.steps.unwrap_or(self.options.sampling_steps);
        within("steps", steps, 1..=self.options.timesteps)?;
        let weight = request.guidance.unwrap_or(self.options.guidance);
        within("guidance", weight, 0.0..=MAX_WEIGHT)?;
        if let Some(class) = request.class {
            within("class", class, 0..=self.classes - 1)?;
        }
        let noise = request.start(DIMENSIONS, generator)?;
        let classes = match request.class {
            Some(class) => vec![class; request.count],
            None => self.drawn_classes(request.count, generator),
        };
        Ok(self.guided(&noise, &classes, steps, weight))
    }

    fn fields(&self) -> &'static [&'static str] {
        &[CLASSES]
    }

    fn field(&self, name: &str, points: &[f32]) -> Result<Vec<f32>> {
        if name != CLASSES {
            return Err(self.lacks(&format!("field {name}")));
        }
        check_points(points)?;
        Ok(self.probabilities(points))
    }
}

impl Family for Guidance {
    const NAME: &'static str = "guidance";
    type Options = GuidanceOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        let with = |method, guidance| GuidanceOptions {
            method,
            guidance,
            ..GuidanceOptions::default()
        };
        vec![
            ("classifier", with(GuidanceMethod::Classifier, 1.0)),
            ("classifier-free", with(GuidanceMethod::ClassifierFree, 1.0)),
            ("strong-classifier", with(GuidanceMethod::Classifier, 4.0)),
            (
                "strong-classifier-free",
                with(GuidanceMethod::ClassifierFree, 4.0),
            ),
        ]
    }

    fn plan(options: &Self::Options) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, classes: usize, generator: &mut Generator) -> Result<Self> {
        let schedule = options.check()?;
        let classes = classes.max(1);
        if classes > MAX_CLASSES {
            let expected = format!("at most {MAX_CLASSES}");
            return Err(Error::invalid("number of classes", expected, classes));
        }
        let network = |name| Network::new(name, cosine(options.learning_rate, options.steps));
        let (mut denoiser, mut classifier) = (network("denoiser"), network("classifier"));
        let mut dense = |network, inputs, width, depth, outputs| {
            let sizes = sizes(inputs, width, depth, outputs);
            Dense::new(network, "", &sizes, Activation::Silu, generator)
        };
        let (width, depth) = (options.width, options.depth);
        let inputs = options.network().inputs() + classes;
        let denoising = dense(&mut denoiser, inputs, width, depth, DIMENSIONS);
        let (width, depth) = (options.classifier_width, options.classifier_depth);
        let classifying = dense(&mut classifier, DIMENSIONS + 1, width, depth, classes);
        Ok(Self {
            options: options.clone(),
            process: Process::Discrete(schedule.clone()),
            schedule,
            classes,
            denoiser,
            denoising,
            classifier,
            classifying,
            frequencies: vec![0.0; classes],
        })
    }
}
