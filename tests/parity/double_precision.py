"""diffusers' own scheduler code in float64, though it names float32 in its tables and its steps."""

import inspect
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import torch
from diffusers.utils.torch_utils import randn_tensor


class Doubled:
    """A module whose `float32` is its `float64`."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, "float64" if name == "float32" else name)


def draw_float32(shape, dtype=None, **options):
    """float64 normals are another stream; the noise is always the float32 one."""
    return randn_tensor(shape, dtype=torch.float32, **options).to(dtype or torch.get_default_dtype())


def module_globals(scheduler_class, replacements):
    known = vars(inspect.getmodule(scheduler_class))
    return patch.dict(known, {name: value for name, value in replacements.items() if name in known})


@contextmanager
def precision(scheduler_class, dtype):
    """Inside, schedulers of this class are built and stepped in `dtype`, with the same float32 noise."""
    doubled = {"torch": Doubled(torch), "np": Doubled(np)} if dtype == torch.float64 else {}
    shipped = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with module_globals(scheduler_class, {"randn_tensor": draw_float32, **doubled}):
            yield
    finally:
        torch.set_default_dtype(shipped)
