"""`variational_bound.{json,safetensors}`: the bound term by term in float64, from distributions alone."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from fixture import FIXTURES, save_json, save_tensors, seeded

SHAPE = (3, 2, 4, 4)
SEED = 7
TIMESTEPS = 20
BETAS = torch.linspace(1e-3, 0.3, TIMESTEPS, dtype=torch.float64)
ALPHA_BARS = (1 - BETAS).cumprod(0)
MODEL = "x * t / (t + 1), the noise"
VARIANCE_MODEL = {"learned": "0.01 * (1 + sin(x)^2)", "learned_range": "0.5 * sin(x)"}
EVERY = list(range(TIMESTEPS - 1, -1, -1))
SOME = [19, 14, 9, 3, 0]

CASES = {
    f"{variance}.{spacing}.{'clipped' if clip else 'unclipped'}": (variance, timesteps, clip)
    for variance in ("fixed_small", "fixed_large", "learned", "learned_range")
    for spacing, timesteps in (("every", EVERY), ("some", SOME))
    for clip in (True, False)
}


def images():
    """Grey levels of 8 bits, black and white among them."""
    levels = torch.randint(0, 256, SHAPE, generator=seeded(SEED))
    levels[:, :, 0, 0], levels[:, :, 1, 2] = 0, 255
    return (levels.double() * 2 / 255 - 1).float().double()


def forward_posterior(clean, noisy, alpha_bar, alpha_bar_before):
    """q(x_s | x_t, x_0) by Bayes' rule: the product of q(x_s | x_0) and, as a function of x_s, q(x_t | x_s)."""
    step = alpha_bar / alpha_bar_before
    prior_precision, likelihood_precision = 1 / (1 - alpha_bar_before), step / (1 - step)
    precision = prior_precision + likelihood_precision
    from_clean = prior_precision * alpha_bar_before.sqrt() * clean
    from_noisy = likelihood_precision * noisy / step.sqrt()
    return Normal((from_clean + from_noisy) / precision, precision.rsqrt() * torch.ones_like(clean))


def log_normal_cdf(z):
    return torch.special.log_ndtr(z)


def decoder(clean, mean, deviation):
    """-log of the mass in each grey level's bin, with the bins of black and white open to the outside."""
    left, right = (clean - 1 / 255 - mean) / deviation, (clean + 1 / 255 - mean) / deviation
    left, right = left.where(clean > -1, -math.inf), right.where(clean < 1, math.inf)
    mirrored = left + right > 0
    left, right = torch.where(mirrored, -right, left), torch.where(mirrored, -left, right)
    return -(log_normal_cdf(right) + torch.log1p(-(log_normal_cdf(left) - log_normal_cdf(right)).exp()))


def reverse_deviation(variance, noisy, beta, posterior_variance):
    if variance == "fixed_small":
        return posterior_variance.sqrt() * torch.ones_like(noisy)
    if variance == "fixed_large":
        return beta.sqrt() * torch.ones_like(noisy)
    if variance == "learned":
        return (0.01 * (1 + noisy.sin() ** 2)).sqrt()
    part = (0.5 * noisy.sin() + 1) / 2
    return (part * beta.log() + (1 - part) * posterior_variance.log()).mul(0.5).exp()


def bits(nats):
    return nats.flatten(1).mean(1) / math.log(2)


def bound(variance, timesteps, clip):
    clean, generator = images(), seeded(SEED)
    ones = torch.ones_like(clean)
    first = ALPHA_BARS[timesteps[0]]
    standard = Normal(torch.zeros_like(clean), ones)
    prior = kl_divergence(Normal(first.sqrt() * clean, (1 - first).sqrt() * ones), standard)
    terms = []
    for timestep, following in zip(timesteps, timesteps[1:] + [None]):
        alpha_bar = ALPHA_BARS[timestep]
        noise = torch.randn(SHAPE, generator=generator).double()
        noisy = alpha_bar.sqrt() * clean + (1 - alpha_bar).sqrt() * noise
        estimate = (noisy - (1 - alpha_bar).sqrt() * noisy * timestep / (timestep + 1)) / alpha_bar.sqrt()
        estimate = estimate.clamp(-1, 1) if clip else estimate
        if following is not None:
            before = ALPHA_BARS[following]
            beta = 1 - alpha_bar / before
            posterior = forward_posterior(clean, noisy, alpha_bar, before)
            model = forward_posterior(estimate, noisy, alpha_bar, before).mean
            deviation = reverse_deviation(variance, noisy, beta, posterior.variance[0, 0, 0, 0])
            terms.append(bits(kl_divergence(posterior, Normal(model, deviation))))
            last_variance = posterior.variance[0, 0, 0, 0]
        else:
            # As in the code of Ho et al. 2020: the step before lends its variance, to "fixed_large" too.
            kind = "fixed_small" if variance == "fixed_large" else variance
            deviation = reverse_deviation(kind, noisy, 1 - alpha_bar, last_variance)
            terms.append(bits(decoder(clean, estimate, deviation)))
    return bits(prior), torch.stack(terms, 1)


def main():
    tensors, cases = {"images": images().float()}, []
    for name, (variance, timesteps, clip) in CASES.items():
        prior, terms = bound(variance, timesteps, clip)
        assert terms.isfinite().all()
        tensors |= {f"{name}.prior": prior.float(), f"{name}.terms": terms.float()}
        cases.append({"name": name, "variance": variance, "timesteps": timesteps, "clip": clip})
    save_tensors(FIXTURES / "variational_bound.safetensors", tensors)
    head = {"seed": SEED, "betas": BETAS.tolist(), "model": MODEL, "variance_model": VARIANCE_MODEL}
    save_json(FIXTURES / "variational_bound.json", {**head, "cases": cases})


if __name__ == "__main__":
    main()
