"""The sampler loops of `solvers.json`: the grid of schedulers, and then their options one by one."""

from itertools import product

from solver_options import OPTIONS
from solver_runs import MODEL, MODEL_OF_SAMPLE, PART_WAY, run_of

STEPS = 10
KARRAS = {"use_karras_sigmas": True}
FLOW = {"use_flow_sigmas": True, "flow_shift": 3.0}
ALL = ("epsilon", "v_prediction", "sample")
NOT_SAMPLE = ("epsilon", "v_prediction")
# scheduler: what it may predict, and its spacings beside the default one
GRID = {
    "dpm_multistep": (ALL, {"karras": KARRAS}),
    "dpm_singlestep": (ALL, {"karras": KARRAS}),
    "unipc": (ALL, {"karras": KARRAS}),
    "deis": (ALL, {"karras": KARRAS}),
    "euler": (ALL, {"karras": KARRAS}),
    "euler_ancestral": (NOT_SAMPLE, {}),
    "heun": (ALL, {"karras": KARRAS}),
    "kdpm2": (NOT_SAMPLE, {"karras": KARRAS}),
    "kdpm2_ancestral": (NOT_SAMPLE, {"karras": KARRAS}),
    "lms": (ALL, {"karras": KARRAS}),
    "edm_euler": (NOT_SAMPLE, {"exponential": {"sigma_schedule": "exponential"}}),
    "edm_dpm": (NOT_SAMPLE, {"exponential": {"sigma_schedule": "exponential"}}),
    "ddpm": (ALL, {}),
    "ddim": (ALL, {}),
}
FLOW_GRID = ("dpm_multistep", "dpm_singlestep", "unipc", "deis")


def grid():
    for family, (predictions, spacings) in GRID.items():
        for prediction, (spacing, config) in product(predictions, {"": {}, **spacings}.items()):
            for begin in (None, PART_WAY):
                name = ".".join(filter(None, (family, prediction, spacing, "part_way" if begin else "")))
                model = MODEL_OF_SAMPLE if prediction == "sample" else MODEL
                yield name, run_of(family, model, STEPS, begin, prediction_type=prediction, **config)
    for family, begin in product(FLOW_GRID, (None, PART_WAY)):
        name = f"{family}.flow_prediction" + (".part_way" if begin else "")
        yield name, run_of(family, MODEL, STEPS, begin, prediction_type="flow_prediction", **FLOW)


def options():
    for family, cases in OPTIONS.items():
        for name, case in cases.items():
            yield f"{family}.{name}", run_of(family, **case)


CASES = {}
for name, case in [*grid(), *options()]:
    assert name not in CASES, f"{name} twice"
    CASES[name] = case
