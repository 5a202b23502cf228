"""The options of the schedulers in `solvers.json`, one case each: arguments of `run_of`, by family and name."""

from exponential_integrators import DEIS, MULTISTEP, SINGLESTEP, UNIPC
from sigma_space import ANCESTRAL, EULER, HEUN_OPTIONS, KDPM2, LMS
from solver_runs import PART_WAY
from spacing_options import (
    BETA,
    COSINE,
    EXPONENTIAL,
    HEUN,
    KARRAS,
    LATENT_DIFFUSION,
    LINSPACE,
    SAMPLE,
    SDE_PLUS_PLUS,
    SIGMA_MIN,
    THRESHOLDING,
    TRAILING,
    TRAINED_BETAS,
    V,
    order,
)

SKIP_PRK = {"skip_prk_steps": True}
PNDM = {
    "prk": {},
    "prk.v_prediction": V,
    "prk.steps_4": {"steps": 4},
    "prk.steps_7": {"steps": 7},
    "prk.steps_20": {"steps": 20, "set_alpha_to_one": True},
    "prk.linspace": LINSPACE,
    "prk.trailing": TRAILING,
    "prk.steps_offset": {"steps_offset": 1, "set_alpha_to_one": True},
    "prk.scaled_linear": {**LATENT_DIFFUSION, **V, "steps": 17},
    "plms": SKIP_PRK,
    "plms.v_prediction": {**SKIP_PRK, **V},
    "plms.part_way": {**SKIP_PRK, "begin": PART_WAY},
    "plms.v_prediction.part_way": {**SKIP_PRK, **V, "begin": PART_WAY},
    "plms.begin_1": {**SKIP_PRK, "begin": 1},
    "plms.alpha_one": {**SKIP_PRK, "set_alpha_to_one": True},
    "plms.linspace": {**SKIP_PRK, **LINSPACE},
    "plms.trailing": {**SKIP_PRK, **TRAILING, "steps": 7},
    "plms.steps_offset": {**SKIP_PRK, "steps_offset": 1, "steps": 17},
    "plms.cosine": {**SKIP_PRK, **COSINE, **V},
    "plms.one_step": {**SKIP_PRK, "steps": 1},
    "plms.two_steps": {**SKIP_PRK, "steps": 2},
    "plms.trained_betas": {**SKIP_PRK, **TRAINED_BETAS, "steps": 5},
}
EDM = {
    "steps_17": {"steps": 17},
    "final_sigma_min": SIGMA_MIN,
    "rho": {"rho": 3.0},
    "sigma_data": {"sigma_data": 1.0, "sigma_min": 0.01, "sigma_max": 50.0},
    "train_timesteps_256": {"num_train_timesteps": 256, "steps": 7},
    "exponential.final_sigma_min": {"sigma_schedule": "exponential", **SIGMA_MIN, **V},
    "one_step": {"steps": 1},
}
EDM_DPM = {
    **EDM,
    "order_1": order(1),
    "order_3": {**order(3), "steps": 7},
    "order_3.steps_17": {**order(3), "steps": 17},
    "order_3.part_way": {**order(3), "steps": 17, "begin": PART_WAY},
    "heun": HEUN,
    "heun.steps_20": {**HEUN, **V, "steps": 20},
    "sde": SDE_PLUS_PLUS,
    "sde.heun.v_prediction": {**SDE_PLUS_PLUS, **HEUN, **V},
    "sde.part_way": {**SDE_PLUS_PLUS, "steps": 17, "begin": PART_WAY},
    "thresholding": THRESHOLDING,
    "lower_order_final_off": {"lower_order_final": False, **order(3)},
    "euler_at_final": {**SIGMA_MIN, "euler_at_final": True, "steps": 20},
}
CONSISTENCY = {
    "one_step": {"steps": 1},
    "two_steps": {"steps": 2},
    "steps_7": {"steps": 7},
    "steps_40": {"steps": 40},
    "part_way": {"begin": PART_WAY},
    "custom_timesteps": {"custom_timesteps": [22, 0]},
    "no_clip": {"clip_denoised": False},
    "s_noise": {"steps": 4, "s_noise": 0.5, "rho": 3.0, "sigma_data": 1.0},
    "train_timesteps_201": {"num_train_timesteps": 201, "sigma_min": 0.01, "sigma_max": 50.0},
}
FLOW_EULER = {
    "default": {},
    "part_way": {"begin": PART_WAY},
    "karras": KARRAS,
    "karras.part_way": {**KARRAS, "begin": PART_WAY},
    "exponential": {**EXPONENTIAL, "shift": 2.0},
    "beta": {**BETA, "shift": 3.0},
    "shift": {"shift": 3.0, "steps": 7},
    "shift.train_timesteps_100": {"shift": 3.0, "num_train_timesteps": 100, "steps": 17},
    "shift_terminal": {"shift": 2.0, "shift_terminal": 0.1},
    "stochastic": {"stochastic_sampling": True},
    "stochastic.shift.part_way": {"stochastic_sampling": True, "shift": 3.0, "begin": PART_WAY},
    "two_steps": {"steps": 2},
    "steps_20": {"steps": 20},
}
FLOW_HEUN = {
    "default": {},
    "part_way": {"begin": PART_WAY},
    "shift": {"shift": 3.0, "steps": 7},
    "shift.part_way": {"shift": 3.0, "begin": 5, "steps": 17},
    "train_timesteps_100": {"num_train_timesteps": 100},
    "two_steps": {"steps": 2},
}
INVERSE = {"clip_sample": False}
DDIM_INVERSE = {
    "epsilon": INVERSE,
    "v_prediction": {**INVERSE, **V},
    "epsilon.alpha_not_one": {**INVERSE, "set_alpha_to_one": False},
    "v_prediction.alpha_not_one": {**INVERSE, **V, "set_alpha_to_one": False},
    "sample.alpha_not_one": {**INVERSE, **SAMPLE, "set_alpha_to_one": False},
    "clip_sample": V,
    "clip_sample_range": {**V, "clip_sample_range": 0.5},
    "steps_offset": {**INVERSE, "steps_offset": 1, "steps": 7},
    "trailing": {**INVERSE, **TRAILING},
    "trailing.uneven": {**INVERSE, **TRAILING, "steps": 7},
    "scaled_linear": {**INVERSE, **LATENT_DIFFUSION, "set_alpha_to_one": False, "steps": 20},
    "zero_snr": {**INVERSE, **V, **LATENT_DIFFUSION, "rescale_betas_zero_snr": True},
    "steps_17": {**INVERSE, "steps": 17},
}
SDE_VE = {
    "three_steps": {"steps": 3},
    "steps_10": {},
    "part_way": {"begin": PART_WAY},
    "two_corrections": {"correct_steps": 2, "snr": 0.1, "steps": 7},
    "no_correction": {"correct_steps": 0},
    "sigma_range": {"sigma_min": 0.1, "sigma_max": 50.0, "sampling_eps": 0.001, "steps": 17},
}
SDE_VP = {
    "default": {},
    "steps_100": {"steps": 100},
    "betas": {"beta_min": 0.5, "beta_max": 10.0, "sampling_eps": 0.01, "steps": 17},
}
DDIM = {"eta_half.part_way": {"step": {"eta": 0.5}, "begin": PART_WAY}}
DDPM = {"trailing.part_way": {**TRAILING, "begin": PART_WAY, "steps": 7}}
IPNDM = {
    "default": {},
    "steps_7": {"steps": 7},
    "steps_20": {"steps": 20},
    "trained_betas": {"trained_betas": [0.9, 0.8, 0.7, 0.5, 0.3, 0.1, 0.0], "steps": 6},
}
OPTIONS = {
    "dpm_multistep": MULTISTEP,
    "dpm_singlestep": SINGLESTEP,
    "unipc": UNIPC,
    "deis": DEIS,
    "euler": EULER,
    "euler_ancestral": ANCESTRAL,
    "heun": HEUN_OPTIONS,
    "kdpm2": KDPM2,
    "kdpm2_ancestral": KDPM2,
    "lms": LMS,
    "pndm": PNDM,
    "ipndm": IPNDM,
    "edm_euler": EDM,
    "edm_dpm": EDM_DPM,
    "consistency": CONSISTENCY,
    "flow_euler": FLOW_EULER,
    "flow_heun": FLOW_HEUN,
    "ddim_inverse": DDIM_INVERSE,
    "ddim": DDIM,
    "ddpm": DDPM,
    "sde_ve": SDE_VE,
    "sde_vp": SDE_VP,
}
