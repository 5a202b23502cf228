//! The generative adversarial network (Goodfellow et al. 2014, <https://arxiv.org/abs/1406.2661>).
//!
//! A generator maps normal latents `z` to points `G(z)`. A discriminator `d` is trained to distinguish them from the
//! data, and the generator to raise `d(G(z))`. Both are perceptrons. Sampling takes one evaluation. There is no
//! density, and the losses do not prevent the samples from covering only part of the data.

mod loss;
mod options;
#[cfg(test)]
mod tests;

pub use loss::{GanLoss, squared_slope, unit_slope};
pub use options::GanOptions;

use super::graph::{Graph, Var};
use super::{
    Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, Plan, SampleRequest,
    check_latents, check_points, sizes,
};
use crate::Result;
use crate::random::Generator;

/// A generator and its discriminator.
#[derive(Clone, Debug)]
pub struct Gan {
    options: GanOptions,
    generator: Network,
    generator_net: Dense,
    discriminator: Network,
    discriminator_net: Dense,
}

impl Family for Gan {
    const NAME: &'static str = "gan";
    type Options = GanOptions;

    fn presets() -> Vec<(&'static str, GanOptions)> {
        GanOptions::presets()
    }

    fn plan(options: &GanOptions) -> Plan {
        options.plan()
    }

    fn new(options: &GanOptions, _classes: usize, random: &mut Generator) -> Result<Self> {
        options.check()?;
        let GanOptions {
            latents,
            width,
            depth,
            activation,
            ..
        } = *options;
        let mut generator = Network::new("generator", options.generator_optimizer());
        let mut discriminator = Network::new("discriminator", options.discriminator_optimizer());
        let mut dense = |network: &mut Network, inputs, outputs| {
            let sizes = sizes(inputs, width, depth, outputs);
            Dense::new(network, "", &sizes, activation, random)
        };
        Ok(Self {
            options: *options,
            generator_net: dense(&mut generator, latents, DIMENSIONS),
            discriminator_net: dense(&mut discriminator, DIMENSIONS, 1),
            generator,
            discriminator,
        })
    }
}

impl Gan {
    /// Draws the latents of a batch, `[count, latents]`.
    fn latents<'g>(&self, graph: &'g Graph, count: usize, random: &mut Generator) -> Var<'g> {
        let latents = self.options.latents;
        graph.matrix([count, latents], &random.normal(count * latents))
    }

    /// One update of the discriminator; returns its loss and the penalties included in it.
    fn learn_to_discriminate(
        &mut self,
        graph: &Graph,
        batch: &Batch,
        random: &mut Generator,
    ) -> [f64; 2] {
        let latents = self.latents(graph, batch.count(), random);
        let fake = graph.without_recording(|| {
            let leaves = self.generator.leaves(graph);
            self.generator_net.forward(&leaves, latents)
        });
        let real = batch.matrix(graph);
        let leaves = self.discriminator.leaves(graph);
        let outputs = [real, fake].map(|points| self.discriminator_net.forward(&leaves, points));
        let loss = self.options.loss.discriminator(outputs[0], outputs[1]);
        let penalty = self.penalty([real, fake], outputs, &leaves, random);
        let total = penalty.map_or(loss, |penalty| loss + penalty);
        let gradients = graph.last_gradients(total, &leaves);
        self.discriminator.learn(&gradients);
        let penalty = penalty.map_or(0.0, |penalty| f64::from(penalty.item()));
        [f64::from(loss.item()), penalty]
    }

    /// The weighted gradient penalties of the discriminator; none if all weights are 0.
    fn penalty<'g>(
        &self,
        [real, fake]: [Var<'g>; 2],
        [at_real, at_fake]: [Var<'g>; 2],
        leaves: &[Var<'g>],
        random: &mut Generator,
    ) -> Option<Var<'g>> {
        let GanOptions {
            r1,
            r2,
            gradient_penalty,
            ..
        } = self.options;
        let mut terms = Vec::new();
        if r1 > 0.0 {
            terms.push(squared_slope(at_real, real) * r1 as f32);
        }
        if r2 > 0.0 {
            terms.push(squared_slope(at_fake, fake) * r2 as f32);
        }
        if gradient_penalty > 0.0 {
            let shares = random.uniform(real.rows());
            let share = real.graph().matrix([real.rows(), 1], &shares);
            let between = fake + (real - fake) * share;
            let output = self.discriminator_net.forward(leaves, between);
            terms.push(unit_slope(output, between) * gradient_penalty as f32);
        }
        terms.into_iter().reduce(|sum, term| sum + term)
    }

    /// One update of the generator; returns its loss.
    fn learn_to_generate(&mut self, graph: &Graph, batch: &Batch, random: &mut Generator) -> f64 {
        let latents = self.latents(graph, batch.count(), random);
        let leaves = self.generator.leaves(graph);
        let opponent = self.discriminator.leaves(graph);
        let discriminate = |points| self.discriminator_net.forward(&opponent, points);
        let fake = discriminate(self.generator_net.forward(&leaves, latents));
        let real = if self.options.loss.compares() {
            graph.without_recording(|| discriminate(batch.matrix(graph)))
        } else {
            fake
        };
        let loss = self.options.loss.generator(real, fake);
        let gradients = graph.last_gradients(loss, &leaves);
        self.generator.learn(&gradients);
        f64::from(loss.item())
    }

    /// The discriminator's output at points, `[count, 1]`, and the points as a graph node, `[count, 2]`.
    fn discriminate<'g>(&self, graph: &'g Graph, points: &[f32]) -> Result<[Var<'g>; 2]> {
        let count = check_points(points)?;
        let points = graph.matrix([count, DIMENSIONS], points);
        let leaves = self.discriminator.leaves(graph);
        Ok([self.discriminator_net.forward(&leaves, points), points])
    }
}

impl Member for Gan {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            latents: true,
            ..Capabilities::default()
        }
    }

    fn step(&mut self, graph: &mut Graph, batch: &Batch, random: &mut Generator) -> Result<Losses> {
        let parts = batch.parts(self.options.discriminator_steps);
        let mut discriminator = [0.0; 2];
        for part in &parts {
            graph.reset();
            discriminator = self.learn_to_discriminate(graph, part, random);
        }
        let mut generator = 0.0;
        for _ in 0..self.options.generator_steps {
            graph.reset();
            generator = self.learn_to_generate(graph, &parts[0], random);
        }
        let [loss, penalty] = discriminator;
        Ok(vec![
            ("discriminator", loss),
            ("generator", generator),
            ("penalty", penalty),
        ])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.generator, &self.discriminator]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.generator, &mut self.discriminator]
    }

    fn latent_dimensions(&self) -> Option<usize> {
        Some(self.options.latents)
    }

    fn sample(&self, request: &SampleRequest, random: &mut Generator) -> Result<Vec<f32>> {
        request.check_plain(self)?;
        self.decode(&request.start(self.options.latents, random)?)
    }

    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        let width = self.options.latents;
        let count = check_latents(latents, width)?;
        let graph = Graph::new();
        graph.without_recording(|| {
            let latents = graph.matrix([count, width], latents);
            let leaves = self.generator.average_leaves(&graph);
            Ok(self.generator_net.forward(&leaves, latents).to_vec())
        })
    }

    fn fields(&self) -> &'static [&'static str] {
        &["discriminator", "discriminator-gradient"]
    }

    /// `discriminator`, `[count]`: the probability that a point comes from the data if the loss is logistic, otherwise
    /// the discriminator's output. `discriminator-gradient`, `[count, 2]`: the gradient of the output with respect to
    /// the point, along which the generator moves its samples.
    fn field(&self, name: &str, points: &[f32]) -> Result<Vec<f32>> {
        let graph = Graph::new();
        let [output, points] = self.discriminate(&graph, points)?;
        match name {
            "discriminator" if self.options.loss.is_logistic() => Ok(output.sigmoid().to_vec()),
            "discriminator" => Ok(output.to_vec()),
            "discriminator-gradient" => Ok(graph.last_gradients(output, &[points])[0].to_vec()),
            _ => Err(self.lacks(&format!("field {name}"))),
        }
    }
}
