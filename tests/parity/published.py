"""Checks that the loops of `solvers.py` give the numbers published in diffusers' own unit tests; writes nothing."""

import diffusers
import torch

from fixture import seeded
from solvers import visit

SIZE = 768
SHORT = {"num_train_timesteps": 1100}
SIGMA_MIN = {"final_sigmas_type": "sigma_min"}
# scheduler, its options, sum and mean of |x| after 10 steps
FROM_NOISE = [
    ("DDIMScheduler", {}, 172.0067, 0.223967),
    ("PNDMScheduler", {}, 198.1318, 0.2580),
    ("DPMSolverMultistepScheduler", {"lower_order_final": False, **SIGMA_MIN}, None, 0.3301),
    ("DPMSolverSinglestepScheduler", SIGMA_MIN, None, 0.2791),
    ("UniPCMultistepScheduler", SIGMA_MIN, None, 0.2464),
    ("DEISMultistepScheduler", {}, None, 0.23916),
    ("EulerDiscreteScheduler", SHORT, 10.0807, 0.0131),
    ("EulerAncestralDiscreteScheduler", SHORT, 152.3192, 0.1983),
    ("LMSDiscreteScheduler", SHORT, 1006.388, 1.31),
    ("EDMEulerScheduler", {"num_train_timesteps": 256}, 34.1855, 0.044),
]


def model(x, t):
    return x * t / (t + 1)


def published_sample():
    return (torch.arange(SIZE).reshape(3, 8, 8, 4) / SIZE).permute(3, 0, 1, 2)


def compare(name, final, total, mean):
    found = final.abs().sum().item()
    print(f"{name}: {found:.6g}, {found / SIZE:.6g}")
    assert total is None or abs(found - total) < max(1e-2, 2e-6 * total), name
    assert abs(found / SIZE - mean) < max(1e-3, 2e-6 * mean), name


def scaled_in_place(scheduler, sample, timesteps, generator=None):
    """These unit tests give the scaled model input to the step as well, instead of the sample itself."""
    options = {"generator": generator} if generator else {}
    for timestep in timesteps:
        sample = scheduler.scale_model_input(sample, timestep)
        sample = scheduler.step(model(sample, timestep), timestep, sample, **options).prev_sample
    return sample


def from_noise(name, config):
    scheduler = getattr(diffusers, name)(**config)
    scheduler.set_timesteps(10)
    sample = published_sample() * scheduler.init_noise_sigma
    if config is SHORT:
        generator = seeded(0) if "Ancestral" in name else None
        return scaled_in_place(scheduler, sample, scheduler.timesteps, generator)
    return visit(scheduler, model, sample, scheduler.timesteps)


def heun_with_noise():
    scheduler = diffusers.HeunDiscreteScheduler(**SHORT, beta_start=0.0001, beta_end=0.02)
    scheduler.set_timesteps(10)
    sample = published_sample() * scheduler.init_noise_sigma
    timesteps = scheduler.timesteps[8 * scheduler.order :]
    noise = published_sample().flip((0, 1, 2, 3))
    return scaled_in_place(scheduler, scheduler.add_noise(sample, noise, timesteps[:1]), timesteps)


def ddpm():
    scheduler = diffusers.DDPMScheduler(variance_type="fixed_small", clip_sample=True)
    return visit(scheduler, model, published_sample(), torch.arange(999, -1, -1), seeded(0))


def score_sde_ve():
    scheduler = diffusers.ScoreSdeVeScheduler(snr=0.15, sigma_min=0.01, sigma_max=1348, sampling_eps=1e-5)
    scheduler.set_sigmas(3)
    scheduler.set_timesteps(3)
    sample, generator = published_sample(), seeded(0)
    for timestep, sigma in zip(scheduler.timesteps, scheduler.sigmas):
        for _ in range(scheduler.config.correct_steps):
            sample = scheduler.step_correct(model(sample, sigma), sample, generator=generator).prev_sample
        sample = scheduler.step_pred(model(sample, sigma), timestep, sample, generator=generator).prev_sample
    return sample


def main():
    for name, config, total, mean in FROM_NOISE:
        compare(name, from_noise(name, config), total, mean)
    compare("Heun with noise", heun_with_noise(), 75074.8906, 97.7538)
    compare("DDPM", ddpm(), 258.9606, 0.3372)
    compare("ScoreSdeVe", score_sde_ve(), 14372758528, 18714530)


if __name__ == "__main__":
    main()
