//! Number of kernel launches per step on WebGPU: those of the network, and others.

use std::collections::BTreeMap;

use burn::tensor::{Int, Tensor};
use js_sys::{Reflect, eval, global};
use tweedie::checkpoint::Checkpoint;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use crate::samplers::sampler_names;
use crate::tiny::{Channels, tiny_files, tiny_pipeline};
use crate::{device, options};

/// Counts all launches of the page.
const COUNT: &str = "
    globalThis.launches = 0;
    for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
      const launch = GPUComputePassEncoder.prototype[name];
      if (launch.counts) continue;
      GPUComputePassEncoder.prototype[name] = function (...sizes) { globalThis.launches++; return launch.apply(this, sizes); };
      GPUComputePassEncoder.prototype[name].counts = true;
    }";

/// The adaptive solver computes the error of its step; the corrector's step depends on norms of the whole sample.
const MAX_LAUNCHES: f64 = 4.0;

fn launches() -> f64 {
    let launches = Reflect::get(&global(), &"launches".into());
    launches.unwrap().as_f64().unwrap()
}

/// Launches of the network.
async fn launches_of_network(channels: Channels) -> f64 {
    let files: BTreeMap<String, Vec<u8>> = tiny_files(channels).into_iter().collect();
    let handle = device("webgpu").await;
    let device = handle.device();
    let unet = Checkpoint::from_files(files).unwrap().load_unet(device);
    let unet = unet.unwrap();
    let channels = match channels {
        Channels::Rgb => 3,
        Channels::Grey => 1,
    };
    let noisy = Tensor::<4>::ones([1, channels, 8, 8], device);
    noisy.clone().into_data_async().await.unwrap();
    let mut least = f64::INFINITY;
    for time in [900.0, 500.0, 100.0] {
        let before = launches();
        let time = Tensor::from_floats([time], device);
        let output = unet.forward(noisy.clone(), time, None::<Tensor<1, Int>>);
        output.into_data_async().await.unwrap();
        least = least.min(launches() - before);
    }
    least
}

/// Maximum number of launches per step of the sampler, after all kernels are compiled.
async fn launches_of_step(sampler: &str, channels: Channels) -> f64 {
    let pipeline = tiny_pipeline("webgpu", channels).await;
    let mut fields = vec![("sampler", JsValue::from(sampler))];
    if sampler != "dormand-prince" {
        fields.push(("steps", 12.into()));
    }
    if sampler.contains("langevin") {
        fields.push(("stepSize", 1e-4.into()));
    }
    let mut sampling = pipeline.sample(options(&fields)).unwrap();
    let mut most = 0.0_f64;
    for _ in 0..14 {
        let before = launches();
        if sampling.step().unwrap().is_undefined() {
            break;
        }
        JsFuture::from(sampling.settled()).await.unwrap();
        most = most.max(launches() - before);
    }
    most
}

#[wasm_bindgen_test]
async fn a_step_on_webgpu_launches_few_kernels_beside_the_networks() {
    eval(COUNT).unwrap();
    let mut beside = Vec::new();
    for channels in [Channels::Rgb, Channels::Grey] {
        let network = launches_of_network(channels).await;
        for name in sampler_names() {
            let all = launches_of_step(&name, channels).await;
            beside.push((format!("{channels:?}, {name}"), all - network));
        }
    }
    console_log!("{beside:?}");
    beside.retain(|(_, launches)| *launches > MAX_LAUNCHES);
    assert!(beside.is_empty(), "{beside:?}");
}
