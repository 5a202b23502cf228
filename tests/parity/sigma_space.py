"""The options of the Euler, Heun, KDPM2 and LMS schedulers in `solvers.json`."""

from solver_runs import LOG_SIGMA_MODEL, PART_WAY
from spacing_options import (
    BETA,
    COSINE_SCHEDULE,
    EXPONENTIAL,
    FINAL,
    KARRAS,
    LEADING,
    SAMPLE,
    SCHEDULES,
    SIGMAS,
    SPACINGS,
    TRAILING,
    V,
    ZERO_SNR,
    without,
)

# the sigma-space family: its default spacing has fractional timesteps
SIGMA_SPACE = {
    **SPACINGS,
    **SIGMAS,
    **SCHEDULES,
    "leading.sample": {**LEADING, **SAMPLE},
    "karras.leading": {**KARRAS, **LEADING},
}
KDPM2 = without(SIGMA_SPACE, "leading.sample")
CONTINUOUS = {"timestep_type": "continuous", **V, "model": LOG_SIGMA_MODEL}
EULER = {
    **SIGMA_SPACE, **COSINE_SCHEDULE, **FINAL,
    "zero_snr": ZERO_SNR,
    "log_linear": {"interpolation_type": "log_linear"},
    "log_linear.karras": {"interpolation_type": "log_linear", **KARRAS, **TRAILING},
    "continuous": CONTINUOUS,
    "continuous.part_way": {**CONTINUOUS, "begin": PART_WAY},
    "continuous.karras": {**CONTINUOUS, **KARRAS, "sigma_min": 0.002, "sigma_max": 700.0},
    "continuous.log_linear": {**CONTINUOUS, "interpolation_type": "log_linear"},
    "continuous.epsilon": {"timestep_type": "continuous"},
    "karras.sigma_range": {**KARRAS, "sigma_min": 0.05, "sigma_max": 20.0},
    "exponential.sigma_range": {**EXPONENTIAL, "sigma_min": 0.05, "sigma_max": 20.0},
    "beta.sigma_range": {**BETA, "sigma_min": 0.05, "sigma_max": 20.0},
}
ANCESTRAL = {
    **SPACINGS, **SCHEDULES, **COSINE_SCHEDULE,
    "zero_snr": ZERO_SNR,
}
LMS = {
    **without(SIGMA_SPACE, "beta"), **COSINE_SCHEDULE,
    **{f"order_{number}": {"step": {"order": number}} for number in (1, 2, 3)},
    "order_3.steps_17": {"step": {"order": 3}, "steps": 17, **V},
    "order_2.part_way": {"step": {"order": 2}, "begin": PART_WAY},
}
HEUN_OPTIONS = {
    **SIGMA_SPACE,
    "clip_sample": {"clip_sample": True, **SAMPLE},
    "clip_sample.range": {"clip_sample": True, "clip_sample_range": 0.5, **V},
    "exp": {"beta_schedule": "exp"},
}
