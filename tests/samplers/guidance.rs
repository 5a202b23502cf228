//! Classifier-free guidance against diffusers.

use crate::common::{Tensors, assert_close, fixture, values};
use burn::tensor::Device;
use tweedie::Checkpoint;
use tweedie::diffusion::{Denoiser, NoiseLevel, Prediction};
use tweedie::pipeline::{Guidance, UNetDenoiser};

const CLASSES: [usize; 2] = [4, 0];
const NULL: usize = 1;

/// The tiny class-conditional network, with its output as the clean sample, so that it is visible.
fn denoiser() -> UNetDenoiser {
    let files = std::fs::read_dir(fixture("unet/class_labels")).unwrap();
    let files = files.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(&path).unwrap())
    });
    let scheduler = ("scheduler_config.json".to_owned(), b"{}".to_vec());
    let checkpoint = Checkpoint::from_files(files.chain([scheduler]).collect()).unwrap();
    let unet = checkpoint.load_unet(&Device::flex()).unwrap();
    UNetDenoiser::new(unet, Prediction::Clean, 3)
}

/// Output of the network at a noise-to-signal ratio of 2, under guidance.
fn output(guidance: Guidance) -> Vec<f32> {
    let tensors = Tensors::read("guidance.safetensors");
    let denoiser = denoiser().guided(&CLASSES, NULL, guidance, &Device::flex());
    let level = NoiseLevel::from_noise_to_signal(12.5, 2.0);
    values(denoiser.denoise(tensors.tensor("sample"), level).clean)
}

#[test]
fn guidance_and_its_rescale_equal_diffusers() {
    let tensors = Tensors::read("guidance.safetensors");
    let names = tensors.names();
    let names: Vec<&String> = names.iter().filter(|name| *name != "sample").collect();
    assert_eq!(names.len(), 4);
    for name in names {
        let (scale, rescale) = name.split_once(".rescale").unwrap();
        let guidance = Guidance {
            scale: scale.trim_start_matches("scale").parse().unwrap(),
            rescale: rescale.parse().unwrap(),
            interval: None,
        };
        let expected = tensors.values(name);
        let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        assert_close(name, &output(guidance), &expected, 1e-5 * largest);
    }
}

#[test]
fn the_guidance_interval_includes_its_ends_and_only_the_conditional_prediction_is_used_outside() {
    let of = |interval| {
        output(Guidance {
            scale: 3.0,
            rescale: 0.5,
            interval,
        })
    };
    let everywhere = of(None);
    for interval in [[2.0, 3.0], [0.0, 2.0]] {
        assert_eq!(of(Some(interval)), everywhere);
    }
    let tensors = Tensors::read("guidance.safetensors");
    let conditional = denoiser().conditional(&CLASSES, &Device::flex());
    let level = NoiseLevel::from_noise_to_signal(12.5, 2.0);
    let conditional = values(conditional.denoise(tensors.tensor("sample"), level).clean);
    for interval in [[2.1, 3.0], [0.0, 1.9]] {
        assert_eq!(of(Some(interval)), conditional);
    }
}
