"""diffusers' noise schedules in float64: its own formulas, which it evaluates in float32."""

import math

import torch


def cosine_betas(count):
    def alpha_bar(time):
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    ratios = [alpha_bar((i + 1) / count) / alpha_bar(i / count) for i in range(count)]
    return torch.tensor([min(1 - ratio, 0.999) for ratio in ratios], dtype=torch.float64)


def rescale_to_zero_snr(betas):
    """Algorithm 1 of "Common Diffusion Noise Schedules and Sample Steps are Flawed" (arXiv 2305.08891)."""
    root = torch.cumprod(1 - betas, dim=0).sqrt()
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    alphas_cumprod = root**2
    alphas = torch.cat([alphas_cumprod[:1], alphas_cumprod[1:] / alphas_cumprod[:-1]])
    return 1 - alphas


def exact_betas(config):
    start, end, count = config.beta_start, config.beta_end, config.num_train_timesteps
    if config.trained_betas is not None:
        betas = torch.tensor(config.trained_betas, dtype=torch.float64)
    elif config.beta_schedule == "linear":
        betas = torch.linspace(start, end, count, dtype=torch.float64)
    elif config.beta_schedule == "scaled_linear":
        betas = torch.linspace(start**0.5, end**0.5, count, dtype=torch.float64) ** 2
    elif config.beta_schedule == "squaredcos_cap_v2":
        betas = cosine_betas(count)
    elif config.beta_schedule == "sigmoid":
        betas = torch.sigmoid(torch.linspace(-6, 6, count, dtype=torch.float64)) * (end - start) + start
    else:
        raise ValueError(f"no exact formula for {config.beta_schedule}")
    return rescale_to_zero_snr(betas) if config.rescale_betas_zero_snr else betas


def make_exact(scheduler):
    """Replaces a scheduler's float32 schedule by the float64 one; its step code stays diffusers' own."""
    scheduler.betas = exact_betas(scheduler.config)
    scheduler.alphas = 1 - scheduler.betas
    scheduler.alphas_cumprod = torch.cumprod(scheduler.alphas, dim=0)
    scheduler.one = torch.tensor(1.0, dtype=torch.float64)
    if hasattr(scheduler, "final_alpha_cumprod"):
        to_one = scheduler.config.set_alpha_to_one
        scheduler.final_alpha_cumprod = scheduler.one if to_one else scheduler.alphas_cumprod[0]
    return scheduler
