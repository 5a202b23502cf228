"""`scheduler_configs/`: the `scheduler_config.json` of every scheduler that is read, as `save_pretrained` writes it, with all its keys."""

import tempfile
from pathlib import Path

import diffusers
from diffusers.schedulers.deprecated import scheduling_sde_vp

from fixture import FIXTURES

CLASSES = [
    "DDPMScheduler",
    "DDIMScheduler",
    "PNDMScheduler",
    "LMSDiscreteScheduler",
    "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler",
    "HeunDiscreteScheduler",
    "KDPM2DiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "IPNDMScheduler",
    "DPMSolverSinglestepScheduler",
    "DPMSolverMultistepScheduler",
    "UniPCMultistepScheduler",
    "DEISMultistepScheduler",
    "EDMEulerScheduler",
    "EDMDPMSolverMultistepScheduler",
    "ScoreSdeVeScheduler",
    "ScoreSdeVpScheduler",
    "CMStochasticIterativeScheduler",
    "FlowMatchEulerDiscreteScheduler",
    "FlowMatchHeunDiscreteScheduler",
]


def scheduler_class(name):
    return getattr(diffusers if hasattr(diffusers, name) else scheduling_sde_vp, name)


def saved(name):
    with tempfile.TemporaryDirectory() as folder:
        scheduler_class(name)().save_pretrained(folder)
        return (Path(folder) / "scheduler_config.json").read_bytes()


def main():
    folder = FIXTURES / "scheduler_configs"
    folder.mkdir(parents=True, exist_ok=True)
    for name in CLASSES:
        (folder / f"{name}.json").write_bytes(saved(name))


if __name__ == "__main__":
    main()
