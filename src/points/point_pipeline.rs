//! A model of points with its noise schedule.

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

/// A model of points, ready to sample: what estimates the clean point, and the noise schedule that it was made for.
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

/// What estimates the clean point.
#[derive(Clone, Debug)]
pub enum PointDenoiser {
    /// The exact posterior mean.
    Ideal(IdealDenoiser),
    /// A network that was trained.
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

/// As many points as are computed at once.
const MAX_POINTS: usize = 1 << 20;

/// Where standardised data lie. A network's estimates of `x_0` at nearly pure noise are its error magnified by `sigma/alpha`, and are clipped to this when sampling.
const DATA_RANGE: f64 = 6.0;

impl PointPipeline {
    /// The ideal model of the points themselves, which can only reproduce them.
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

    /// The ideal model of a mixture of Gaussians.
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

    /// A model that was trained on a discrete schedule.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a model of another process.
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

    /// What estimates the clean point.
    pub fn denoiser(&self) -> &PointDenoiser {
        &self.denoiser
    }

    /// Numbers of a point: 2 in the plane, 1 on a line.
    pub fn dimensions(&self) -> usize {
        match &self.denoiser {
            PointDenoiser::Ideal(ideal) => ideal.features(),
            PointDenoiser::Learned(model) => model.network().config().features,
        }
    }

    /// Numbers in the network's weights; 0 for an ideal model.
    pub fn parameter_count(&self) -> usize {
        match &self.denoiser {
            PointDenoiser::Ideal(_) => 0,
            PointDenoiser::Learned(model) => model.network().config().parameter_count(),
        }
    }

    /// The noise schedule that it was made for.
    pub fn schedule(&self) -> &NoiseSchedule {
        &self.schedule
    }

    /// The configuration by which samplers run.
    pub fn scheduler(&self) -> &SchedulerConfig {
        &self.scheduler
    }

    /// Sentences about a noise schedule that sampling cannot begin from: [`SchedulerConfig::warnings`].
    pub fn warnings(&self) -> Vec<String> {
        self.scheduler.warnings()
    }

    /// What it says about points `[count, dimensions]` at a time of the schedule, in the same shape.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a time that is not between 0 and `T − 1`, and for points that are not finite or none.
    pub fn field(&self, points: &[f32], time: f64, quantity: Quantity) -> Result<Tensor<2>> {
        let level = self.level_at("time", time)?;
        let points = self.points("points", points)?;
        Ok(quantity.of(&self.denoiser, points, level))
    }

    /// What samplers do with estimates of the clean point.
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

    /// Given numbers as points of this model, `[count, dimensions]`.
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
