"""`mnist.{json,safetensors}`: diffusers' samples from the shipped checkpoint, its f16 weights read as f32."""

import torch
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel

from fixture import FIXTURES, SHIPPED_MODEL, save_json, save_tensors, seeded

SHAPE = (2, 1, 28, 28)
NULL_CLASS = 10
NETWORK = {"seed": 0, "class_labels": [3, 7], "timesteps": [999, 500, 1]}
RUN = {"seed": 0, "class_labels": [3, 7], "eta": 0.0, "use_clipped_model_output": False, "guidance_scale": None}
RUNS = {
    "ddim": {"scheduler": "DDIMScheduler", "num_inference_steps": 10},
    "ddim_guided": {
        "scheduler": "DDIMScheduler",
        "num_inference_steps": 20,
        "class_labels": [0, 1],
        "guidance_scale": 3.0,
        "use_clipped_model_output": True,
    },
    "ddim_guided_stochastic": {
        "scheduler": "DDIMScheduler",
        "num_inference_steps": 10,
        "eta": 1.0,
        "guidance_scale": 2.0,
        "use_clipped_model_output": True,
        "seed": 1,
    },
    "ddpm": {"scheduler": "DDPMScheduler", "num_inference_steps": 20},
}


def load_network():
    network = UNet2DModel.from_pretrained(SHIPPED_MODEL, subfolder="unet", torch_dtype=torch.float32)
    return network.eval()


def load_scheduler(name):
    config = DDPMScheduler.load_config(SHIPPED_MODEL, subfolder="scheduler")
    return {"DDPMScheduler": DDPMScheduler, "DDIMScheduler": DDIMScheduler}[name].from_config(config)


def predict(network, noisy, timestep, labels, guidance_scale):
    conditional = network(noisy, timestep, labels).sample
    if guidance_scale is None:
        return conditional
    unconditional = network(noisy, timestep, torch.full_like(labels, NULL_CLASS)).sample
    return unconditional + guidance_scale * (conditional - unconditional)


def sample(network, run):
    """Every random number from one generator: the initial noise first, then what the scheduler draws."""
    scheduler = load_scheduler(run["scheduler"])
    scheduler.set_timesteps(run["num_inference_steps"])
    generator = seeded(run["seed"])
    labels = torch.tensor(run["class_labels"])
    noisy = torch.randn(SHAPE, generator=generator)
    tensors = {"initial_noise": noisy}
    options = {}
    if run["scheduler"] == "DDIMScheduler":
        options = {name: run[name] for name in ("eta", "use_clipped_model_output")}
    for step, timestep in enumerate(scheduler.timesteps, start=1):
        output = predict(network, noisy, timestep, labels, run["guidance_scale"])
        result = scheduler.step(output, timestep, noisy, generator=generator, **options)
        noisy = result.prev_sample
        if step == run["num_inference_steps"] // 2:
            tensors["clean_middle"] = result.pred_original_sample
    return {**tensors, "final": noisy}


@torch.no_grad()
def main():
    network = load_network()
    noisy = torch.randn(SHAPE, generator=seeded(NETWORK["seed"]))
    labels = torch.tensor(NETWORK["class_labels"])
    tensors = {"network.sample": noisy}
    for timestep in NETWORK["timesteps"]:
        tensors[f"network.output.{timestep}"] = network(noisy, timestep, labels).sample
    runs = {name: {**RUN, **options} for name, options in RUNS.items()}
    for name, run in runs.items():
        tensors.update({f"{name}.{key}": tensor for key, tensor in sample(network, run).items()})
    save_tensors(FIXTURES / "mnist.safetensors", tensors)
    save_json(FIXTURES / "mnist.json", {"null_class_label": NULL_CLASS, "network": NETWORK, "runs": runs})


if __name__ == "__main__":
    main()
