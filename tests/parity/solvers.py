"""`solvers.{json,safetensors}`: diffusers' schedulers of every family, from noise or part-way, with toy models."""

import inspect
import warnings

import diffusers
import torch
from diffusers.schedulers.deprecated.scheduling_sde_vp import ScoreSdeVpScheduler

from double_precision import precision
from fixture import FIXTURES, save_json, save_tensors, seeded
from solver_cases import CASES

SHAPE = (2, 3, 4, 4)
SEED = 0
CLEAN_SAMPLE = "sin(k), k the index in memory order"
AGREEMENT = 2e-3  # of the float32 run with the float64 one, relative to the largest value
MODELS = {
    "x * t / (t + 1)": lambda x, t: x * t / (t + 1),
    "x * (t + 1) / (t + 2)": lambda x, t: x * (t + 1) / (t + 2),
    "x * t / (t + 1) + exp(-t / 100) * cos(x)": lambda x, t: x * t / (t + 1) + (-t / 100).exp() * x.cos(),
    "sin(x + t)": lambda x, t: (x + t).sin(),
    "sin(x + t / 1000)": lambda x, t: (x + t / 1000).sin(),
    "-x / (1 + t * t)": lambda x, t: -x / (1 + t * t),
}


def scheduler_class(case):
    if case["scheduler"] == "ScoreSdeVpScheduler":
        return ScoreSdeVpScheduler
    return getattr(diffusers, case["scheduler"])


def draw(generator):
    return torch.randn(SHAPE, generator=generator, dtype=torch.float32).to(torch.get_default_dtype())


def clean_sample():
    return torch.arange(torch.Size(SHAPE).numel()).reshape(SHAPE).to(torch.get_default_dtype()).sin()


def set_timesteps(scheduler, case):
    if case["custom_timesteps"]:
        scheduler.set_timesteps(timesteps=case["custom_timesteps"])
    else:
        scheduler.set_timesteps(case["num_inference_steps"])
    # The last of the karras sigmas and a final sigma_min are one number in float32. In float64 they
    # may be 1e-16 apart either way, and the noise of a step that goes up is the root of a negative.
    sigmas = getattr(scheduler, "sigmas", None)
    if sigmas is not None and torch.isclose(sigmas[-1], sigmas[-2], rtol=1e-9, atol=0):
        sigmas[-1] = sigmas[-2]


def start(scheduler, case, generator):
    """The first sample and the timesteps to visit, as an image-to-image pipeline sets them up."""
    noise = draw(generator)
    if case["begin"] is None:
        scale = getattr(scheduler, "init_noise_sigma", 1.0)
        return noise * scale, scheduler.timesteps
    begin = case["begin"] * scheduler.order
    timesteps = scheduler.timesteps[begin:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    add_noise = getattr(scheduler, "add_noise", None)
    if add_noise is None:
        noisy = scheduler.scale_noise(clean_sample(), timesteps[:1], noise)
    else:
        noisy = add_noise(clean_sample(), noise, timesteps[:1])
    return noisy, timesteps


def visit(scheduler, model, sample, timesteps, generator=None, **options):
    """What every diffusers pipeline does with a scheduler of discrete steps."""
    scale = getattr(scheduler, "scale_model_input", lambda sample, _timestep: sample)
    if "generator" in inspect.signature(scheduler.step).parameters:
        options["generator"] = generator
    for timestep in timesteps:
        output = model(scale(sample, timestep), timestep.to(sample.dtype))
        sample = scheduler.step(output, timestep, sample, **options).prev_sample
    return sample


def loop(scheduler, case, generator):
    sample, timesteps = start(scheduler, case, generator)
    return visit(scheduler, MODELS[case["model"]], sample, timesteps, generator, **case["step"]), timesteps


def encode(scheduler, case, _generator):
    """DDIM inversion: from the clean sample upwards."""
    return visit(scheduler, MODELS[case["model"]], clean_sample(), scheduler.timesteps), scheduler.timesteps


def predict_and_correct(scheduler, case, generator):
    """The loop of diffusers' score_sde_ve pipeline; what is returned is the last mean, not yet clamped to [0, 1]."""
    scheduler.set_sigmas(case["num_inference_steps"])
    model = MODELS[case["model"]]
    begin = case["begin"] or 0
    timesteps, sigmas = scheduler.timesteps[begin:], scheduler.sigmas[begin:]
    if case["begin"] is None:
        sample = draw(generator) * scheduler.init_noise_sigma
    else:
        level = (timesteps[:1] * (len(scheduler.timesteps) - 1)).long()
        sample = scheduler.add_noise(clean_sample(), draw(generator), level)
    for timestep, sigma in zip(timesteps, sigmas):
        for _ in range(scheduler.config.correct_steps):
            sample = scheduler.step_correct(model(sample, sigma), sample, generator=generator).prev_sample
        step = scheduler.step_pred(model(sample, sigma), timestep, sample, generator=generator)
        sample = step.prev_sample
    return step.prev_sample_mean, timesteps


def predict(scheduler, case, generator):
    """Euler-Maruyama of the variance-preserving SDE; returned is the last mean."""
    sample = draw(generator)
    for timestep in scheduler.timesteps:
        output = MODELS[case["model"]](sample, timestep)
        sample, mean = scheduler.step_pred(output, sample, timestep, generator=generator)
    return mean, scheduler.timesteps


LOOPS = {
    "DDIMInverseScheduler": encode,
    "ScoreSdeVeScheduler": predict_and_correct,
    "ScoreSdeVpScheduler": predict,
}


def run(case, dtype):
    of_class = scheduler_class(case)
    with precision(of_class, dtype):
        scheduler = of_class(**case["config"])
        set_timesteps(scheduler, case)
        final, timesteps = LOOPS.get(case["scheduler"], loop)(scheduler, case, seeded(SEED))
        assert final.dtype == dtype
        return final, timesteps, getattr(scheduler, "sigmas", None)


def check(name, exact, shipped):
    final, timesteps, sigmas = exact
    assert final.isfinite().all() and final.any(), f"{name} is not a number, or zero"
    assert 1e-3 < final.abs().max() < 1e3, f"{name} reaches {final.abs().max()}"
    error = (final - shipped[0]).abs().max() / final.abs().max()
    assert error < AGREEMENT, f"{name}: float32 is off by {error}"
    if shipped[1].dtype == torch.int64:
        assert torch.equal(timesteps, shipped[1]), f"{name} visits {timesteps} or {shipped[1]}"
    torch.testing.assert_close(timesteps.double(), shipped[1].double(), rtol=1e-4, atol=1e-2)
    if sigmas is not None:
        torch.testing.assert_close(sigmas, shipped[2].double(), rtol=1e-3, atol=1e-6)


def numbers(tensor):
    """Eight digits, enough for any comparison; whole numbers as such."""
    return [int(value) if value == int(value) else float(f"{value:.8g}") for value in tensor.tolist()]


def describe(name, case, timesteps, sigmas):
    """The case as the fixture states it: what it leaves out has its default."""
    kept = ("scheduler", "config", "model", "num_inference_steps", "custom_timesteps", "begin", "step")
    row = {"name": name, **{key: case[key] for key in kept if case.get(key) not in (None, {}) or key == "config"}}
    row["timesteps"] = numbers(timesteps)
    if sigmas is not None:
        row["sigmas"] = numbers(sigmas)
    return row


def main():
    warnings.simplefilter("ignore", FutureWarning)  # dpmsolver and sde-dpmsolver are deprecated
    rows, tensors = [], {"noise": torch.randn(SHAPE, generator=seeded(SEED)), "clean": clean_sample()}
    for name, case in CASES.items():
        exact = run(case, torch.float64)
        check(name, exact, run(case, torch.float32))
        tensors[f"{name}.final"] = exact[0].float()
        rows.append(describe(name, case, *exact[1:]))
    save_tensors(FIXTURES / "solvers.safetensors", tensors)
    head = {"seed": SEED, "shape": SHAPE, "clean": CLEAN_SAMPLE}
    save_json(FIXTURES / "solvers.json", {**head, "cases": rows})


if __name__ == "__main__":
    main()
