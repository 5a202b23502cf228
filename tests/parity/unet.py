"""`unet/<case>/`: tiny `UNet2DModel` checkpoints as diffusers writes them, with an input and its output."""

import inspect
import json
import shutil

import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import load_file

from fixture import FIXTURES, save_json, save_tensors, seeded
from unet_cases import BASE, CASES

FOLDER = FIXTURES / "unet"
WEIGHTS = "diffusion_pytorch_model.safetensors"
OLD_ATTENTION_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
TIMESTEPS = [999.0, 12.5]
SIGMAS = [17.5, 0.35]
HALF_PRECISION = {"float16": torch.float16, "bfloat16": torch.bfloat16, "ncsnpp": torch.float16}


def tiny_network(options, seed):
    """PyTorch's initialisation plus 0.1 times normals: no bias is zero, no gamma one."""
    torch.manual_seed(seed)
    network = UNet2DModel(**{**BASE, **options}).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return network


def network_input(network, seed):
    config = network.config
    size = config.sample_size
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    generator = seeded(1000 + seed)
    tensors = {
        "sample": torch.randn(2, config.in_channels, height, width, generator=generator),
        "timestep": torch.tensor(TIMESTEPS),
    }
    if config.time_embedding_type == "fourier":
        tensors["timestep"] = torch.tensor(SIGMAS)
    elif config.time_embedding_type == "learned":
        tensors["timestep"] = torch.tensor([config.num_train_timesteps - 1, 0])
    if config.class_embed_type == "identity":
        tensors["class_labels"] = torch.randn(2, config.time_embedding_dim, generator=generator)
    elif config.class_embed_type == "timestep":
        tensors["class_labels"] = torch.tensor([700.0, 3.0])
    elif config.num_class_embeds is not None:
        tensors["class_labels"] = torch.tensor([config.num_class_embeds - 1, 0])
    return tensors


@torch.no_grad()
def with_output(network, tensors):
    output = network(tensors["sample"], tensors["timestep"], tensors.get("class_labels")).sample
    assert output.abs().max() > 0.1 and output.isfinite().all()
    return {**tensors, "timestep": tensors["timestep"].float(), "output": output}


def keep_only_what_differs_from_the_class_defaults(folder):
    defaults = {name: p.default for name, p in inspect.signature(UNet2DModel.__init__).parameters.items()}
    path = folder / "config.json"
    config = json.loads(path.read_text())
    save_json(path, {key: value for key, value in config.items() if key[0] == "_" or value != defaults[key]})


def rename_attention_to_the_old_names(folder):
    def old(name):
        for new, former in OLD_ATTENTION_NAMES.items():
            name = name.replace(f".{new}.", f".{former}.")
        return name

    save_tensors(folder / WEIGHTS, {old(name): tensor for name, tensor in load_file(folder / WEIGHTS).items()})


def save_pipeline(network, folder):
    DDPMPipeline(unet=network, scheduler=DDPMScheduler(prediction_type="v_prediction")).save_pretrained(folder)
    path = folder / "model_index.json"
    index = json.loads(path.read_text())
    save_json(path, {**index, "labels": ["first", "second"], "null_class_label": 2})


def save_case(name, options, seed):
    folder = FOLDER / name
    network = tiny_network(options, seed)
    if name in HALF_PRECISION:
        network.to(HALF_PRECISION[name])
    if name == "pipeline":
        save_pipeline(network, folder)
        folder = folder / "unet"
    else:
        network.save_pretrained(folder, max_shard_size="20KB" if name == "sharded" else "10GB")
    if name == "class_defaults":
        keep_only_what_differs_from_the_class_defaults(folder)
    if name in ("old_attention_names", "ncsnpp"):
        rename_attention_to_the_old_names(folder)
    for file in folder.glob("*.safetensors"):
        file.chmod(0o644)
    network.float()
    tensors = with_output(network, network_input(network, seed))
    save_tensors(FOLDER / name / "io.safetensors", tensors)
    assert_diffusers_reads_it_back(folder, tensors)


@torch.no_grad()
def assert_diffusers_reads_it_back(folder, tensors):
    network = UNet2DModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    timestep = tensors["timestep"]
    if network.config.time_embedding_type == "learned":
        timestep = timestep.long()
    output = network(tensors["sample"], timestep, tensors.get("class_labels")).sample
    torch.testing.assert_close(output, tensors["output"])


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, (name, options) in enumerate(CASES.items()):
        save_case(name, options, seed)


if __name__ == "__main__":
    main()
