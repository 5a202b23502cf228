"""The options of the DPM-Solvers, UniPC and DEIS in `solvers.json`."""

from solver_runs import PART_WAY
from spacing_options import (
    COSINE,
    COSINE_SCHEDULE,
    FINAL,
    FLOW_PREDICTION,
    HEUN,
    HIGH_ORDER_TO_THE_END,
    KARRAS,
    OFFSET,
    ORIGINAL,
    SAMPLE,
    SCHEDULES,
    SDE,
    SDE_PLUS_PLUS,
    SIGMAS,
    SIGMA_MIN,
    SPACINGS,
    THRESHOLDING,
    TRAILING,
    V,
    ZERO_SNR,
    order,
    without,
)

ORDERS = {
    "order_1": order(1),
    "order_3": order(3),
    "order_3.steps_7": {**order(3), "steps": 7},
    "order_3.steps_17": {**order(3), "steps": 17},
    "order_3.karras.steps_20": {**order(3), **KARRAS, "steps": 20},
    "order_3.sample": {**order(3), **SAMPLE},
    "order_3.part_way": {**order(3), "begin": PART_WAY},
    "order_3.steps_8": {**order(3), "steps": 8},
}
THRESHOLDED = {
    "thresholding": {**THRESHOLDING, **SAMPLE},
    "thresholding.v_prediction": {"thresholding": True, "sample_max_value": 3.0, **V},
}
FLOW = {
    "flow.no_shift": FLOW_PREDICTION,
    "flow.shift.epsilon": {"use_flow_sigmas": True, "flow_shift": 2.0},
    "flow.steps_17": {**FLOW_PREDICTION, "flow_shift": 3.0, "steps": 17},
}


def dpm_solvers(algorithms):
    """Every algorithm at every order and with both second-order formulas."""
    for name, algorithm in algorithms.items():
        yield name, algorithm
        yield f"{name}.heun", {**algorithm, **HEUN}
        yield f"{name}.order_1", {**algorithm, **order(1)}
        yield f"{name}.part_way.steps_17", {**algorithm, "steps": 17, "begin": 5}
        yield f"{name}.v_prediction", {**algorithm, **V, "steps": 7}
        yield f"{name}.sample", {**algorithm, **SAMPLE, "steps": 20}
        yield f"{name}.karras", {**algorithm, **KARRAS}
        if algorithm is not SDE:
            yield f"{name}.order_3", {**algorithm, **order(3), "steps": 17}
            yield f"{name}.order_3.heun", {**algorithm, **order(3), **HEUN, "steps": 20}


MULTISTEP = {
    **dict(dpm_solvers({"dpmsolver": ORIGINAL, "sde": SDE, "sde_plus_plus": SDE_PLUS_PLUS})),
    **SPACINGS, **SIGMAS, **SCHEDULES, **COSINE_SCHEDULE, **ORDERS, **THRESHOLDED, **FINAL, **FLOW,
    "heun": HEUN,
    "heun.steps_17": {**HEUN, **SIGMA_MIN, "steps": 17},
    "lu_lambdas": {"use_lu_lambdas": True},
    "lu_lambdas.cosine": {"use_lu_lambdas": True, **COSINE, "steps": 7},
    "lower_order_final_off": HIGH_ORDER_TO_THE_END,
    "lower_order_final_off.order_3": {**HIGH_ORDER_TO_THE_END, **order(3)},
    "lower_order_final_off.zero": {"lower_order_final": False, **order(3)},
    "euler_at_final": {**SIGMA_MIN, "euler_at_final": True, "steps": 20},
    "euler_at_final.order_3": {**SIGMA_MIN, "euler_at_final": True, **order(3), "steps": 17},
    "lambda_min_clipped": {"lambda_min_clipped": -5.1, **COSINE, **V},
    "lambda_min_clipped.leading": {"lambda_min_clipped": -3.0, **COSINE, **V, **OFFSET},
    "lambda_min_clipped.trailing": {"lambda_min_clipped": -1.0, **COSINE, **V, **TRAILING},
    "zero_snr": ZERO_SNR,
    "zero_snr.karras": {**ZERO_SNR, **KARRAS},
    "dpmsolver.thresholding": {**ORIGINAL, **THRESHOLDING, **V},
    "sde_plus_plus.thresholding": {**SDE_PLUS_PLUS, **THRESHOLDING, **SAMPLE},
    "dpmsolver.lower_order_final_off": {**ORIGINAL, **HIGH_ORDER_TO_THE_END, **order(3)},
    "sde_plus_plus.final_sigma_min.karras": {**SDE_PLUS_PLUS, **SIGMA_MIN, **KARRAS},
    "sde_plus_plus.lower_order_final_off": {**SDE_PLUS_PLUS, **HIGH_ORDER_TO_THE_END},
}
SINGLESTEP = {
    **dict(dpm_solvers({"dpmsolver": ORIGINAL, "sde_plus_plus": SDE_PLUS_PLUS})),
    **SIGMAS, **SCHEDULES, **COSINE_SCHEDULE, **ORDERS, **THRESHOLDED, **FINAL, **FLOW,
    "heun": HEUN,
    "order_3.heun": {**order(3), **HEUN},
    "lower_order_final": {**SIGMA_MIN, "lower_order_final": True},
    "lower_order_final.order_3": {**SIGMA_MIN, "lower_order_final": True, **order(3), "steps": 9},
    "lower_order_final_off.order_3": {**HIGH_ORDER_TO_THE_END, **order(3), "steps": 9},
    "lower_order_final_off.uneven": {**HIGH_ORDER_TO_THE_END, "steps": 7},
    "order_3.begin_1": {**order(3), "begin": 1},
    "order_3.begin_2": {**order(3), "begin": 2},
    "begin_3": {"begin": 3},
    "lambda_min_clipped": {"lambda_min_clipped": -5.1, **COSINE, **V},
}
UNIPC = {
    **SPACINGS, **SIGMAS, **SCHEDULES, **COSINE_SCHEDULE, **ORDERS, **THRESHOLDED, **FINAL,
    **without(FLOW, "flow.shift.epsilon"),  # its first alpha is 1e-6
    "bh1": {"solver_type": "bh1", **SIGMA_MIN},
    "bh1.order_3": {"solver_type": "bh1", **SIGMA_MIN, **order(3), "steps": 17},
    "order_4": {**order(4), "steps": 17},
    "predict_epsilon": {"predict_x0": False, **SIGMA_MIN},
    "predict_epsilon.order_3": {"predict_x0": False, **SIGMA_MIN, **order(3)},
    "predict_epsilon.bh1.v_prediction": {"predict_x0": False, "solver_type": "bh1", **SIGMA_MIN, **V},
    "predict_epsilon.sample": {"predict_x0": False, **SIGMA_MIN, **SAMPLE},
    "disable_corrector": {"disable_corrector": [0, 1, 5]},
    "disable_corrector.order_3": {"disable_corrector": [0], **order(3), "steps": 17},
    "lower_order_final_off": HIGH_ORDER_TO_THE_END,
    "lower_order_final_off.order_3": {**HIGH_ORDER_TO_THE_END, **order(3), "steps": 20},
    "karras.sigma_range": {**KARRAS, "sigma_min": 0.05, "sigma_max": 20.0},
    "flow.karras": {**FLOW_PREDICTION, **KARRAS},
    "flow.final_sigma_min": {**FLOW_PREDICTION, **SIGMA_MIN},
    "flow.shift_terminal": {**FLOW_PREDICTION, "flow_shift": 2.0, "shift_terminal": 0.1},
    "zero_snr": ZERO_SNR,
}
DEIS = {
    **SPACINGS, **SIGMAS, **SCHEDULES, **COSINE_SCHEDULE, **ORDERS, **THRESHOLDED, **FLOW,
    "lower_order_final_off": {"lower_order_final": False},
    "lower_order_final_off.order_3": {"lower_order_final": False, **order(3)},
}
