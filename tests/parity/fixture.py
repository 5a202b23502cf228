"""What every fixture script shares: a deterministic torch, and the two file formats."""

import json
import os
import re
from pathlib import Path

# torch picks its kernels by processor; the last bits of `randn` depend on that choice.
# AVX2 is what nearly every desktop runs. Must be set before torch is imported.
os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import diffusers
import torch
from safetensors.torch import save_file

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
diffusers.logging.set_verbosity_error()
diffusers.logging.disable_progress_bar()

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = REPOSITORY / "tests" / "fixtures"
SHIPPED_MODEL = REPOSITORY / "www" / "models" / "mnist"


def seeded(seed):
    """A CPU generator, as `torch.manual_seed(seed)` would set the global one."""
    return torch.Generator().manual_seed(seed)


def save_tensors(path, tensors):
    """Writes safetensors; every tensor made contiguous, so that views are allowed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    path.chmod(0o644)  # safetensors makes private files


def save_json(path, value):
    """Writes indented JSON with each list of plain values on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]), text)
    path.write_text(text.replace("[ ", "[").replace(" ]", "]") + "\n")
