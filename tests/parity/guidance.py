"""`guidance.safetensors`: classifier-free guidance with diffusers' rescale, of a tiny network's outputs."""

import torch
from diffusers import UNet2DModel
from diffusers.guiders.guider_utils import rescale_noise_cfg

from fixture import FIXTURES, save_tensors, seeded

CLASSES = [4, 0]
NULL = 1
TIMESTEP = torch.tensor([12.5])
CASES = [(3.0, 0.0), (3.0, 0.7), (7.5, 1.0), (0.5, 0.3)]


@torch.no_grad()
def main():
    network = UNet2DModel.from_pretrained(FIXTURES / "unet" / "class_labels").double()
    sample = torch.randn(2, 3, 8, 8, generator=seeded(0))
    # one image of low contrast, so that each has a factor of its own
    sample[1] *= 0.1

    def output(labels):
        return network(sample.double(), TIMESTEP, class_labels=torch.tensor(labels)).sample

    conditional, unconditional = output(CLASSES), output([NULL, NULL])
    tensors = {"sample": sample}
    for scale, rescale in CASES:
        guided = unconditional + scale * (conditional - unconditional)
        tensors[f"scale{scale}.rescale{rescale}"] = rescale_noise_cfg(guided, conditional, rescale).float()
    save_tensors(FIXTURES / "guidance.safetensors", tensors)


if __name__ == "__main__":
    main()
