"""`schedules.json` and `timesteps.json`: the tables of numbers that a scheduler's options stand for."""

import itertools

import torch
from diffusers import DDIMScheduler, DDPMScheduler

from exact_schedule import make_exact
from fixture import FIXTURES, save_json

INDICES = [0, 1, 10, 250, 500, 750, 998, 999]
LATENT_DIFFUSION = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
SHORT = {"num_train_timesteps": 12, "trained_betas": [round(0.02 * 1.3**i, 6) for i in range(12)]}
SCHEDULES = [
    {},
    {"beta_start": 0.001, "beta_end": 0.05},
    {"beta_schedule": "scaled_linear"},
    LATENT_DIFFUSION,
    {"beta_schedule": "squaredcos_cap_v2"},
    {"beta_schedule": "squaredcos_cap_v2", "num_train_timesteps": 100},
    {"beta_schedule": "linear", "num_train_timesteps": 1100},
    {"beta_schedule": "sigmoid"},
    {"beta_schedule": "sigmoid", "num_train_timesteps": 50, "beta_end": 0.2},
    SHORT,
]
SPACINGS = ["leading", "linspace", "trailing"]
STEP_COUNTS = [1, 3, 7, 10, 50, 999, 1000]
FULL_UP_TO = 50


def schedule_row(scheduler_class, config):
    scheduler = scheduler_class(**config)
    rounded = scheduler.alphas_cumprod.double()
    make_exact(scheduler)
    torch.testing.assert_close(scheduler.alphas_cumprod, rounded, rtol=2e-4, atol=1e-6)
    indices = [index for index in INDICES if index < len(rounded)] + [len(rounded) - 1]
    indices = sorted(set(indices))
    row = {
        "scheduler": scheduler_class.__name__,
        "config": config,
        "indices": indices,
        "betas": scheduler.betas[indices].tolist(),
        "alphas_cumprod": scheduler.alphas_cumprod[indices].tolist(),
        "alphas_cumprod_float32": rounded[indices].tolist(),
    }
    if scheduler_class is DDIMScheduler:
        row["final_alpha_cumprod"] = scheduler.final_alpha_cumprod.item()
    return row


def schedule_rows():
    for config, rescaled in itertools.product(SCHEDULES, [False, True]):
        config = {**config, "rescale_betas_zero_snr": True} if rescaled else config
        yield schedule_row(DDPMScheduler, config)
        if config.get("beta_schedule") != "sigmoid":
            yield schedule_row(DDIMScheduler, {**config, "set_alpha_to_one": False})


def timestep_row(scheduler_class, config, steps):
    scheduler = scheduler_class(**config)
    scheduler.set_timesteps(steps)
    timesteps = scheduler.timesteps.tolist()
    row = {"scheduler": scheduler_class.__name__, "config": config, "num_inference_steps": steps}
    if len(timesteps) <= FULL_UP_TO:
        return {**row, "timesteps": timesteps}
    return {**row, "count": len(timesteps), "first": timesteps[:5], "last": timesteps[-5:]}


def timestep_rows():
    for scheduler_class, spacing, offset, steps in itertools.product(
        [DDPMScheduler, DDIMScheduler], SPACINGS, [0, 1], STEP_COUNTS
    ):
        yield timestep_row(scheduler_class, {"timestep_spacing": spacing, "steps_offset": offset}, steps)
    for spacing in SPACINGS:
        yield timestep_row(DDPMScheduler, {"timestep_spacing": spacing, "num_train_timesteps": 12}, 5)


def main():
    save_json(FIXTURES / "schedules.json", list(schedule_rows()))
    save_json(FIXTURES / "timesteps.json", list(timestep_rows()))


if __name__ == "__main__":
    main()
