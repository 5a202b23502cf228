"""Loads a folder that `train` saved with diffusers itself, and samples from it: `python tests/parity/trained.py FOLDER`.

No fixture: it fails where diffusers misses or does not know a weight, or where a sample is not finite.
"""

import sys
import warnings

import torch
from diffusers import DDPMPipeline, UNet2DModel


def main(folder):
    network, info = UNet2DModel.from_pretrained(folder, subfolder="unet", output_loading_info=True)
    assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs")), info
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # labels and null_class_label of model_index.json are ours
        pipeline = DDPMPipeline.from_pretrained(folder)
    assert type(pipeline.unet) is UNet2DModel
    channels, size = network.config.in_channels, network.config.sample_size
    x = torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1]) if network.config.num_class_embeds else None
    pipeline.scheduler.set_timesteps(10)
    with torch.no_grad():
        for t in pipeline.scheduler.timesteps:
            x = pipeline.scheduler.step(network(x, t, labels).sample, t, x).prev_sample
    assert torch.isfinite(x).all()
    print(f"{sum(p.numel() for p in network.parameters())} parameters; samples from {x.min():.2f} to {x.max():.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
