//! DDPM and DDIM with all their options, against diffusers' schedulers, with a toy model instead of a network.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::{Value, json};
use tweedie::checkpoint::SchedulerConfig;
use tweedie::checkpoint::scheduler::SpacingOptions;
use tweedie::diffusion::{Denoiser, Estimate, NoiseLevel};
use tweedie::random::Generator;
use tweedie::sampler::{
    Ddim, Ddpm, Method, ProbabilityFlow, Sampling, ddim, ddpm, probability_flow,
};

use crate::common::{Tensors, assert_close, values};

/// `model(x, t) = x·t/(t + 1)`, and the learned variance of the fixtures.
struct Toy(SchedulerConfig);

impl Denoiser<4> for Toy {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let output = noisy.clone() * (level.time / (level.time + 1.0));
        let sine = noisy.clone().sin();
        Estimate {
            clean: self.0.prediction.clean(noisy, output, level),
            variance: match self.0.variance {
                ddpm::Variance::Learned => Some((sine.clone() * sine + 1.0) * 0.01),
                ddpm::Variance::LearnedRange => Some(sine * 0.5),
                _ => None,
            },
        }
    }
}

fn scheduler(class: &Value, config: &Value) -> SchedulerConfig {
    let mut config = config.as_object().unwrap().clone();
    config.insert("_class_name".into(), class.clone());
    SchedulerConfig::from_json(&config).unwrap()
}

fn start(
    scheduler: &SchedulerConfig,
    noisy: Tensor<4>,
    method: Method,
    steps: usize,
    generator: Generator,
) -> Sampling<4> {
    let scheduler = scheduler
        .with_method(&method, SpacingOptions::default())
        .unwrap();
    let plan = scheduler.method.plan(&scheduler.trajectory(steps).unwrap());
    Sampling::new(noisy, plan.unwrap(), scheduler.clipping, generator)
}

#[test]
fn every_option_equals_diffusers() {
    let fixture = crate::common::json("samplers.json");
    let tensors = Tensors::read("samplers.safetensors");
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let scheduler = scheduler(&case["scheduler"], &case["config"]);
        let method = match case["eta"].as_f64() {
            None => Method::Ddpm(Ddpm {
                variance: scheduler.variance,
            }),
            Some(eta) => Method::Ddim(Ddim {
                eta,
                noise_estimate: if case["use_clipped_model_output"] == json!(true) {
                    ddim::NoiseEstimate::Rederived
                } else {
                    ddim::NoiseEstimate::FromModel
                },
            }),
        };
        let mut generator = Generator::new(0);
        let noise = TensorData::new(generator.normal(2 * 3 * 4 * 4), [2, 3, 4, 4]);
        let noise = Tensor::from_data(noise, &Device::flex());
        let steps = case["num_inference_steps"].as_u64().unwrap() as usize;
        let mut sampling = start(&scheduler, noise, method, steps, generator);
        let toy = Toy(scheduler);
        let mut clean = None;
        while let Some(progress) = sampling.step(&toy).unwrap() {
            if progress.step + 1 == progress.steps || progress.steps == 1 {
                clean = sampling.clean();
            }
        }
        for (what, found) in [("clean", clean.unwrap()), ("final", sampling.noisy())] {
            let expected = tensors.values(&format!("{name}.{what}"));
            let scale = expected.iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
            assert_close(
                &format!("{name}.{what}"),
                &values(found),
                &expected,
                1e-4 * scale,
            );
        }
    }
}

/// Diffusers' DDIM may end at the level of timestep 0; the network must not be evaluated beyond it.
#[test]
fn heun_never_asks_for_a_time_that_the_network_does_not_know() {
    for steps_offset in [0, 1] {
        let config = json!({"set_alpha_to_one": false, "steps_offset": steps_offset});
        let scheduler = scheduler(&json!("DDIMScheduler"), &config);
        let method = Method::ProbabilityFlow(ProbabilityFlow {
            solver: probability_flow::Solver::Heun,
        });
        let mut sampling = start(
            &scheduler,
            Tensor::ones([1, 1, 4, 4], &Device::flex()),
            method,
            10,
            Generator::new(0),
        );
        // Without an offset the last step has length zero, and one evaluation suffices.
        assert_eq!(sampling.steps(), 19 + steps_offset);
        let toy = Toy(scheduler);
        while let Some(progress) = sampling.step(&toy).unwrap() {
            assert!(progress.timestep >= 0.0, "{progress:?}");
        }
        assert!(values(sampling.noisy()).iter().all(|x| x.is_finite()));
    }
}
