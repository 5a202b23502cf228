//! The model card.

use crate::recipe::Recipe;

/// The model card, `README.md` of the pipeline's folder.
pub fn card(recipe: &Recipe, parameters: usize, steps: usize, loss: f32) -> String {
    let options = &recipe.options;
    let data = &recipe.data;
    let [height, width] = data.size();
    let scheduler = |key: &str| {
        let value = recipe.scheduler_json.get(key);
        value.map_or("the default".to_owned(), |value| {
            value.to_string().replace('"', "`")
        })
    };
    let weighting = match options.min_snr {
        Some(gamma) => format!("min-SNR with gamma {gamma}"),
        None => "simple".to_owned(),
    };
    let classes = match (data.class_names(), recipe.null_class_label) {
        ([], _) => "none".to_owned(),
        (names, None) => names.join(", "),
        (names, Some(null)) => format!(
            "{}; {null} is the null class, which replaces {}% of the classes",
            names.join(", "),
            100.0 * options.class_dropout
        ),
    };
    let credit = match options.credit.as_str() {
        "" => String::new(),
        credit => format!("\n## Data and credit\n\n{credit}\n"),
    };
    format!(
        "---
license: {license}
library_name: diffusers
pipeline_tag: unconditional-image-generation
tags:
  - diffusion
---

# {title}

Trained with Tweedie's `train` program. It can be loaded by Tweedie and by diffusers.

| | |
|---|---|
| network | `UNet2DModel`, {parameters} parameters, stored as {format:?} |
| images | {count} of {width}×{height}, {channels} channels, values in [−1, 1] |
| classes | {classes} |
| prediction | {prediction} |
| noise schedule | {schedule}, {timesteps} timesteps |
| loss | mean squared error, weighting: {weighting}; mean of the last 100 steps {loss:.5} |
| steps | {steps} of {all}, batch {batch}{flips} |
| optimiser | AdamW, learning rate {rate} after {warm_up} steps of warm-up, decay {decay:?}, betas {beta_1} and {beta_2}, weight decay {weight_decay}, gradients clipped to norm {clip} |
| weights | exponential moving average with decay {ema} |
| seed | {seed} |
{credit}",
        license = options.license,
        title = options.title,
        format = recipe.format(),
        count = data.len(),
        channels = recipe.unet.in_channels,
        prediction = scheduler("prediction_type"),
        schedule = scheduler("beta_schedule"),
        timesteps = scheduler("num_train_timesteps"),
        all = options.steps,
        batch = options.batch,
        flips = if options.flips { ", images mirrored at random" } else { "" },
        rate = options.learning_rate,
        warm_up = options.warm_up,
        decay = options.decay,
        beta_1 = options.beta_1,
        beta_2 = options.beta_2,
        weight_decay = options.weight_decay,
        clip = options.clip,
        ema = options.ema,
        seed = options.seed,
    )
}
