"""`repaint/`: images painted by diffusers' RePaint."""

import numpy as np
import torch
from diffusers import RePaintPipeline, RePaintScheduler, UNet2DModel

from fixture import FIXTURES, save_json, save_tensors, seeded

# image[0, -3:, -3:, -1] in tests/pipelines/repaint/test_repaint.py, diffusers before a0c5482
PUBLISHED = [1.0, 0.5426, 0.5497, 0.2200, 1.0, 1.0, 0.5623, 1.0, 0.6274]
RUN = {"num_inference_steps": 5, "jump_length": 2, "jump_n_sample": 2, "output_type": "np"}


def painted(network, side, eta, one_mask=True):
    pipeline = RePaintPipeline(unet=network, scheduler=RePaintScheduler())
    pipeline.set_progress_bar_config(disable=True)
    image = torch.from_numpy(np.random.RandomState(0).standard_normal((1, 3, side, side))).float()
    mask = (image > 0).float()
    if one_mask:
        mask = mask[:, :1]
    images = pipeline(image=image, mask_image=mask, eta=eta, generator=seeded(0), **RUN).images
    return image, images


def published_network():
    """The network, and its layers with random weights in the order in which they draw them."""
    drawn = []
    for kind in (torch.nn.Conv2d, torch.nn.Linear):
        reset = kind.reset_parameters

        def recorded(layer, reset=reset):
            drawn.append(layer)
            reset(layer)

        kind.reset_parameters = recorded
    torch.manual_seed(0)
    network = UNet2DModel(
        block_out_channels=(32, 64),
        layers_per_block=2,
        sample_size=32,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )
    names = {layer: name for name, layer in network.named_modules()}
    assert all(layer.bias is not None for layer in drawn)
    return network, [[names[layer], list(layer.weight.shape)] for layer in drawn]


def main():
    network, layers = published_network()
    image, images = painted(network, 32, 0.0, one_mask=False)
    np.testing.assert_allclose(images[0, -3:, -3:, -1].flatten(), PUBLISHED, atol=1e-3)
    # Not the weights, which are 4 MB: they follow from the seed and the order of the layers.
    config = {key: value for key, value in network.config.items() if not key.startswith("_")}
    constant = {name: list(weight.shape) for name, weight in network.named_parameters() if "norm" in name}
    published = {"published_corner": PUBLISHED, "config": config, "layers": layers, "constant": constant}
    save_json(FIXTURES / "repaint" / "published.json", published)
    save_tensors(FIXTURES / "repaint" / "published.safetensors", {"image": image})

    network = UNet2DModel.from_pretrained(FIXTURES / "tiny_pipeline" / "unet")
    tensors = {}
    for name, eta in (("ddim", 0.0), ("ddpm", 1.0)):
        image, images = painted(network, 8, eta)
        tensors |= {"image": image, name: torch.from_numpy(images)}
    save_tensors(FIXTURES / "repaint" / "tiny.safetensors", tensors)


if __name__ == "__main__":
    main()
