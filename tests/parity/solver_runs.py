"""How a scheduler of `solvers.json` is run: its class, its toy model, its number of steps, where it starts."""

PART_WAY = 4
CLASSES = {
    "ddpm": "DDPMScheduler",
    "ddim": "DDIMScheduler",
    "ddim_inverse": "DDIMInverseScheduler",
    "dpm_multistep": "DPMSolverMultistepScheduler",
    "dpm_singlestep": "DPMSolverSinglestepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "deis": "DEISMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "kdpm2": "KDPM2DiscreteScheduler",
    "kdpm2_ancestral": "KDPM2AncestralDiscreteScheduler",
    "lms": "LMSDiscreteScheduler",
    "pndm": "PNDMScheduler",
    "ipndm": "IPNDMScheduler",
    "edm_euler": "EDMEulerScheduler",
    "edm_dpm": "EDMDPMSolverMultistepScheduler",
    "consistency": "CMStochasticIterativeScheduler",
    "flow_euler": "FlowMatchEulerDiscreteScheduler",
    "flow_heun": "FlowMatchHeunDiscreteScheduler",
    "sde_ve": "ScoreSdeVeScheduler",
    "sde_vp": "ScoreSdeVpScheduler",
}
# the model of the published numbers: linear in x, nearly the same at all t
MODEL = "x * t / (t + 1)"
# not zero at t = 0, where a predicted clean sample is the result
MODEL_OF_SAMPLE = "x * (t + 1) / (t + 2)"
# neither linear nor zero anywhere, so that every option shows
CURVED_MODEL = "x * t / (t + 1) + exp(-t / 100) * cos(x)"
# of the schedulers that show the network ln(sigma) / 4
LOG_SIGMA_MODEL = "sin(x + t)"
MODELS = {
    "edm_euler": LOG_SIGMA_MODEL,
    "edm_dpm": LOG_SIGMA_MODEL,
    "consistency": "sin(x + t / 1000)",  # 250 ln(sigma)
    "sde_ve": "-x / (1 + t * t)",  # sigma
    "sde_vp": MODEL,  # a time in (0, 1]
    "ipndm": MODEL,  # likewise
}


def run_of(family, model=CURVED_MODEL, steps=10, begin=None, custom_timesteps=None, step=None, **config):
    """`begin` is counted in steps; None starts from noise. `step` holds arguments of the scheduler's `step`."""
    return {
        "scheduler": CLASSES[family],
        "config": config,
        "model": MODELS.get(family, model),
        "num_inference_steps": None if custom_timesteps else steps,
        "custom_timesteps": custom_timesteps,
        "begin": begin,
        "step": step or {},
    }
