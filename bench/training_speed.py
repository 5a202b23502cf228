"""Images per second of `train` and PyTorch, alternating in one run: `python bench/training_speed.py DATA [CONFIG]`.

DATA is a folder that `train --data` reads; CONFIG is a UNet2DModel's config.json, by default the shipped digits'. Needs
`cargo build --release --bin train`. Both train in float32 on two threads with the same network, batch, AdamW, clipping
of gradients and average of the weights; PyTorch's batches are already in memory.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from diffusers import DDPMScheduler, UNet2DModel

THREADS, BATCH, STEPS, ROUNDS = 2, 128, 12, 3
ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "train"


def seconds_of_program(data, config, steps):
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--data", data, "--config", config, "--output", f"{folder}/model", "--steps", str(steps), "--batch", str(BATCH)]
        began = time.perf_counter()
        subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, env={**os.environ, "RAYON_NUM_THREADS": str(THREADS)})
        return time.perf_counter() - began


def ours(data, config):
    """Time of a step, without start-up, saving and sampling."""
    return (seconds_of_program(data, config, STEPS + 1) - seconds_of_program(data, config, 1)) / STEPS


class Torch:
    def __init__(self, config):
        torch.set_num_threads(THREADS)
        torch.manual_seed(0)
        self.network = UNet2DModel.from_config(json.loads(Path(config).read_text()))
        self.average = [p.detach().clone() for p in self.network.parameters()]
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=1e-3)
        self.scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2")
        side, channels = self.network.config.sample_size, self.network.config.in_channels
        self.images = torch.randn(BATCH, channels, side, side).clamp(-1, 1)
        classes = self.network.config.num_class_embeds
        self.labels = torch.randint(classes, [BATCH]) if classes else None

    def step(self):
        noise, times = torch.randn_like(self.images), torch.randint(1000, [BATCH])
        noisy = self.scheduler.add_noise(self.images, noise, times)
        loss = torch.nn.functional.mse_loss(self.network(noisy, times, self.labels).sample, noise)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        torch._foreach_lerp_(self.average, [p.detach() for p in self.network.parameters()], 1e-3)

    def seconds(self):
        began = time.perf_counter()
        for _ in range(STEPS):
            self.step()
        return (time.perf_counter() - began) / STEPS


def main(data, config=ROOT / "www/models/mnist/unet/config.json"):
    theirs = Torch(config)
    theirs.step()
    best = [min(times) for times in zip(*((ours(data, config), theirs.seconds()) for _ in range(ROUNDS)))]
    for name, seconds in zip(["train", f"PyTorch {torch.__version__}"], best):
        print(f"{name}: {BATCH / seconds:.0f} images a second on {THREADS} threads")
    print(f"{best[1] / best[0]:.2f} times PyTorch")


if __name__ == "__main__":
    main(*sys.argv[1:])
