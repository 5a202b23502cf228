"""Draws the moving pictures of the documentation from the recorded runs of the start page: `python tools/animate.py`.

Needs `pip install numpy pillow`. Reads www/recordings/, whose format is described in www/home/recording.js, and writes docs/digits.webp and
docs/tiles.webp.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SCALES = {"digits": 3, "tiles": 5}  # screen pixels per pixel of the image
STEP, END = 150, 2500  # milliseconds


def frames(name):
    """The grid of pictures after 0, 1, … steps of DDIM, `[height, width, 3]` each."""
    facts = json.loads((ROOT / f"www/recordings/{name}.json").read_text())
    height, width, count = facts["height"], facts["width"], facts["count"]
    strip = np.asarray(Image.open(ROOT / f"www/recordings/{name}.webp").convert("RGB"), dtype=np.float32)
    rows = strip.reshape(-1, height, strip.shape[1], 3) / 127.5 - 1
    noisy = rows[0] * facts["range"]
    yield grid(noisy, count, width)
    for clean, (alpha, sigma), (alpha_next, sigma_next) in zip(rows[1:], facts["levels"], facts["levels"][1:]):
        noisy = alpha_next * clean + sigma_next / sigma * (noisy - alpha * clean)
        yield grid(noisy, count, width)


def grid(pictures, count, width):
    """Lays out a row of `count` pictures as rows of eight."""
    height = pictures.shape[0]
    cells = pictures.reshape(height, count, width, 3).transpose(1, 0, 2, 3)
    lines = cells.reshape(-1, 8, height, width, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 8 * width, 3)
    return np.clip(127.5 * (lines + 1), 0, 255).astype(np.uint8)


for name, scale in SCALES.items():
    images = [Image.fromarray(frame) for frame in frames(name)]
    large = [image.resize((image.width * scale, image.height * scale), Image.NEAREST) for image in images]
    durations = [STEP] * (len(large) - 1) + [END]
    large[0].save(ROOT / f"docs/{name}.webp", save_all=True, append_images=large[1:], duration=durations, loop=0, quality=30, method=6)
