//! The interface between a generative model of points and the trainer.

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::graph::Graph;
use super::network::Network;
use super::request::{Batch, SampleRequest};
use crate::random::Generator;
use crate::{Error, Result};

/// The losses of a step with their names, as shown in menus and charts.
pub type Losses = Vec<(&'static str, f64)>;

/// The quantities that a model can compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Draws samples.
    pub sample: bool,
    /// Computes the log-density of a point: exactly, or up to the error of a quadrature or of an integral along a flow.
    pub log_density: bool,
    /// Computes a lower bound on the log-density.
    pub bound: bool,
    /// Has latents that it can decode to points.
    pub latents: bool,
    /// Computes the score, `∇ ln p(x)`.
    pub score: bool,
    /// Computes an energy: `−ln p(x)` up to a constant.
    pub energy: bool,
}

impl Capabilities {
    /// The names of the available capabilities.
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            (self.sample, "samples"),
            (self.log_density, "log-density"),
            (self.bound, "bound"),
            (self.latents, "latents"),
            (self.score, "score"),
            (self.energy, "energy"),
        ];
        let present = all.into_iter().filter(|(is_present, _)| *is_present);
        present.map(|(_, name)| name).collect()
    }
}

/// The length, batch size and seed of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Batch size: points per training step.
    pub batch: usize,
    /// Total number of training steps, the length of all schedules. Training may continue beyond it.
    pub steps: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

/// A generative model of points, in training. All arrays are standardised and `[count, 2]` in row-major order unless
/// noted otherwise.
///
/// Queries use the averaged weights. A member does not support the queries that it does not override; their errors name
/// the member.
pub trait Member: Any + Debug + Send {
    /// The name of the model in options, for example `"gan"`.
    fn name(&self) -> &'static str;

    /// The quantities that the model can compute.
    fn capabilities(&self) -> Capabilities;

    /// Runs one training step and returns its losses. `graph` is empty; the numbers of the generator depend only on the
    /// seed and the step.
    ///
    /// # Errors
    /// Errors of the member. Losses that are not finite are handled by the trainer.
    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses>;

    /// All networks of the model, in a fixed order.
    fn networks(&self) -> Vec<&Network>;

    /// The same networks, mutable.
    fn networks_mut(&mut self) -> Vec<&mut Network>;

    /// Number of weights that training changes: those of all networks, unless some are frozen.
    fn trainable_count(&self) -> usize {
        let networks = self.networks().into_iter();
        networks.map(Network::parameter_count).sum()
    }

    /// Named state other than weights that a saved run needs, such as persistent chains.
    fn buffers(&self) -> Vec<(&'static str, &Vec<f32>)> {
        Vec::new()
    }

    /// The same buffers, mutable.
    fn buffers_mut(&mut self) -> Vec<(&'static str, &mut Vec<f32>)> {
        Vec::new()
    }

    /// The error for a quantity that the model cannot compute.
    fn lacks(&self, quantity: &str) -> Error {
        let mut present = self.capabilities().names();
        present.extend(self.fields());
        Error::NoCapability {
            model: self.name().to_owned(),
            quantity: quantity.to_owned(),
            present: present.join(", "),
        }
    }

    /// Number of sequential network evaluations per sample.
    fn evaluations(&self) -> usize {
        1
    }

    /// Dimension of the latents, if the model has latents.
    fn latent_dimensions(&self) -> Option<usize> {
        None
    }

    /// Draws samples, `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`], which names the invalid option.
    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        let _ = (request, generator);
        Err(self.lacks("samples"))
    }

    /// `ln p(x)` of points `[count, 2]`, in nats, `[count]`.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid points.
    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        let _ = points;
        Err(self.lacks("log-density"))
    }

    /// A lower bound on `ln p(x)` of points `[count, 2]`, in nats, `[count]`, from `samples` latents per point.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid points.
    fn bound(&self, points: &[f32], samples: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        let _ = (points, samples, generator);
        Err(self.lacks("bound"))
    }

    /// Encodes points `[count, 2]` to latents, `[count, latents]`.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid points.
    fn encode(&self, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks("latents of points"))
    }

    /// Decodes latents `[count, latents]` to points, `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid latents.
    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        let _ = latents;
        Err(self.lacks("latents"))
    }

    /// The score `∇ ln p(x)` at points `[count, 2]`, `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid points.
    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks("score"))
    }

    /// The energy of points `[count, 2]`, `[count]`: `−ln p(x)` up to a constant.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] for invalid points.
    fn energy(&self, points: &[f32]) -> Result<Vec<f64>> {
        let _ = points;
        Err(self.lacks("energy"))
    }

    /// The names of additional functions of a point.
    fn fields(&self) -> &'static [&'static str] {
        &[]
    }

    /// The values at points of the [field](Self::fields) with this name: one or more numbers per point.
    ///
    /// # Errors
    /// [`Error::NoCapability`] for an unknown name, and [`Error::InvalidOption`] for invalid points.
    fn field(&self, name: &str, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks(&format!("field {name}")))
    }
}

/// A type of member: its name, options and construction.
pub trait Family: Member + Sized + 'static {
    /// The name of the model in options, for example `"gan"`.
    const NAME: &'static str;

    /// Options of the model. In JSON they are flat, in camel case and complete. The defaults are a reasonable start for
    /// any data.
    type Options: Serialize + DeserializeOwned + Default;

    /// Named sets of options for lessons and menus.
    fn presets() -> Vec<(&'static str, Self::Options)> {
        Vec::new()
    }

    /// The length, batch size and seed of the training run that the options describe.
    fn plan(options: &Self::Options) -> Plan;

    /// Creates a member with initial weights for data with `classes` classes; 0 if the data have none.
    ///
    /// # Errors
    /// [`Error::InvalidOption`], which names the invalid option.
    fn new(options: &Self::Options, classes: usize, generator: &mut Generator) -> Result<Self>;
}
