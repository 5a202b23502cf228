"""Options that several families of schedulers share: arguments of `run_of`, by name."""

from solver_runs import PART_WAY

V = {"prediction_type": "v_prediction"}
SAMPLE = {"prediction_type": "sample"}
FLOW_PREDICTION = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
LATENT_DIFFUSION = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
KARRAS = {"use_karras_sigmas": True}
EXPONENTIAL = {"use_exponential_sigmas": True}
BETA = {"use_beta_sigmas": True}
LEADING = {"timestep_spacing": "leading"}
LINSPACE = {"timestep_spacing": "linspace"}
TRAILING = {"timestep_spacing": "trailing"}
OFFSET = {**LEADING, "steps_offset": 1}
SIGMA_MIN = {"final_sigmas_type": "sigma_min"}
HIGH_ORDER_TO_THE_END = {**SIGMA_MIN, "lower_order_final": False}
THRESHOLDING = {"thresholding": True, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.5}
ZERO_SNR = {**V, **TRAILING, **LATENT_DIFFUSION, "rescale_betas_zero_snr": True}
ORIGINAL = {"algorithm_type": "dpmsolver", **SIGMA_MIN}
SDE_PLUS_PLUS = {"algorithm_type": "sde-dpmsolver++"}
SDE = {"algorithm_type": "sde-dpmsolver", **SIGMA_MIN}
HEUN = {"solver_type": "heun"}
TRAINED_BETAS = {"num_train_timesteps": 20, "trained_betas": [0.01 * (i + 1) for i in range(20)]}


def order(number):
    return {"solver_order": number}


def without(cases, left_out):
    return {name: case for name, case in cases.items() if name != left_out}


SPACINGS = {
    "leading": LEADING,
    "trailing": TRAILING,
    "trailing.uneven": {**TRAILING, "steps": 7},
    "steps_offset": OFFSET,
    "steps_offset.part_way": {**OFFSET, "begin": PART_WAY},
}
SIGMAS = {
    "exponential": EXPONENTIAL,
    "exponential.part_way": {**EXPONENTIAL, "begin": PART_WAY},
    "exponential.steps_17": {**EXPONENTIAL, "steps": 17},
    "beta": BETA,
    "beta.v_prediction": {**BETA, **V, "steps": 7},
    "karras.steps_20": {**KARRAS, "steps": 20},
    "karras.cosine.part_way": {**KARRAS, **COSINE, "begin": PART_WAY},
}
SCHEDULES = {
    "scaled_linear": LATENT_DIFFUSION,
    "trained_betas": {**TRAINED_BETAS, "steps": 7},
    "train_timesteps_1100": {"num_train_timesteps": 1100},
    "one_step": {"steps": 1, **V},
    "steps_20": {"steps": 20},
    "part_way.last_step": {"begin": 9},
}
# Heun and KDPM2 take the last cosine sigmas from so small an alpha that diffusers' float32 is no reference
COSINE_SCHEDULE = {"cosine": {**COSINE, **V}}
FINAL = {
    "final_sigma_min": SIGMA_MIN,
    "final_sigma_min.steps_20": {**SIGMA_MIN, "steps": 20},
    "final_sigma_min.karras": {**SIGMA_MIN, **KARRAS},
}
