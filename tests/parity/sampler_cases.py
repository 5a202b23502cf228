"""The sampler loops of `samplers.json`: scheduler class, its non-default options, and how it is run."""

STEPS = 10


def ddpm(steps=STEPS, **config):
    return {"scheduler": "DDPMScheduler", "config": config, "num_inference_steps": steps}


def ddim(steps=STEPS, eta=0.0, use_clipped_model_output=False, **config):
    return {
        "scheduler": "DDIMScheduler",
        "config": config,
        "num_inference_steps": steps,
        "eta": eta,
        "use_clipped_model_output": use_clipped_model_output,
    }


THRESHOLDING = {"thresholding": True, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.5}
ZERO_SNR = {
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
}
# trailing, since at t = 0 the toy model would predict a clean sample of zero
CLEAN = {"prediction_type": "sample", "timestep_spacing": "trailing"}
# a range that clips some values, not all: only then does the recomputed noise show
NARROW = {"prediction_type": "v_prediction", "clip_sample_range": 0.3}
# a first alpha far enough from one for set_alpha_to_one to show
NOISY_START = {"beta_start": 0.02, "beta_end": 0.03}
TRAINED_BETAS = {"num_train_timesteps": 20, "trained_betas": [0.01 * (i + 1) for i in range(20)]}

CASES = {
    "ddpm.fixed_small": ddpm(),
    "ddpm.fixed_small.every_step": ddpm(steps=1000),
    "ddpm.fixed_small.no_clip": ddpm(clip_sample=False),
    "ddpm.fixed_small_log": ddpm(variance_type="fixed_small_log"),
    "ddpm.fixed_small_log.cosine": ddpm(variance_type="fixed_small_log", beta_schedule="squaredcos_cap_v2"),
    "ddpm.fixed_large": ddpm(variance_type="fixed_large"),
    "ddpm.fixed_large.v_prediction.no_clip": ddpm(
        variance_type="fixed_large", prediction_type="v_prediction", clip_sample=False
    ),
    "ddpm.fixed_large_log": ddpm(variance_type="fixed_large_log"),
    "ddpm.fixed_large_log.sample": ddpm(**CLEAN, variance_type="fixed_large_log", steps=7),
    "ddpm.sample": ddpm(**CLEAN),
    "ddpm.sample.no_clip": ddpm(**CLEAN, clip_sample=False),
    "ddpm.v_prediction": ddpm(prediction_type="v_prediction"),
    "ddpm.v_prediction.no_clip": ddpm(prediction_type="v_prediction", clip_sample=False),
    "ddpm.clip_range": ddpm(clip_sample_range=0.5),
    "ddpm.thresholding": ddpm(**THRESHOLDING, **CLEAN),
    "ddpm.thresholding.v_prediction": ddpm(
        thresholding=True, sample_max_value=3.0, prediction_type="v_prediction"
    ),
    "ddpm.learned": ddpm(variance_type="learned"),
    "ddpm.learned_range": ddpm(variance_type="learned_range"),
    "ddpm.learned_range.v_prediction": ddpm(variance_type="learned_range", prediction_type="v_prediction"),
    "ddpm.linspace": ddpm(timestep_spacing="linspace"),
    "ddpm.trailing": ddpm(timestep_spacing="trailing"),
    "ddpm.trailing.fixed_large": ddpm(timestep_spacing="trailing", variance_type="fixed_large", steps=7),
    "ddpm.steps_offset.fixed_large": ddpm(steps_offset=1, variance_type="fixed_large"),
    "ddpm.sigmoid": ddpm(beta_schedule="sigmoid"),
    "ddpm.scaled_linear": ddpm(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
    "ddpm.trained_betas": ddpm(**TRAINED_BETAS),
    "ddpm.zero_snr": ddpm(**ZERO_SNR),
    "ddpm.one_step": ddpm(steps=1),
    "ddim": ddim(),
    "ddim.no_clip": ddim(clip_sample=False),
    "ddim.clip_range": ddim(**NARROW),
    "ddim.clip_range.clipped_model_output": ddim(**NARROW, use_clipped_model_output=True),
    "ddim.eta_half": ddim(eta=0.5),
    "ddim.eta_half.clip_range": ddim(eta=0.5, clip_sample_range=0.5),
    "ddim.eta_half.clipped_model_output": ddim(eta=0.5, clip_sample_range=0.5, use_clipped_model_output=True),
    "ddim.eta_one": ddim(eta=1.0),
    "ddim.eta_one.no_clip": ddim(eta=1.0, clip_sample=False),
    "ddim.sample": ddim(**CLEAN),
    "ddim.sample.eta_one": ddim(**CLEAN, eta=1.0, use_clipped_model_output=True),
    "ddim.v_prediction": ddim(prediction_type="v_prediction"),
    "ddim.v_prediction.clipped_model_output": ddim(
        prediction_type="v_prediction", use_clipped_model_output=True, eta=0.5
    ),
    "ddim.alpha_one": ddim(**NOISY_START),
    "ddim.alpha_not_one": ddim(**NOISY_START, set_alpha_to_one=False),
    "ddim.alpha_not_one.eta_one": ddim(**NOISY_START, set_alpha_to_one=False, eta=1.0, use_clipped_model_output=True),
    "ddim.steps_offset": ddim(steps_offset=1),
    "ddim.steps_offset.alpha_not_one": ddim(**NOISY_START, steps_offset=1, set_alpha_to_one=False, steps=7),
    "ddim.linspace": ddim(timestep_spacing="linspace"),
    "ddim.trailing": ddim(timestep_spacing="trailing"),
    "ddim.trailing.uneven": ddim(timestep_spacing="trailing", steps=7, eta=0.5),
    "ddim.zero_snr": ddim(**ZERO_SNR),
    "ddim.zero_snr.eta_one": ddim(**ZERO_SNR, eta=1.0),
    "ddim.thresholding": ddim(**THRESHOLDING, **CLEAN),
    "ddim.thresholding.clipped_model_output": ddim(**THRESHOLDING, **CLEAN, use_clipped_model_output=True),
    "ddim.cosine": ddim(beta_schedule="squaredcos_cap_v2"),
    "ddim.trained_betas": ddim(**TRAINED_BETAS, eta=0.5),
}
