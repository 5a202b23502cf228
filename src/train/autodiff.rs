//! Training steps for any network by automatic differentiation.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{
    AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer as _,
};
use burn::tensor::{Device, Tensor};

use serde_json::Value;

use super::objective::loss;
use super::{Batch, Parameters, TrainableModel, Update};
use crate::Result;
use crate::diffusion::NoiseLevel;
use crate::nn::{Mlp, NamedTensor, UNet2d, state_dict};

/// A network that can be trained as a denoiser.
pub trait Network<const D: usize>: Module {
    /// Output for noisy samples, in their shape. Each sample has its own level, and a class unless `classes` is empty.
    fn predict(&self, noisy: Tensor<D>, levels: &[NoiseLevel], classes: &[usize]) -> Tensor<D>;

    /// Configuration as JSON; null where the network does not store it.
    fn config(&self) -> Value {
        Value::Null
    }
}

impl Network<2> for Mlp {
    fn predict(&self, noisy: Tensor<2>, levels: &[NoiseLevel], _classes: &[usize]) -> Tensor<2> {
        self.forward(noisy, levels)
    }

    fn config(&self) -> Value {
        serde_json::to_value(Mlp::config(self)).unwrap_or_default()
    }
}

impl Network<4> for UNet2d {
    fn predict(&self, noisy: Tensor<4>, levels: &[NoiseLevel], classes: &[usize]) -> Tensor<4> {
        let device = noisy.device();
        let times: Vec<f32> = levels.iter().map(|level| level.time as f32).collect();
        let labels: Vec<i32> = classes.iter().map(|class| *class as i32).collect();
        let labels = (!labels.is_empty()).then(|| Tensor::from_data(labels.as_slice(), &device));
        self.forward(noisy, Tensor::from_data(times.as_slice(), &device), labels)
    }
}

/// Any [`Network`] with Adam, on any device.
///
/// Burn's AdamW computes the update of each parameter. Gradient clipping, the EMA and saving are implemented here: Burn
/// clips each parameter by its own norm, has no EMA, and blocks while saving.
#[derive(Clone, Debug)]
pub struct AutodiffModel<N> {
    network: N,
    device: Device,
    /// EMA of each parameter, in the order in which the network is visited.
    ema: Vec<Tensor<1>>,
    moments: Vec<[Tensor<1>; 2]>,
}

impl<N: Module> AutodiffModel<N> {
    /// An untrained model, whose EMA is initialised with its weights.
    pub fn new(network: N, device: &Device) -> Self {
        let weights = state_dict::parameters(&network);
        let ema: Vec<Tensor<1>> = weights.into_iter().map(|weights| weights.values).collect();
        let zeros = |weights: &Tensor<1>| [weights.zeros_like(), weights.zeros_like()];
        Self {
            network: network.train(),
            device: device.clone(),
            moments: ema.iter().map(zeros).collect(),
            ema,
        }
    }

    /// The network with its current weights.
    pub fn network(&self) -> N {
        self.network.valid()
    }

    /// The network with the EMA of its weights.
    pub fn ema(&self) -> N {
        state_dict::replaced(self.network.valid(), &self.ema)
    }

    /// One optimiser step for any loss, `[1]`, of a network with tracked weights. Returns the loss before the step.
    pub fn apply_gradients(
        &mut self,
        loss: impl FnOnce(&N) -> Tensor<1>,
        update: &Update,
    ) -> Tensor<1> {
        let loss = loss(&self.network);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let most = update.optimizer.max_gradient_norm;
        let scale = most.map(|most| clipping(&self.network, &gradients, most, &self.device));
        let mut step = AdamStep {
            gradients,
            scale,
            adam: adam(update),
            update,
            ema: self.ema.iter_mut(),
            moments: self.moments.iter_mut(),
        };
        self.network = self.network.clone().map(&mut step);
        loss.inner()
    }
}

impl<N: Network<D>, const D: usize> TrainableModel<D> for AutodiffModel<N> {
    fn train_step(&mut self, batch: &Batch<D>, update: &Update) -> Tensor<1> {
        let noisy = batch.noisy(&self.device.clone().autodiff());
        let of_batch =
            |network: &N| loss(network.predict(noisy, &batch.levels, &batch.classes), batch);
        self.apply_gradients(of_batch, update)
    }

    fn parameters(&self) -> Parameters {
        let weights = state_dict::parameters(&self.network);
        let named = |values: &mut dyn Iterator<Item = &Tensor<1>>| -> Vec<NamedTensor> {
            let both = weights.iter().zip(values);
            both.map(|(weights, values)| weights.with(values).named())
                .collect()
        };
        Parameters {
            weights: named(&mut weights.iter().map(|weights| &weights.values)),
            ema: named(&mut self.ema.iter()),
            moment_1: named(&mut self.moments.iter().map(|[moment, _]| moment)),
            moment_2: named(&mut self.moments.iter().map(|[_, moment]| moment)),
        }
    }

    fn restore(&mut self, parameters: &Parameters) -> Result<()> {
        let current = state_dict::parameters(&self.network);
        let of = |list: &[NamedTensor]| -> Result<Vec<Tensor<1>>> {
            let found = current
                .iter()
                .map(|weights| weights.find(list, &self.device));
            found.collect()
        };
        let weights = of(&parameters.weights)?;
        let ema = of(&parameters.ema)?;
        let [first, second] = [of(&parameters.moment_1)?, of(&parameters.moment_2)?];
        let moments = first.into_iter().zip(second);
        self.moments = moments.map(|(first, second)| [first, second]).collect();
        self.ema = ema;
        self.network = state_dict::replaced(self.network.clone(), &weights);
        Ok(())
    }

    fn device(&self) -> Device {
        self.device.clone()
    }

    fn config(&self) -> Value {
        self.network.config()
    }
}

fn adam(update: &Update) -> AdamW {
    let optimizer = &update.optimizer;
    AdamWConfig::new()
        .with_beta_1(optimizer.beta_1 as f32)
        .with_beta_2(optimizer.beta_2 as f32)
        .with_epsilon(optimizer.epsilon as f32)
        .with_weight_decay(optimizer.weight_decay as f32)
        .build()
}

/// Factor that limits the norm of all gradients together to `most`, as in PyTorch's `clip_grad_norm_`; not read back
/// from the device.
fn clipping(
    network: &impl Module,
    gradients: &GradientsParams,
    most: f64,
    device: &Device,
) -> Tensor<1> {
    let mut squares = Squares {
        gradients,
        sum: Tensor::zeros([1], device),
    };
    network.visit(&mut squares);
    (squares.sum.sqrt() + 1e-6)
        .recip()
        .mul_scalar(most)
        .clamp_max(1.0)
}

/// Sum of the squares of all gradients.
struct Squares<'a> {
    gradients: &'a GradientsParams,
    sum: Tensor<1>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum = self.sum.clone() + (gradient.clone() * gradient).sum();
        }
    }
}

/// Updates each parameter and its EMA.
struct AdamStep<'a> {
    gradients: GradientsParams,
    scale: Option<Tensor<1>>,
    adam: AdamW,
    update: &'a Update,
    ema: std::slice::IterMut<'a, Tensor<1>>,
    moments: std::slice::IterMut<'a, [Tensor<1>; 2]>,
}

impl ModuleMapper for AdamStep<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (ema, moments) = (self.ema.next(), self.moments.next());
        let gradient = self.gradients.remove::<D>(param.id);
        let (Some(ema), Some(moments), Some(gradient)) = (ema, moments, gradient) else {
            return param;
        };
        let mut gradient: Tensor<1> = gradient.reshape([-1]);
        if let Some(scale) = &self.scale {
            gradient = gradient * scale.clone();
        }
        let [first, second] = moments.clone();
        let state = AdamWState::new(AdaptiveMomentumState::new(self.update.step, first, second));
        let weights: Tensor<1> = param.val().inner().reshape([-1]);
        let (weights, state) =
            self.adam
                .step(self.update.learning_rate, weights, gradient, Some(state));
        if let Some(AdamWState { momentum }) = state {
            *moments = [momentum.moment_1, momentum.moment_2];
        }
        *ema = ema.clone() + (weights.clone() - ema.clone()) * (1.0 - self.update.ema_decay);
        param.map(|old| state_dict::renewed(old, weights))
    }
}
