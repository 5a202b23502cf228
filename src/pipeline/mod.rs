//! Image models ready for sampling: network, schedule and labels.

mod bound;
mod inversion;
mod latents;
mod likelihood;
mod options;
mod pixels;
mod point_model;
mod restore;
mod synchronise;
mod unet_denoiser;

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Map, Value};

pub use bound::{BoundOptions, ImageBound};
pub use inversion::InversionOptions;
pub use latents::{Integrator, LatentOptions};
pub use likelihood::{Dequantisation, ImageLikelihood, LikelihoodOptions};
pub use options::{SampleOptions, Start};
pub use pixels::{DataRange, rgba};
pub use point_model::PointModel;
pub use restore::{Observed, RePaintOptions, Restoration, RestoreMethod, RestoreOptions};
pub use synchronise::{SynchroniseOptions, SynchronisedSampling};
pub use unet_denoiser::{Guidance, UNetDenoiser};

use crate::checkpoint::{Checkpoint, SchedulerConfig};
use crate::diffusion::{NoiseLevel, Process, Sde};
use crate::nn::{UNet2d, UNet2dConfig};
use crate::random::Generator;
use crate::sampler::{Method, Run, Sampling};
use crate::{Error, Result};

/// A pretrained image diffusion model on a device.
///
/// ```no_run
/// use tweedie::{Checkpoint, Pipeline, SampleOptions};
/// let device = burn::tensor::Device::flex();
/// let checkpoint = Checkpoint::read_folder("www/models/mnist".as_ref())?;
/// let pipeline = Pipeline::new(checkpoint, &device)?;
/// let mut sampling = pipeline.sample(&SampleOptions {
///     steps: Some(20),
///     class_labels: vec![7],
///     ..SampleOptions::default()
/// })?;
/// while sampling.step()?.is_some() {}
/// println!("{}", sampling.noisy()); // [1, 1, 28, 28], values in [−1, 1]
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Debug)]
pub struct Pipeline {
    unet: UNet2d,
    config: UNet2dConfig,
    scheduler: SchedulerConfig,
    scheduler_json: Map<String, Value>,
    labels: Option<Vec<String>>,
    null_class_label: Option<usize>,
    device: Device,
}

impl Pipeline {
    /// Loads the checkpoint's network onto the device and frees its bytes.
    ///
    /// # Errors
    /// Unsupported configuration values, by the name of the option, and tensors that are missing, unused or of a wrong
    /// shape.
    pub fn new(checkpoint: Checkpoint, device: &Device) -> Result<Self> {
        let scheduler_json = checkpoint.scheduler_config().clone();
        let scheduler = SchedulerConfig::from_json(&scheduler_json)?;
        let config = checkpoint.unet_config().clone();
        if let Some(kind) = config.class_embed_type {
            let supported = "null, with num_class_embeds; the network alone takes the others too";
            return Err(Error::unsupported("class_embed_type", kind, supported));
        }
        let (channels, outputs) = (config.in_channels, config.out_channels);
        let expected = if scheduler.variance.is_learned() {
            2 * channels
        } else {
            channels
        };
        if outputs != expected {
            let expected = format!("{expected}, as required by in_channels and variance_type");
            return Err(Error::invalid("out_channels", expected, outputs));
        }
        if options::most_images(&config, 1.0) == 0 {
            let expected = "so small that one image fits in memory";
            return Err(Error::invalid(
                "sample_size",
                expected,
                config.sample_size(),
            ));
        }
        Ok(Self {
            labels: checkpoint.labels().map(<[String]>::to_vec),
            null_class_label: checkpoint.null_class_label(),
            unet: checkpoint.load_unet(device)?,
            config,
            scheduler,
            scheduler_json,
            device: device.clone(),
        })
    }

    /// Height and width of the training images.
    pub fn sample_size(&self) -> [usize; 2] {
        self.config.sample_size()
    }

    /// Number of channels of an image: 1 is grey, 3 is RGB.
    pub fn channels(&self) -> usize {
        self.config.in_channels
    }

    /// Number of weights of the network.
    pub fn parameter_count(&self) -> usize {
        self.unet.parameter_count()
    }

    /// Names of the classes, if the checkpoint has them.
    pub fn labels(&self) -> Option<&[String]> {
        self.labels.as_deref()
    }

    /// Number of class labels, including the null class; 0 for an unconditional network.
    pub fn class_count(&self) -> usize {
        self.config.class_count()
    }

    /// Label of the null class, which classifier-free guidance requires.
    pub fn null_class_label(&self) -> Option<usize> {
        self.null_class_label
    }

    /// Range of pixel values of this model, from black to white.
    pub fn data_range(&self) -> DataRange {
        match self.scheduler.process {
            Process::Sde(Sde::VarianceExploding { .. }) => DataRange::Unit,
            _ => DataRange::Symmetric,
        }
    }

    /// The parsed `scheduler_config.json`.
    pub fn scheduler(&self) -> &SchedulerConfig {
        &self.scheduler
    }

    /// The unmodified contents of `scheduler_config.json`.
    pub fn scheduler_json(&self) -> &Map<String, Value> {
        &self.scheduler_json
    }

    /// The method of the checkpoint's own scheduler.
    pub fn default_method(&self) -> Method {
        self.scheduler.method.clone()
    }

    /// Starts a sampling run; nothing is computed before the first step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option that is out of range.
    pub fn sample(&self, options: &SampleOptions) -> Result<ImageSampling> {
        let plan = options.check(self, self.sample_size())?;
        let denoiser = self.denoiser(&plan.class_labels, options.guidance());
        Ok(Run::new(
            self.sampling(options, plan, self.sample_size())?,
            denoiser,
        ))
    }

    /// Initial noise of images of this size, and the generator of all further noise.
    fn noise(
        &self,
        options: &SampleOptions,
        batch: usize,
        [height, width]: [usize; 2],
    ) -> (Tensor<4>, Generator) {
        let shape = [batch, self.channels(), height, width];
        let mut generator = Generator::new(options.seed);
        let noise = match &options.initial_noise {
            Some(noise) => noise.clone(),
            None => generator.normal(shape.iter().product()),
        };
        let noise = Tensor::from_data(TensorData::new(noise, shape), &self.device);
        (noise, generator)
    }

    /// The loop of a sampling run of images of this size.
    fn sampling(
        &self,
        options: &SampleOptions,
        plan: options::Plan,
        size: [usize; 2],
    ) -> Result<Sampling<4>> {
        let (noise, generator) = self.noise(options, plan.batch, size);
        let scheduler = plan.scheduler;
        let mut evaluations = scheduler.method.plan(&plan.trajectory)?;
        // Preconditioned models that end with some noise end in a scale of their own.
        if let (Process::Edm { .. } | Process::Consistency { .. }, Some(last)) =
            (&scheduler.process, plan.trajectory.steps.last())
        {
            evaluations.divide_end(last.to.alpha);
        }
        let noisy = match (&options.start, evaluations.first_level()) {
            (Some(start), Some(level)) => self.noisy(start, noise, level),
            _ => noise * plan.trajectory.initial_noise,
        };
        Ok(Sampling::new(
            noisy,
            evaluations,
            scheduler.clipping,
            generator,
        ))
    }

    /// The given images with the noise of a level.
    fn noisy(&self, start: &Start, noise: Tensor<4>, level: NoiseLevel) -> Tensor<4> {
        let images = TensorData::new(start.images.clone(), noise.dims());
        let images = self
            .data_range()
            .to_model(Tensor::from_data(images, &self.device));
        images * level.alpha + noise * level.sigma
    }

    fn denoiser(&self, class_labels: &[usize], guidance: Guidance) -> UNetDenoiser {
        let denoiser = UNetDenoiser::new(
            self.unet.clone(),
            self.scheduler.prediction,
            self.channels(),
        );
        match (class_labels, self.null_class_label) {
            ([], _) => denoiser,
            (labels, Some(null)) if guidance.scale != 1.0 => {
                denoiser.guided(labels, null, guidance, &self.device)
            }
            (labels, _) => denoiser.conditional(labels, &self.device),
        }
    }
}

/// A sampling run of a [`Pipeline`]; independent of the lifetime of the pipeline. Its tensors are
/// `[batch, channels, height, width]`.
pub type ImageSampling = Run<UNetDenoiser, 4>;
