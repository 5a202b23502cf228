//! The feature space of a classifier.

use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::{Classifier, Data, FEATURES, ImageKind};
use crate::checkpoint::tensor_file::TensorFile;
use crate::nn::state_dict;
use crate::random::Generator;
use crate::train::{
    AutodiffModel, LearningRateDecay, LearningRateSchedule, Optimizer, Samples, Shuffle,
};
use crate::{Error, Result};

/// Number of images per batch.
const BATCH: usize = 256;
const ENTRY: &str = "classifier";

/// Training options of the classifier; everything random depends on the seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// Steps of AdamW, with a linear warm-up of 100 steps to 2e-3 and cosine decay.
    pub steps: usize,
    /// Batch size.
    pub batch: usize,
    /// Seed of the initial weights and of the order of the images.
    pub seed: u32,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            steps: 1500,
            batch: 128,
            seed: 0,
        }
    }
}

impl Training {
    fn optimizer(&self) -> Optimizer {
        Optimizer {
            learning_rate: LearningRateSchedule {
                peak: 2e-3,
                warm_up: 100.min(self.steps / 10),
                decay: LearningRateDecay::Cosine,
                steps: self.steps,
            },
            weight_decay: 0.01,
            ema_decay: 0.99,
            ..Optimizer::default()
        }
    }

    fn check(&self) -> Result<()> {
        match self.steps.min(self.batch) {
            0 => Err(Error::invalid(
                "steps and batch of the classifier",
                "at least 1",
                [self.steps, self.batch],
            )),
            _ => Ok(()),
        }
    }
}

/// Provenance of a [`FeatureSpace`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Shape of the images.
    pub kind: ImageKind,
    /// Number of training images.
    pub train: usize,
    /// Number of held-out images.
    pub held_out: usize,
    /// Accuracy on the held-out images, 0 to 1.
    pub accuracy: f64,
    /// [`Data::checksum`]
    pub checksum: u32,
    /// Number of training steps.
    pub steps: usize,
    /// Seed of the training.
    pub seed: u32,
}

/// The features of a trained [`Classifier`].
#[derive(Clone, Debug)]
pub struct FeatureSpace {
    classifier: Classifier,
    about: About,
    device: Device,
}

impl FeatureSpace {
    /// Trains a classifier on the data and measures its accuracy on the held-out images. `progress` is called with the
    /// number of completed steps and the loss.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero steps or an empty batch, [`Error::Diverged`] where the loss is not finite.
    pub fn train(
        data: &Data,
        training: &Training,
        device: &Device,
        mut progress: impl FnMut(usize, f64),
    ) -> Result<Self> {
        training.check()?;
        let kind = data.kind();
        let network = Classifier::new(kind, &mut Generator::new(training.seed), device)?;
        let mut model = AutodiffModel::new(network, device);
        let optimizer = training.optimizer();
        let mut shuffle = Shuffle::new(training.seed, data.train.len());
        let mut rows = Vec::new();
        let tracked = device.clone().autodiff();
        for step in 0..training.steps {
            shuffle.batch(step, training.batch, &mut rows);
            let batch = data.train.select(&rows)?;
            let (images, classes) = (batch.to_tensor(&tracked), classes(&batch, &tracked));
            let of_batch = |network: &Classifier| network.loss(images, classes);
            let loss: f64 = model
                .apply_gradients(of_batch, &optimizer.update(step))
                .into_scalar();
            if !loss.is_finite() {
                return Err(Error::Diverged { step, loss });
            }
            progress(step + 1, loss);
        }
        let mut space = Self {
            classifier: model.ema(),
            about: About {
                kind,
                train: data.train.len(),
                held_out: data.held_out.len(),
                accuracy: 0.0,
                checksum: data.checksum(),
                steps: training.steps,
                seed: training.seed,
            },
            device: device.clone(),
        };
        let features = space.features(&data.held_out)?;
        space.about.accuracy = space.accuracy(&features, data.held_out.classes());
        Ok(space)
    }

    /// Provenance.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Feature vectors of images, `[images, 64]` in row-major order.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for images of another size or number of channels.
    pub fn features(&self, images: &Samples<4>) -> Result<Vec<f32>> {
        let ImageKind { channels, size, .. } = self.about.kind;
        let expected = [channels, size[0], size[1]];
        let shape = images.shape();
        if shape[1..] != expected {
            let expected = format!("[channels, height, width] = {expected:?}");
            return Err(Error::invalid("images", expected, &shape[1..]));
        }
        let mut features = Vec::with_capacity(images.len() * FEATURES);
        for start in (0..images.len()).step_by(BATCH) {
            let rows: Vec<usize> = (start..images.len().min(start + BATCH)).collect();
            let batch = images.select(&rows)?.to_tensor(&self.device);
            let of_batch = self.classifier.features(batch).into_data();
            features.extend(of_batch.iter::<f32>());
        }
        Ok(features)
    }

    /// Most likely class of each feature vector.
    pub fn classify(&self, features: &[f32]) -> Vec<usize> {
        let rows = features.len() / FEATURES;
        let features: Tensor<1> = Tensor::from_data(features, &self.device);
        let logits = self.classifier.logits(features.reshape([rows, FEATURES]));
        let classes: Tensor<2, Int> = logits.argmax(1);
        let classes = classes.into_data();
        classes.iter::<i64>().map(|class| class as usize).collect()
    }

    /// Fraction of the feature vectors whose most likely class is the one in `classes`.
    pub fn accuracy(&self, features: &[f32], classes: &[usize]) -> f64 {
        let found = self.classify(features);
        let right = found.iter().zip(classes);
        let right = right.filter(|(found, class)| found == class).count();
        right as f64 / classes.len() as f64
    }

    /// Encodes the feature space as a safetensors file.
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut file = TensorFile::default();
        file.describe(ENTRY, &self.about)?;
        for parameter in state_dict::parameters(&self.classifier) {
            file.put_tensor("", &parameter.named())?;
        }
        file.write()
    }

    /// Decodes the output of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::MalformedFile`] for other bytes, [`Error::MissingTensor`] and [`Error::TensorShape`] for missing or
    /// invalid tensors.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let mut file = TensorFile::read(bytes)?;
        let about: About = file.described(ENTRY)?;
        let tensors = file.take_tensors("", device)?;
        let network = Classifier::new(about.kind, &mut Generator::new(0), device)?;
        let read = state_dict::parameters(&network);
        let read = read
            .iter()
            .map(|parameter| parameter.find(&tensors, device));
        let read: Vec<Tensor<1>> = read.collect::<Result<_>>()?;
        Ok(Self {
            classifier: state_dict::replaced(network, &read),
            about,
            device: device.clone(),
        })
    }
}

fn classes(samples: &Samples<4>, device: &Device) -> Tensor<1, Int> {
    let classes: Vec<i32> = samples
        .classes()
        .iter()
        .map(|class| *class as i32)
        .collect();
    Tensor::from_data(classes.as_slice(), device)
}
