"""`samplers.{json,safetensors}`: diffusers' schedulers alone, driven by a toy model in place of a network."""

import diffusers
import torch
from diffusers.schedulers import scheduling_ddim, scheduling_ddpm

from double_precision import draw_float32
from exact_schedule import make_exact
from fixture import FIXTURES, save_json, save_tensors, seeded
from sampler_cases import CASES

SHAPE = (2, 3, 4, 4)
SEED = 0
TOY_MODEL = "x * t / (t + 1)"
TOY_VARIANCE = {"learned": "0.01 * (1 + sin(x)^2)", "learned_range": "0.5 * sin(x)"}


def toy_model(noisy, timestep, variance_type):
    output = noisy * timestep / (timestep + 1)
    if variance_type == "learned":
        return torch.cat([output, 0.01 * (1 + noisy.sin() ** 2)], dim=1)
    if variance_type == "learned_range":
        return torch.cat([output, 0.5 * noisy.sin()], dim=1)
    return output


def make_scheduler(case):
    config = dict(case["config"])
    # diffusers takes the square root of the log-variance here, which is not a number. The
    # standard deviation it means, exp(log(beta) / 2), is the one of fixed_large.
    if config.get("variance_type") == "fixed_large_log":
        config["variance_type"] = "fixed_large"
    return getattr(diffusers, case["scheduler"])(**config)


def run(case, scheduler, dtype):
    scheduler.set_timesteps(case["num_inference_steps"])
    variance_type = scheduler.config.get("variance_type")
    generator = seeded(SEED)
    noisy = torch.randn(SHAPE, generator=generator).to(dtype)
    options = {name: case[name] for name in ("eta", "use_clipped_model_output") if name in case}
    cleans = []
    for timestep in scheduler.timesteps:
        output = toy_model(noisy, timestep.to(dtype), variance_type)
        result = scheduler.step(output, timestep, noisy, generator=generator, **options)
        noisy = result.prev_sample
        cleans.append(result.pred_original_sample)
    tensors = {"clean": cleans[max(len(cleans) - 2, 0)], "final": noisy}
    assert all(tensor.isfinite().all() and tensor.any() for tensor in tensors.values())
    return tensors


def main():
    scheduling_ddpm.randn_tensor = scheduling_ddim.randn_tensor = draw_float32
    cases, tensors = [], {"initial_noise": torch.randn(SHAPE, generator=seeded(SEED))}
    for name, case in CASES.items():
        scheduler = make_scheduler(case)
        as_shipped = run(case, scheduler, torch.float32)
        exact = run(case, make_exact(scheduler), torch.float64)
        for key in exact:
            error = (exact[key] - as_shipped[key]).abs().max() / exact[key].abs().max()
            assert error < 2e-3, f"{name}: the exact schedule moved {key} by {error}"
            tensors[f"{name}.{key}"] = exact[key].float()
        cases.append({"name": name, **case})
    save_tensors(FIXTURES / "samplers.safetensors", tensors)
    head = {"seed": SEED, "shape": SHAPE, "model": TOY_MODEL, "variance_model": TOY_VARIANCE}
    save_json(FIXTURES / "samplers.json", {**head, "cases": cases})


if __name__ == "__main__":
    main()
