//! Point models with their noise schedule.

use burn::tensor::{Device, Tensor, TensorData};

use super::Schedule;
use super::schedule::{level_at, scheduler};
use crate::checkpoint::SchedulerConfig;
use crate::dataset::GaussianMixture;
use crate::diffusion::{
    Denoiser, Estimate, IdealDenoiser, MAX_COORDINATE, NoiseLevel, NoiseSchedule, Prediction,
    Quantity,
};
use crate::pipeline::PointModel;
use crate::sampler::Clipping;
use crate::{Error, Result};

/// A point model ready for sampling: a denoiser and its noise schedule.
///
/// ```
/// use burn::tensor::Device;
/// use tweedie::dataset::{Named, PointData};
/// use tweedie::points::{PointPipeline, PointSampleOptions, Schedule};
///
/// let data = PointData::draw(Named::TwoMoons, 500, 0)?;
/// let ideal = PointPipeline::of_points(data.points(), Schedule::default(), &Device::flex())?;
/// let mut sampling = ideal.sample(&PointSampleOptions { count: Some(10), ..Default::default() })?;
/// while sampling.step()?.is_some() {}
/// println!("{}", sampling.noisy()); // ten of the 500 points
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PointPipeline {
    pub(super) denoiser: PointDenoiser,
    pub(super) schedule: NoiseSchedule,
    pub(super) scheduler: SchedulerConfig,
    pub(super) device: Device,
}

/// Denoiser of points.
#[derive(Clone, Debug)]
pub enum PointDenoiser {
    /// The exact posterior mean.
    Ideal(IdealDenoiser),
    /// A trained network.
    Learned(PointModel),
}

impl Denoiser<2> for PointDenoiser {
    fn denoise(&self, noisy: Tensor<2>, level: NoiseLevel) -> Estimate<2> {
        match self {
            Self::Ideal(ideal) => ideal.denoise(noisy, level),
            Self::Learned(model) => model.denoise(noisy, level),
        }
    }

    fn denoise_with_divergence(
        &self,
        noisy: &Tensor<2>,
        level: NoiseLevel,
    ) -> Option<(Estimate<2>, Tensor<1>)> {
        match self {
            Self::Ideal(ideal) => ideal.denoise_with_divergence(noisy, level),
            Self::Learned(model) => model.denoise_with_divergence(noisy, level),
        }
    }
}

/// Upper limit of the points in one call.
const MAX_POINTS: usize = 1 << 20;

/// Range of standardised data. A network's estimates of `x_0` near pure noise are its error, magnified by
/// `sigma/alpha`; sampling clips them to this range.
const DATA_RANGE: f64 = 6.0;

impl PointPipeline {
    /// The ideal model of the given points, which can only reproduce them.
    ///
    /// # Errors
    /// Those of the schedule.
    pub fn of_points(points: &[[f32; 2]], schedule: Schedule, device: &Device) -> Result<Self> {
        if !(1..=MAX_POINTS).contains(&points.len()) {
            let expected = format!("1 to {MAX_POINTS} points");
            return Err(Error::invalid("points", expected, points.len()));
        }
        check_coordinates("points", points.as_flattened())?;
        let numbers = TensorData::new(points.as_flattened().to_vec(), [points.len(), 2]);
        let ideal = IdealDenoiser::of_points(Tensor::from_data(numbers, device));
        let schedule = schedule.noise_schedule()?;
        Self::new(
            PointDenoiser::Ideal(ideal),
            Prediction::Noise,
            schedule,
            device,
        )
    }

    /// The ideal model of a Gaussian mixture.
    ///
    /// # Errors
    /// Those of the mixture and of the schedule.
    pub fn of_mixture(
        mixture: &GaussianMixture,
        schedule: Schedule,
        device: &Device,
    ) -> Result<Self> {
        let ideal = mixture.denoiser(device)?;
        let schedule = schedule.noise_schedule()?;
        Self::new(
            PointDenoiser::Ideal(ideal),
            Prediction::Noise,
            schedule,
            device,
        )
    }

    /// A model trained on a discrete schedule.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for models of other processes.
    pub fn learned(model: PointModel, device: &Device) -> Result<Self> {
        let Some(schedule) = model.process().schedule().cloned() else {
            let supported = "one in timesteps";
            return Err(Error::unsupported("process", model.process(), supported));
        };
        let prediction = model.prediction();
        Self::new(PointDenoiser::Learned(model), prediction, schedule, device)
    }

    fn new(
        denoiser: PointDenoiser,
        prediction: Prediction,
        schedule: NoiseSchedule,
        device: &Device,
    ) -> Result<Self> {
        Ok(Self {
            denoiser,
            scheduler: scheduler(&schedule, prediction)?,
            schedule,
            device: device.clone(),
        })
    }

    /// The denoiser.
    pub fn denoiser(&self) -> &PointDenoiser {
        &self.denoiser
    }

    /// Dimension of the points: 2 in the plane, 1 on a line.
    pub fn dimensions(&self) -> usize {
        match &self.denoiser {
            PointDenoiser::Ideal(ideal) => ideal.features(),
            PointDenoiser::Learned(model) => model.network().config().features,
        }
    }

    /// Number of weights of the network; 0 for an ideal model.
    pub fn parameter_count(&self) -> usize {
        match &self.denoiser {
            PointDenoiser::Ideal(_) => 0,
            PointDenoiser::Learned(model) => model.network().config().parameter_count(),
        }
    }

    /// Noise schedule of the model.
    pub fn schedule(&self) -> &NoiseSchedule {
        &self.schedule
    }

    /// Scheduler configuration for sampling.
    pub fn scheduler(&self) -> &SchedulerConfig {
        &self.scheduler
    }

    /// Warnings about a noise schedule that does not end in noise, as sentences: [`SchedulerConfig::warnings`].
    pub fn warnings(&self) -> Vec<String> {
        self.scheduler.warnings()
    }

    /// A quantity at points `[count, dimensions]` at a time of the schedule, in the same shape.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a time that is not between 0 and `T − 1`, and for an empty list of points or points
    /// that are not finite.
    pub fn field(&self, points: &[f32], time: f64, quantity: Quantity) -> Result<Tensor<2>> {
        let level = self.level_at("time", time)?;
        let points = self.points("points", points)?;
        Ok(quantity.of(&self.denoiser, points, level))
    }

    /// Clipping of the clean estimate in sampling.
    pub(super) fn clipping(&self) -> Clipping {
        match &self.denoiser {
            PointDenoiser::Ideal(_) => Clipping::None,
            PointDenoiser::Learned(_) => Clipping::Range(DATA_RANGE),
        }
    }

    /// The level at a time of the schedule.
    pub(super) fn level_at(&self, name: &str, time: f64) -> Result<NoiseLevel> {
        level_at(&self.schedule, name, time)
    }

    /// Checks the given numbers and returns them as points of this model, `[count, dimensions]`.
    pub(super) fn points(&self, name: &str, numbers: &[f32]) -> Result<Tensor<2>> {
        let dimensions = self.dimensions();
        let count = numbers.len() / dimensions;
        if !(1..=MAX_POINTS).contains(&count) || numbers.len() != count * dimensions {
            let expected = format!("1 to {MAX_POINTS} points, [count, {dimensions}]");
            let found = format!("{} numbers", numbers.len());
            return Err(Error::invalid(name, expected, found));
        }
        check_coordinates(name, numbers)?;
        let data = TensorData::new(numbers.to_vec(), [count, dimensions]);
        Ok(Tensor::from_data(data, &self.device))
    }
}

fn check_coordinates(name: &str, numbers: &[f32]) -> Result<()> {
    let range = -MAX_COORDINATE..=MAX_COORDINATE;
    match numbers.iter().find(|x| !range.contains(&f64::from(**x))) {
        Some(x) => {
            let expected = "finite numbers from -1e6 to 1e6";
            Err(Error::invalid(name, expected, x))
        }
        None => Ok(()),
    }
}
