//! Restoration of images from observations.

mod options;
mod own_steps;

use burn::tensor::{Tensor, TensorData};

pub use options::{RePaintOptions, RestoreMethod, RestoreOptions};

use super::{DataRange, Pipeline, SampleOptions, UNetDenoiser};
use crate::random::Generator;
use crate::restore::{Correction, Degradation, Observation, Operator, Restorer};
use crate::sampler::{Progress, Run};
use crate::{Error, Result};

impl Pipeline {
    /// Degrades images, `[batch, channels, height, width]` with values in [−1, 1]: `A(x) + noise·z`, in the same units.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `images`.
    pub fn observe(
        &self,
        images: &[f32],
        degradation: &Degradation,
        noise: f64,
        seed: u32,
    ) -> Result<Tensor<4>> {
        options::check_noise(noise)?;
        let images = self.images(images)?;
        let operator = degradation.operator(self.image_shape(), [-1.0, 1.0], &self.device)?;
        let observed = operator.apply(images);
        if noise == 0.0 {
            return Ok(observed);
        }
        let shape = observed.dims();
        let values = Generator::new(seed).normal(shape.iter().product());
        let random = Tensor::from_data(TensorData::new(values, shape), &self.device);
        Ok(operator.known(observed + random * noise))
    }

    /// Samples the posterior of images for observations `[observations, …]` in the shape that
    /// [`observe`](Self::observe) returns: one observation for all answers, or one for each. Nothing is computed before
    /// the first step.
    ///
    /// ```
    /// use tweedie::pipeline::RestoreOptions;
    /// use tweedie::restore::Degradation;
    /// use tweedie::{Checkpoint, Pipeline, SampleOptions};
    ///
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
    /// let checkpoint = Checkpoint::read_folder(folder.as_ref())?;
    /// let pipeline = Pipeline::new(checkpoint, &burn::tensor::Device::flex())?;
    /// let observation = vec![-0.5; 7 * 7]; // 28 × 28 pixels, 4 × 4 of which are one number
    /// let mut restoration = pipeline.restore(&observation, &RestoreOptions {
    ///     noise: 0.05,
    ///     sample: SampleOptions { steps: Some(2), batch: Some(3), ..SampleOptions::default() },
    ///     ..RestoreOptions::new(Degradation::Downsample { factor: 4 })
    /// })?;
    /// while restoration.step()?.is_some() {}
    /// assert_eq!(restoration.noisy().dims(), [3, 1, 28, 28]);
    /// assert_eq!(restoration.residual().map(|residual| residual.dims()), Some([3]));
    /// # Ok::<(), tweedie::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, or `observation`.
    pub fn restore(&self, observation: &[f32], options: &RestoreOptions) -> Result<Restoration> {
        let method = options.chosen()?;
        let (observation, count) = self.observation(observation, options)?;
        let sample = SampleOptions {
            batch: answers(&options.sample, count)?,
            ..options.sample.clone()
        };
        let observed = Observed {
            observation: observation.clone(),
            range: self.data_range(),
        };
        let Some(correction) = method.correction() else {
            let run = self.with_own_steps(observation, &sample, method)?;
            return Ok(Restoration { run, observed });
        };
        let plan = sample.check(self, self.sample_size())?;
        check_count(count, plan.batch)?;
        if correction.needs_gradient() {
            options::check_gradients(self, &sample, plan.batch)?;
        }
        let denoiser = self.denoiser(&plan.class_labels, sample.guidance());
        let denoiser =
            Restorer::new(denoiser, observation, correction).clipped(plan.scheduler.clipping);
        let sampling = self.sampling(&sample, plan, self.sample_size())?;
        Ok(Restoration {
            run: Run::new(sampling, denoiser),
            observed,
        })
    }

    fn image_shape(&self) -> [usize; 3] {
        let [height, width] = self.sample_size();
        [self.channels(), height, width]
    }

    /// The observation in the units of the model, and the number of observed images.
    fn observation(
        &self,
        values: &[f32],
        options: &RestoreOptions,
    ) -> Result<(Observation<4>, usize)> {
        let range = self.data_range();
        let shape = self.image_shape();
        let operator = options
            .degradation
            .operator(shape, range.limits(), &self.device)?;
        let [channels, height, width] = shape;
        let black = Tensor::zeros([1, channels, height, width], &self.device);
        let values = self.observed_values(values, operator.apply(black.clone()).dims())?;
        let count = values.dims()[0];
        // A(x) for x = scale·image + offset.
        let offset = range.to_model(black);
        let offset = match &operator {
            Operator::Linear(operator) => operator.apply(offset),
            Operator::Quantise { .. } => offset,
        };
        let observation = Observation {
            values: operator.known(values) * range.scale() + offset,
            operator,
            noise: options.noise * range.scale(),
            data_variance: range.scale().powi(2),
        };
        Ok((observation, count))
    }

    fn observed_values(&self, values: &[f32], shape: [usize; 4]) -> Result<Tensor<4>> {
        let [_, channels, height, width] = shape;
        let (name, numbers) = ("observation", channels * height * width);
        if values.is_empty() || !values.len().is_multiple_of(numbers) {
            let expected = format!(
                "{numbers} numbers for each observation, [{channels}, {height}, {width}] for this operator"
            );
            let found = format!("{} numbers", values.len());
            return Err(Error::invalid(name, expected, found));
        }
        if let Some(value) = values.iter().find(|value| !(-1e6..=1e6).contains(*value)) {
            let expected = "finite numbers of at most 1000000 in size";
            return Err(Error::invalid(name, expected, value));
        }
        let shape = [values.len() / numbers, channels, height, width];
        let data = TensorData::new(values.to_vec(), shape);
        Ok(Tensor::from_data(data, &self.device))
    }
}

/// The number of answers, where it follows from the number of observations.
fn answers(options: &SampleOptions, observations: usize) -> Result<Option<usize>> {
    match (options.batch, options.class_labels.len()) {
        (None, 0 | 1) => Ok(Some(observations)),
        (batch, _) => Ok(batch),
    }
}

/// Checks that there is one observation for all answers, or one for each.
fn check_count(observations: usize, answers: usize) -> Result<()> {
    if observations == 1 || observations == answers {
        return Ok(());
    }
    let expected = format!("one for all, or one for each of the {answers} answers");
    let found = format!("{observations} observations");
    Err(Error::invalid("observation", expected, found))
}

/// A restoration in progress; independent of the lifetime of the pipeline.
#[derive(Clone, Debug)]
pub struct Restoration {
    run: Run<Restorer<UNetDenoiser, 4>, 4>,
    observed: Observed,
}

impl Restoration {
    /// Evaluates the network once; returns `None` once the run is complete.
    ///
    /// # Errors
    /// Those of [`Run::step`].
    pub fn step(&mut self) -> Result<Option<Progress>> {
        self.run.step()
    }

    /// Total number of network evaluations.
    pub fn steps(&self) -> usize {
        self.run.steps()
    }

    /// The current samples `x_t`, `[answers, channels, height, width]`.
    pub fn noisy(&self) -> Tensor<4> {
        self.run.noisy()
    }

    /// The latest estimates of the images; `None` before the first step.
    pub fn clean(&self) -> Option<Tensor<4>> {
        self.run.clean()
    }

    /// The current samples, verified: see [`Run::verified`].
    ///
    /// # Errors
    /// Those of [`Run::verified`].
    pub fn verified(&mut self) -> Result<Tensor<4>> {
        self.run.verified()
    }

    /// [`Observed::residual`] of the latest estimates; `None` before the first step.
    pub fn residual(&self) -> Option<Tensor<1>> {
        Some(self.observed.residual(self.clean()?))
    }

    /// [`Observed::mean`] of the latest estimates; `None` before the first step.
    pub fn mean(&self) -> Option<Tensor<4>> {
        Some(self.observed.mean(self.clean()?))
    }

    /// [`Observed::std`] of the latest estimates; `None` before the first step.
    pub fn std(&self) -> Option<Tensor<4>> {
        Some(self.observed.std(self.clean()?))
    }

    /// The run, and the observation of its images.
    pub fn into_parts(self) -> (Run<Restorer<UNetDenoiser, 4>, 4>, Observed) {
        (self.run, self.observed)
    }
}

/// The observation of a [`Restoration`], and the measurements of images that refer to it.
#[derive(Clone, Debug)]
pub struct Observed {
    observation: Observation<4>,
    range: DataRange,
}

impl Observed {
    /// Root mean square of `y − A·x` for each image `x` in the range of the model, `[answers]`, in units of [−1, 1].
    /// The residual of the true image is about as large as the observation's noise.
    pub fn residual(&self, images: Tensor<4>) -> Tensor<1> {
        self.observation.residual_rms(images) / self.range.scale()
    }

    /// Mean over the images in units of [−1, 1], `[1, channels, height, width]`.
    pub fn mean(&self, images: Tensor<4>) -> Tensor<4> {
        self.range.from_model(images.mean_dim(0))
    }

    /// Standard deviation over `n` images in units of [−1, 1], with the divisor `n − 1`; 0 for one image.
    pub fn std(&self, images: Tensor<4>) -> Tensor<4> {
        let count = images.dims()[0];
        let difference = images.clone() - images.mean_dim(0);
        let squares = (difference.clone() * difference).sum_dim(0);
        (squares / count.saturating_sub(1).max(1) as f64).sqrt() / self.range.scale()
    }
}

/// The correction of methods with steps of their own, which do not correct the estimate.
const UNCORRECTED: Correction = Correction::None;
