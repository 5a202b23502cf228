//! Gradients of networks with respect to their input, which the likelihood needs.

use burn::tensor::{Device, Int, Tensor};
use tweedie::checkpoint::Checkpoint;
use tweedie::nn::UNet2d;

use crate::common::{Tensors, assert_close, fixture, values};

/// Networks of the parity fixtures, which together contain every type of block.
const CASES: [&str; 5] = [
    "class_labels",
    "resnet_sampling",
    "attention_resnet_sampling",
    "skips_then_others",
    "ncsnpp",
];
/// Largest difference between derivatives, relative to the largest derivative.
const TOLERANCE: f64 = 1e-3;

/// A network and its inputs.
struct Case {
    network: UNet2d,
    tensors: Tensors,
    has_labels: bool,
}

impl Case {
    fn read(name: &str, device: &Device) -> Self {
        let path = format!("unet/{name}");
        let scheduler = ("scheduler_config.json".to_owned(), b"{}".to_vec());
        let files = std::fs::read_dir(fixture(&path)).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(&path).unwrap())
        });
        let checkpoint = Checkpoint::from_files(files.chain([scheduler]).collect()).unwrap();
        Self {
            has_labels: checkpoint.unet_config().class_count() > 0,
            network: checkpoint.load_unet(device).unwrap(),
            tensors: Tensors::read(&format!("{path}/io.safetensors")),
        }
    }

    fn sample(&self) -> Tensor<4> {
        self.tensors.tensor("sample")
    }

    fn forward(&self, sample: Tensor<4>) -> Tensor<4> {
        let device = sample.device();
        let timesteps = self.tensors.tensor::<1>("timestep").into_data();
        let labels = || Tensor::<1, Int>::from_data([4, 0], &device);
        self.network.forward(
            sample,
            Tensor::from_data(timesteps, &device),
            self.has_labels.then(labels),
        )
    }

    /// The output at a sample, and the gradient of its product with `probe`.
    fn output_and_gradient(&self, sample: Tensor<4>, probe: &Tensor<4>) -> [Vec<f32>; 2] {
        let sample = sample.autodiff().require_grad();
        let output = self.forward(sample.clone());
        let product = (output.clone() * probe.clone().autodiff()).sum();
        let gradient = sample.grad(&product.backward());
        [
            values(output),
            values(gradient.expect("the input is tracked")),
        ]
    }
}

/// A reproducible direction, with values of size about 1.
fn direction(shape: [usize; 4], seed: usize) -> Tensor<4> {
    let numbers: Vec<f32> = (0..shape.iter().product())
        .map(|i| (1.7 * i as f64 + (i * i % 13 + seed) as f64).sin() as f32 * 1.4)
        .collect();
    Tensor::<1>::from_data(numbers.as_slice(), &Device::flex()).reshape(shape)
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    let products = left.iter().zip(right);
    products.map(|(l, r)| f64::from(*l) * f64::from(*r)).sum()
}

/// Compares results that differ only in the order of summation.
#[track_caller]
fn assert_near(name: &str, found: &[f32], expected: &[f32]) {
    let largest = expected.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
    assert_close(name, found, expected, 1e-5 * largest);
}

#[test]
fn tracking_gradients_changes_no_output_whichever_device_holds_the_weights() {
    for name in CASES {
        let plain = Case::read(name, &Device::flex());
        let tracked = Case::read(name, &Device::flex().autodiff());
        let expected = plain.forward(plain.sample());
        let probe = direction(expected.dims(), 7);
        let [output, gradient] = plain.output_and_gradient(plain.sample(), &probe);
        let [tracked_output, tracked_gradient] =
            tracked.output_and_gradient(tracked.sample(), &probe);
        let expected = values(expected);
        assert_near(name, &output, &expected);
        assert_near(name, &tracked_output, &expected);
        assert_near(name, &tracked_gradient, &gradient);
    }
}

#[test]
fn the_gradient_of_every_kind_of_block_agrees_with_finite_differences() {
    for name in CASES {
        let case = Case::read(name, &Device::flex());
        let sample = case.sample();
        let probe = direction(case.forward(sample.clone()).dims(), 7);
        let [_, gradient] = case.output_and_gradient(sample.clone(), &probe);
        let probe = values(probe);
        let derivatives: Vec<(f64, f64)> = (0..6)
            .map(|seed| {
                let towards = direction(sample.dims(), seed);
                let at = |by: f64| {
                    let moved = sample.clone() + towards.clone() * by;
                    dot(&values(case.forward(moved)), &probe)
                };
                let difference = |step: f64| (at(step) - at(-step)) / (2.0 * step);
                // Richardson extrapolation has an error of step^4.
                let expected = (4.0 * difference(0.01) - difference(0.02)) / 3.0;
                (dot(&gradient, &values(towards)), expected)
            })
            .collect();
        let magnitudes = derivatives.iter().map(|(_, expected)| expected.abs());
        let largest = magnitudes.fold(0.0, f64::max);
        assert!(largest > 0.1, "{name} hardly depends on its input");
        for (found, expected) in &derivatives {
            let error = (found - expected).abs() / largest;
            assert!(error < TOLERANCE, "{name}: {derivatives:?}");
        }
    }
}
