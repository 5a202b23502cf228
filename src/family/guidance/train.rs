//! The losses of both networks.

use super::{Guidance, GuidanceMethod};
use crate::family::DIMENSIONS;
use crate::family::denoising::Noised;
use crate::family::graph::Graph;
use crate::random::Generator;

impl Guidance {
    /// Trains the denoiser on `‖v − v_θ(x_t)‖²`, with the class of as many points as the method gives it.
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

    /// Trains the classifier on `−ln p(y ∣ x_t)`.
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
