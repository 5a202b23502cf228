//! The page of the documentation about samplers.

use std::fmt::Write;

use serde_json::json;
use tweedie::Result;
use tweedie::checkpoint::SchedulerConfig;
use tweedie::checkpoint::scheduler::{FinalSigma, MethodOptions, Spacing, SpacingOptions};
use tweedie::sampler::catalog::{CATALOG, Domain, Entry, Parameter, Value};

use super::{camel_case, short};

const INTRODUCTION: &str = "\
<!-- Generated from the code: cargo run --example sampler_reference -->
# Samplers and their options

The names are those of JavaScript. Rust has the same options in snake case, and the native programs take them as `--kebab-case`.
`await samplers()` returns this list at run time.

Where diffusers has a scheduler of the same name, the two do the same: `sampler: \"unipc\"` matches
`UniPCMultistepScheduler.from_config(pipeline.scheduler.config)`. Options that are not given default to the checkpoint's scheduler. The
defaults below apply where the scheduler has no value either. A range without a natural upper bound ends at the largest useful value.
";

const COMMON: &str = "\
## Options of all samplers

| option | what |
|---|---|
| `steps` | Number of steps. Default: as diffusers' pipelines, all training timesteps for `ddpm` and 50 for most others. `dormand-prince` chooses its own steps and rejects this option. |
| `seed` | Seed of all noise, an integer from 0 to 2³² − 1, as in `torch.manual_seed`. Default: 0. |
| `batch` | Number of images. Default: one for each class label, or 1. |
| `classLabels` | One class for each image, or one for all. |
| `guidanceScale` | Scale *s* of classifier-free guidance, `eps_u + s·(eps_c − eps_u)`. 1, the default, is the conditional prediction. |
| `guidanceRescale` | Rescales the guided prediction towards the standard deviation of the conditional one, 0 to 1 (Lin et al. 2024). Default: 0. |
| `guidanceInterval` | The noise levels `sigma/alpha` in which guidance acts, `[low, high]` (Kynkäänniemi et al. 2024). Default: all. |
| `spacing` | How the noise levels are spaced. See the table below. |
| `finalSigma` | The noise left after the last step, `\"zero\"` or `\"sigma-min\"`. See the table below. |
| `clipSample` | Whether the clean estimate is clipped to the range of the data. Default: as the scheduler does. |
| `start` | Image to image: `{ images, strength }` (Meng et al. 2022). Of *n* steps the last ⌊*n*·strength⌋ are run. `pndm` needs `skipPrkSteps: true` for this. |
| `initialNoise` | The noise to start from instead of the seed's. |

Points in the plane take `steps`, `seed`, `spacing`, `finalSigma` and `initialNoise`, and `count` in place of `batch`.
";

const SPACINGS: &str = "\
## Spacing and final sigma

`leading`, `linspace` and `trailing` space the timesteps; the others space the noise levels. This table is for checkpoints trained on
discrete timesteps, such as those of `DDPMScheduler`.
";

/// The whole page.
pub fn page() -> Result<String> {
    let mut text = INTRODUCTION.to_owned();
    text += "\n| sampler | options | evaluations per step | fresh noise | paper |\n|---|---|---|---|---|\n";
    for entry in &CATALOG {
        let options = entry.options.iter();
        let options: Vec<String> = options.map(|option| camel_case(option.name)).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | [{}]({}) |",
            entry.name,
            quoted(&options),
            entry.evaluations,
            if entry.is_stochastic { "yes" } else { "no" },
            entry.paper,
            entry.url,
        );
    }
    text += "\nEvaluations and noise are those of the default options. `consistency` runs consistency and flow-matching models only.\n\n";
    text += COMMON;
    text += "\n";
    text += SPACINGS;
    text += "\n| sampler | `spacing` | `finalSigma` |\n|---|---|---|\n";
    for entry in &CATALOG {
        if let Some(choices) = choices(entry)? {
            let _ = writeln!(text, "| `{}` | {choices} |", entry.name);
        }
    }
    for entry in CATALOG.iter().filter(|entry| !entry.options.is_empty()) {
        let _ = writeln!(
            text,
            "\n## {}\n\n`sampler: \"{}\"`\n",
            entry.title, entry.name
        );
        text += "| option | values | default | what |\n|---|---|---|---|\n";
        for option in entry.options {
            text += &row(option);
        }
    }
    Ok(text)
}

fn row(option: &Parameter) -> String {
    let (values, default) = match option.domain {
        Domain::Flag { default } => ("`true`, `false`".to_owned(), default.to_string()),
        Domain::Choice { words, default } => {
            let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            (quoted(&words), format!("{default:?}"))
        }
        Domain::Whole {
            range: [least, most],
            default,
        } => (format!("{least} to {most}"), default.to_string()),
        Domain::Number {
            range: [least, most],
            default,
        } => {
            let default = default.map_or("required".to_owned(), |default| default.to_string());
            (format!("{} to {}", short(least), short(most)), default)
        }
    };
    let default = match default.as_str() {
        "required" => default,
        _ => format!("`{default}`"),
    };
    let name = camel_case(option.name);
    format!("| `{name}` | {values} | {default} | {} |\n", option.meaning)
}

/// The spacings and final sigmas that a checkpoint with discrete timesteps accepts for a sampler; `None` if it does not accept the sampler.
fn choices(entry: &Entry) -> Result<Option<String>> {
    let json = json!({ "_class_name": "DDPMScheduler" });
    let scheduler = SchedulerConfig::from_json(json.as_object().unwrap_or(&Default::default()))?;
    let method = scheduler.method_named(Some(entry.name), &mut Required)?;
    let accepts = |grid| scheduler.with_method(&method, grid).is_ok();
    if !accepts(SpacingOptions::default()) {
        return Ok(None);
    }
    let spacings = Spacing::ALL.into_iter().filter(|spacing| {
        accepts(SpacingOptions {
            spacing: Some(*spacing),
            ..SpacingOptions::default()
        })
    });
    let sigmas = FinalSigma::ALL.into_iter().filter(|sigma| {
        accepts(SpacingOptions {
            final_sigma: Some(*sigma),
            ..SpacingOptions::default()
        })
    });
    let listed = |names: Vec<&str>| {
        if names.is_empty() {
            "–".to_owned()
        } else {
            quoted(&names)
        }
    };
    let (spacings, sigmas) = (
        listed(spacings.map(Spacing::name).collect()),
        listed(sigmas.map(FinalSigma::name).collect()),
    );
    Ok(Some(format!("{spacings} | {sigmas}")))
}

/// Gives the options that have no default.
struct Required;

impl MethodOptions for Required {
    fn value(&mut self, option: &Parameter) -> Result<Option<Value>> {
        Ok(option.is_required().then_some(Value::Number(1e-4)))
    }

    fn refuse(&mut self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }
}

fn quoted(words: &[impl std::fmt::Display]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
