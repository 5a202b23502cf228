//! Noise levels of the schedulers for networks trained in continuous time.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use super::flow_times::{shifted, stretched};
use super::options::Options;
use super::{FinalSigma, SchedulerClass};
use crate::diffusion::{NoiseLevel, Process, Sde, SigmaSpacing, linspace};
use crate::sampler::{Step, Trajectory};
use crate::{Error, Result};

/// EDM's levels, from `sigma_max` to `sigma_min` and zero (Karras et al. 2022, eq. 5).
pub(super) fn edm(options: &Options, process: &Process, steps: usize) -> Result<Trajectory> {
    let (least, most) = sigma_range(options, 0.002, 80.0)?;
    let spacing = match options.sigma_schedule.as_deref().unwrap_or("karras") {
        "karras" => SigmaSpacing::Karras {
            rho: options.rho.unwrap_or(7.0),
        },
        "exponential" => SigmaSpacing::Exponential,
        other => {
            return Err(Error::unsupported(
                "sigma_schedule",
                other,
                "karras, exponential",
            ));
        }
    };
    let end = match options.final_sigma(FinalSigma::Zero)? {
        FinalSigma::Zero => NoiseLevel::CLEAN,
        FinalSigma::SigmaMin => process.at_noise_to_signal(least),
    };
    let ratios = spacing.noise_to_signal_ratios(least, most, steps)?;
    let levels = ratios
        .iter()
        .map(|noise_to_signal| process.at_noise_to_signal(*noise_to_signal));
    let mut trajectory = Trajectory::new(
        Step::chain(&levels.chain([end]).collect::<Vec<_>>()),
        process.clone(),
    );
    trajectory.initial_noise = most.hypot(1.0) * trajectory.steps[0].from.alpha;
    Ok(trajectory)
}

/// Levels of a consistency model: some of the `num_train_timesteps` levels of Karras' spacing, and `sigma_min`.
pub(super) fn consistency(
    options: &Options,
    process: &Process,
    steps: usize,
) -> Result<Trajectory> {
    let total = options.num_train_timesteps.unwrap_or(40);
    if !(1..=total).contains(&steps) || total < 2 {
        let expected =
            format!("between 1 and {total}, num_train_timesteps, which must be at least 2");
        return Err(Error::invalid("steps", expected, steps));
    }
    let (least, most) = sigma_range(options, 0.002, 80.0)?;
    let rho = options.rho.unwrap_or(7.0);
    // The ramp covers all timesteps from sigma_max down; the run uses every (total/steps)-th.
    let ratios = SigmaSpacing::Karras { rho }.noise_to_signal_ratios(least, most, total)?;
    let chosen = (0..steps)
        .map(|i| ratios[i * (total / steps)])
        .chain([least]);
    let levels: Vec<NoiseLevel> = chosen
        .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal))
        .collect();
    let mut trajectory = Trajectory::new(Step::chain(&levels), process.clone());
    trajectory.initial_noise = trajectory.steps[0].from.sigma;
    Ok(trajectory)
}

/// Levels of flow matching, shifted towards noise by `shift` (Esser et al. 2024, eq. 23).
pub(super) fn flow_matching(
    class: SchedulerClass,
    options: &Options,
    process: &Process,
    steps: usize,
) -> Result<Trajectory> {
    let total = options.timesteps() as f64;
    let shift = options.shift.unwrap_or(1.0);
    // Diffusers shifts the ends once, and all levels between them again.
    let ends = (1.0, shifted(1.0 / total, shift));
    let times = linspace(ends.0, ends.1, steps).map(|time| shifted(time, shift));
    // Heun's scheduler supports no other end.
    let terminal = options
        .shift_terminal
        .filter(|_| class == SchedulerClass::FlowMatchEuler);
    let mut times = stretched(times.collect(), terminal);
    if let Some(spacing) = options.sigma_spacing(class)? {
        times = spacing.noise_to_signal_ratios(times[steps - 1], times[0], steps)?;
    }
    let level = |sigma: f64| NoiseLevel {
        time: sigma * total,
        alpha: 1.0 - sigma,
        sigma,
    };
    let levels = times.into_iter().map(level).chain([NoiseLevel::CLEAN]);
    Ok(Trajectory::new(
        Step::chain(&levels.collect::<Vec<_>>()),
        process.clone(),
    ))
}

/// NCSN++'s levels (Song et al. 2021, section 3.4). Diffusers conditions the network on one geometric sequence and
/// steps along another, indexed by time.
pub(super) fn variance_exploding(
    options: &Options,
    process: &Process,
    steps: usize,
) -> Result<Trajectory> {
    let (least, most) = sigma_range(options, 0.01, 1348.0)?;
    let sde = Sde::VarianceExploding {
        sigma_min: least,
        sigma_max: most,
    };
    let eps = options.sampling_eps.unwrap_or(1e-5);
    let level = |time: f64, sigma: f64| NoiseLevel {
        time,
        alpha: 1.0,
        sigma,
    };
    let discrete: Vec<f64> = linspace(least.ln(), most.ln(), steps)
        .map(f64::exp)
        .collect();
    let step = |t: f64| {
        let index = (t * (steps - 1) as f64) as usize;
        let below = match index {
            0 => NoiseLevel::CLEAN,
            _ => level(discrete[index - 1], discrete[index - 1]),
        };
        Step {
            from: level(sde.level(t).sigma, discrete[index]),
            to: below,
        }
    };
    let chosen = linspace(1.0, eps, steps).map(step);
    let mut trajectory = Trajectory::new(chosen.collect(), process.clone());
    trajectory.initial_noise = most;
    Ok(trajectory)
}

/// Levels of the variance-preserving SDE. As in diffusers, each step has length `1/steps`, whatever the distance to the
/// next time.
pub(super) fn variance_preserving(
    options: &Options,
    process: &Process,
    sde: Sde,
    steps: usize,
) -> Trajectory {
    let eps = options.sampling_eps.unwrap_or(1e-3);
    let length = 1.0 / steps as f64;
    let step = |t: f64| {
        let end = t - length;
        let to = if end > 0.0 {
            sde.level(end)
        } else {
            NoiseLevel::CLEAN
        };
        Step {
            from: sde.level(t),
            to: NoiseLevel { time: end, ..to },
        }
    };
    let chosen = linspace(1.0, eps, steps).map(step);
    Trajectory::new(chosen.collect(), process.clone())
}

/// Levels of IPNDM's own schedule, `sigma = sin²(πu/2)`, or those listed in `trained_betas`.
pub(super) fn angular(options: &Options, process: &Process, steps: usize) -> Result<Trajectory> {
    let sigmas: Vec<f64> = match &options.trained_betas {
        Some(sigmas) => sigmas.clone(),
        None => linspace(1.0, 0.0, steps + 1)
            .map(|u| (u * FRAC_PI_2).sin().powi(2))
            .collect(),
    };
    if sigmas.len() != steps + 1 {
        let expected = format!(
            "{}, one less than there are trained_betas",
            sigmas.len().saturating_sub(1)
        );
        return Err(Error::invalid("steps", expected, steps));
    }
    if sigmas[..steps]
        .iter()
        .any(|sigma| !(*sigma > 0.0 && *sigma <= 1.0))
    {
        let expected = "between 0 and 1, above 0 but for the last";
        return Err(Error::invalid("trained_betas", expected, sigmas));
    }
    let level = |sigma: f64| {
        let alpha = (1.0 - sigma * sigma).sqrt();
        NoiseLevel {
            time: sigma.atan2(alpha) * FRAC_2_PI,
            alpha,
            sigma,
        }
    };
    let levels: Vec<NoiseLevel> = sigmas.into_iter().map(level).collect();
    Ok(Trajectory::new(Step::chain(&levels), process.clone()))
}

/// `sigma_min` and `sigma_max`.
pub(super) fn sigma_range(options: &Options, least: f64, most: f64) -> Result<(f64, f64)> {
    let least = options.sigma_min.unwrap_or(least);
    let most = options.sigma_max.unwrap_or(most);
    if least < most {
        return Ok((least, most));
    }
    let expected = format!("below sigma_max, which is {most:?}");
    Err(Error::invalid("sigma_min", expected, least))
}
