//! Initial weights, with PyTorch's distributions.

use burn::module::{ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::embedding::FREQUENCY_SCALE;
use crate::random::Generator;

/// Visits a network and initialises the parameters that have not been used yet:
///
/// | layer | weights |
/// |---|---|
/// | convolution, linear | weight, then bias, uniform in ±`1/√fan_in` |
/// | embedding | N(0, 1) |
/// | Fourier embedding | N(0, 16²) |
///
/// Others, such as normalisations, remain unchanged.
pub(super) struct InitialWeights<'a> {
    generator: &'a mut Generator,
    /// Types of the modules that contain the current parameter.
    containers: Vec<String>,
    /// Bound of the latest weight, which also applies to its bias.
    bound: f32,
}

impl<'a> InitialWeights<'a> {
    pub fn new(generator: &'a mut Generator) -> Self {
        Self {
            generator,
            containers: Vec::new(),
            bound: 0.0,
        }
    }

    /// The values of a parameter, or `None` where it remains unchanged.
    fn draw<const D: usize>(&mut self, shape: [usize; D]) -> Option<Vec<f32>> {
        let count = shape.iter().product();
        let container = self.containers.last()?;
        match (container.as_str(), D) {
            ("Struct:Linear", 2) => {
                let [inputs, outputs] = [shape[0], shape[1]];
                self.bound = bound(inputs);
                Some(transposed(&self.uniform(count), [outputs, inputs]))
            }
            ("Struct:Conv2d" | "Struct:Conv3x3", 4) => {
                self.bound = bound(shape[1..].iter().product());
                Some(self.uniform(count))
            }
            ("Struct:Linear" | "Struct:Conv2d" | "Struct:Conv3x3", 1) => Some(self.uniform(count)),
            ("Struct:Embedding", _) => Some(self.generator.normal(count)),
            ("Struct:FourierEmbedding", _) => {
                let normals = self.generator.normal(count).into_iter();
                Some(
                    normals
                        .map(|normal| normal * FREQUENCY_SCALE as f32)
                        .collect(),
                )
            }
            _ => None,
        }
    }

    fn uniform(&mut self, count: usize) -> Vec<f32> {
        let bound = self.bound;
        let uniform = self.generator.uniform(count).into_iter();
        // Fused, as in PyTorch's AVX2 kernel.
        uniform.map(|u| u.mul_add(2.0 * bound, -bound)).collect()
    }
}

fn bound(fan_in: usize) -> f32 {
    (1.0 / (fan_in as f64).sqrt()) as f32
}

/// Transposes `[rows, columns]`, PyTorch's order, to `[columns, rows]`, Burn's.
fn transposed(values: &[f32], [rows, columns]: [usize; 2]) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

impl ModuleMapper for InitialWeights<'_> {
    fn enter_module(&mut self, _name: &str, container: &str) {
        self.containers.push(container.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.containers.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape: [usize; D] = param.lazy_shape().dims();
        match self.draw(shape) {
            Some(values) => {
                let (id, device) = (param.id, param.lazy_device());
                let values = Tensor::from_data(TensorData::new(values, shape), &device);
                param.transform_for_load(values, id)
            }
            None => param,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use serde_json::json;

    use super::*;
    use crate::nn::{NamedTensor, UNet2d, UNet2dConfig, state_dict};

    fn weights(time_embedding: &str, seed: u32) -> Vec<NamedTensor> {
        let config = json!({
            "sample_size": 8, "in_channels": 3, "out_channels": 3, "block_out_channels": [32, 64], "layers_per_block": 1,
            "norm_num_groups": 8, "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
            "num_class_embeds": 40, "time_embedding_type": time_embedding,
        });
        let config = UNet2dConfig::from_json(config.as_object().unwrap()).unwrap();
        let generator = &mut Generator::new(seed);
        let network = UNet2d::initialised(&config, generator, &Device::flex()).unwrap();
        let parameters = state_dict::parameters(&network);
        parameters
            .into_iter()
            .map(|parameter| parameter.named())
            .collect()
    }

    fn numbers(tensor: &NamedTensor) -> Vec<f32> {
        tensor.values.to_data().iter().collect()
    }

    #[test]
    fn initial_weights_follow_from_the_seed_alone() {
        let all = |seed| {
            weights("positional", seed)
                .iter()
                .flat_map(numbers)
                .collect::<Vec<f32>>()
        };
        assert_eq!(all(3), all(3));
        assert_ne!(all(3), all(4));
    }

    #[test]
    fn initial_weights_have_the_distributions_of_pytorch() {
        let weights = weights("fourier", 1);
        let fan_in = |shape: &[usize]| shape[1..].iter().product::<usize>() as f64;
        let mut within = 0.0;
        for tensor in &weights {
            let values = numbers(tensor);
            let scale =
                values.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / values.len() as f64;
            let (layer, part) = tensor.name.rsplit_once('.').unwrap();
            let is_norm = layer.contains("norm");
            match (part, is_norm) {
                (_, true) => assert!(values.iter().all(|x| *x == f32::from(part == "weight"))),
                _ if layer == "class_embedding" => assert!((scale - 1.0).abs() < 0.1, "{scale}"),
                _ if layer == "time_proj" => assert!((scale / 256.0 - 1.0).abs() < 0.6, "{scale}"),
                ("weight", _) => {
                    // Variance of the uniform distribution.
                    within = 1.0 / fan_in(&tensor.shape);
                    assert!(
                        (scale * 3.0 / within - 1.0).abs() < 0.15,
                        "{}: {scale}",
                        tensor.name
                    );
                    assert!(
                        values
                            .iter()
                            .all(|x| f64::from(*x).powi(2) <= within * 1.000001)
                    );
                }
                _ => assert!(
                    values
                        .iter()
                        .all(|x| f64::from(*x).powi(2) <= within * 1.000001)
                ),
            }
        }
    }
}
