//! The training steps of the denoiser and the classifier.

use super::{Guidance, GuidanceMethod};
use crate::family::denoising::Noised;
use crate::family::graph::Graph;
use crate::family::{Batch, DIMENSIONS};
use crate::random::Generator;

impl Guidance {
    /// The classes of the points of a batch; all 0 for data without classes.
    pub(super) fn classes_of(batch: &Batch) -> Vec<usize> {
        match batch.classes {
            [] => vec![0; batch.count()],
            classes => classes.to_vec(),
        }
    }

    /// Stores the fraction of each class in the data.
    pub(super) fn count_classes(&mut self, batch: &Batch) {
        let classes = batch.data.classes();
        let share = 1.0 / classes.len().max(1) as f32;
        self.frequencies[0] = if classes.is_empty() { 1.0 } else { 0.0 };
        for class in classes {
            self.frequencies[*class] += share;
        }
    }

    /// One step of the denoiser. Returns its loss, the squared error of `v`.
    pub(super) fn train_denoiser(
        &mut self,
        graph: &Graph,
        noised: &Noised,
        classes: &[usize],
        generator: &mut Generator,
    ) -> f64 {
        let dropout = match self.options.method {
            GuidanceMethod::Classifier => 1.0,
            GuidanceMethod::ClassifierFree => self.options.class_dropout as f32,
        };
        let kept = generator.uniform(classes.len()).into_iter();
        let given = kept.map(|u| u >= dropout).zip(classes);
        let given = given.map(|(is_kept, class)| is_kept.then_some(*class));
        let leaves = self.denoiser.leaves(graph);
        let levels = noised.levels.iter().copied();
        let output = self.denoise(graph, &leaves, &noised.noisy, levels, given);
        let target = graph.matrix(output.shape(), &noised.target);
        let loss = (output - target).square().mean();
        self.denoiser.learn(&graph.last_gradients(loss, &leaves));
        f64::from(loss.item())
    }

    /// One step of the classifier. Returns its cross-entropy in nats.
    pub(super) fn train_classifier(
        &mut self,
        graph: &Graph,
        noised: &Noised,
        classes: &[usize],
    ) -> f64 {
        let leaves = self.classifier.leaves(graph);
        let points = graph.matrix([classes.len(), DIMENSIONS], &noised.noisy);
        let levels = noised.levels.iter().copied();
        let loss = -self
            .log_probability(&leaves, points, levels, classes)
            .mean();
        self.classifier.learn(&graph.last_gradients(loss, &leaves));
        f64::from(loss.item())
    }
}
