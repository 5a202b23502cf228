//! What a generative model of points is to the trainer.

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::graph::Graph;
use super::network::Network;
use super::request::{Batch, SampleRequest};
use crate::random::Generator;
use crate::{Error, Result};

/// The losses of a step by name, as menus and charts show them.
pub type Losses = Vec<(&'static str, f64)>;

/// What a model can compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Draws samples.
    pub sample: bool,
    /// Computes the log-density of a point: exactly, or by quadrature or an integral along a flow to its error.
    pub log_density: bool,
    /// Computes a lower bound of the log-density.
    pub bound: bool,
    /// Maps points to latents and back.
    pub latents: bool,
    /// Computes the score, `∇ ln p(x)`.
    pub score: bool,
    /// Computes an energy, `−ln p(x)` up to a constant.
    pub energy: bool,
}

impl Capabilities {
    /// The names of what is there.
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

/// How long a model is trained, on how much at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Points that a step is given.
    pub batch: usize,
    /// Steps in all, which schedules refer to; training may continue after them.
    pub steps: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

/// A generative model of points that is being trained. All arrays are `[count, 2]` in row-major order and standardised, unless they say otherwise.
///
/// Queries use the averaged weights. What a member does not override, it cannot compute: the error names the member.
pub trait Member: Any + Debug + Send {
    /// Its name in options: `"gan"`.
    fn name(&self) -> &'static str;

    /// What it can compute.
    fn capabilities(&self) -> Capabilities;

    /// One step of training. The graph is empty; the generator's numbers follow from the seed and the step.
    ///
    /// # Errors
    /// Those of the member; a loss that is not finite is left to the trainer.
    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses>;

    /// All its networks, in a fixed order.
    fn networks(&self) -> Vec<&Network>;

    /// The same, to be changed.
    fn networks_mut(&mut self) -> Vec<&mut Network>;

    /// What a training has to remember beside weights: persistent chains, for example.
    fn buffers(&self) -> Vec<(&'static str, &Vec<f32>)> {
        Vec::new()
    }

    /// The same, to be changed.
    fn buffers_mut(&mut self) -> Vec<(&'static str, &mut Vec<f32>)> {
        Vec::new()
    }

    /// The error for a quantity that the member cannot compute.
    fn lacks(&self, quantity: &str) -> Error {
        let mut present = self.capabilities().names();
        present.extend(self.fields());
        Error::NoCapability {
            model: self.name().to_owned(),
            quantity: quantity.to_owned(),
            present: present.join(", "),
        }
    }

    /// Evaluations of a network in sequence for one sample.
    fn evaluations(&self) -> usize {
        1
    }

    /// Draws samples.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] names an option.
    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        let _ = (request, generator);
        Err(self.lacks("samples"))
    }

    /// `ln p(x)` of points, in nats.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the points.
    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        let _ = points;
        Err(self.lacks("log-density"))
    }

    /// A lower bound of `ln p(x)` of points, in nats, with so many samples of the latent for each.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the points.
    fn bound(&self, points: &[f32], samples: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        let _ = (points, samples, generator);
        Err(self.lacks("bound"))
    }

    /// The latents of points.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the points.
    fn encode(&self, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks("latents of points"))
    }

    /// The points of latents.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the latents.
    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        let _ = latents;
        Err(self.lacks("latents"))
    }

    /// The score `∇ ln p(x)` at points.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the points.
    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks("score"))
    }

    /// The energy of points.
    ///
    /// # Errors
    /// [`Error::NoCapability`], and [`Error::InvalidOption`] about the points.
    fn energy(&self, points: &[f32]) -> Result<Vec<f64>> {
        let _ = points;
        Err(self.lacks("energy"))
    }

    /// The names of further functions of a point.
    fn fields(&self) -> &'static [&'static str] {
        &[]
    }

    /// Numbers at points, one or more for each, by the name of the [field](Self::fields).
    ///
    /// # Errors
    /// [`Error::NoCapability`] for another name, and [`Error::InvalidOption`] about the points.
    fn field(&self, name: &str, points: &[f32]) -> Result<Vec<f32>> {
        let _ = points;
        Err(self.lacks(&format!("field {name}")))
    }
}

/// A kind of member: how it is named, configured and made.
pub trait Family: Member + Sized + 'static {
    /// The name in options: `"gan"`.
    const NAME: &'static str;

    /// Its options. As JSON they are flat, in camel case, and all of them are present; the defaults are a good start on any data.
    type Options: Serialize + DeserializeOwned + Default;

    /// Options by name, for lessons and menus.
    fn presets() -> Vec<(&'static str, Self::Options)> {
        Vec::new()
    }

    /// How long it is trained, on how much.
    fn plan(options: &Self::Options) -> Plan;

    /// A member with initial weights, for data of so many classes, 0 where they have none.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option.
    fn new(options: &Self::Options, classes: usize, generator: &mut Generator) -> Result<Self>;
}
