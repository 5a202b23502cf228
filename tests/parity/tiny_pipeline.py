"""`tiny_pipeline/`: a whole pipeline without a download, as in the unit tests of diffusers (Apache-2.0)."""

import shutil

import numpy as np
import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

from fixture import FIXTURES, save_json, save_tensors, seeded

FOLDER = FIXTURES / "tiny_pipeline"
# image[0, -3:, -3:, -1] in tests/pipelines/ddpm/test_ddpm.py, diffusers 0.40
PUBLISHED = [0.0, 0.9996672, 0.00329116, 1.0, 0.9995991, 1.0, 0.0060907, 0.00115037, 0.0]
RUN = {"seed": 0, "num_inference_steps": 2}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    torch.manual_seed(0)
    network = UNet2DModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=8,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )
    pipeline = DDPMPipeline(unet=network, scheduler=DDPMScheduler())
    pipeline.set_progress_bar_config(disable=True)
    images = pipeline(
        generator=seeded(RUN["seed"]), num_inference_steps=RUN["num_inference_steps"], output_type="np"
    ).images
    np.testing.assert_allclose(images[0, -3:, -3:, -1].flatten(), PUBLISHED, atol=1e-4)

    pipeline.save_pretrained(FOLDER)
    (FOLDER / "unet" / "diffusion_pytorch_model.safetensors").chmod(0o644)
    save_tensors(FOLDER / "io.safetensors", {"images": torch.from_numpy(images)})
    save_json(FOLDER / "io.json", {**RUN, "published_corner": PUBLISHED})


if __name__ == "__main__":
    main()
