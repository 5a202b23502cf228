//! Noise schedules and the forward process.

use tweedie::points::{Fading, Schedule, forward, forward_paths};

use super::{as_points, schedules};

#[test]
fn noisy_points_have_the_moments_of_their_level() {
    let points = [0.7_f32, -1.1].repeat(20_000);
    for schedule in schedules() {
        for time in [0.0, 250.5, 999.0] {
            let level = schedule.noise_schedule().unwrap().level_at_time(time);
            let noisy = forward(&points, &schedule, time, 2).unwrap();
            for (axis, clean) in [0.7, -1.1].into_iter().enumerate() {
                let column: Vec<f64> = as_points(&noisy).iter().map(|p| p[axis].into()).collect();
                let mean = column.iter().sum::<f64>() / 20_000.0;
                let square = |x: &f64| (x - level.alpha * clean).powi(2);
                let variance = column.iter().map(square).sum::<f64>() / 20_000.0;
                let (off_mean, off) = (mean - level.alpha * clean, variance - level.sigma.powi(2));
                assert!(
                    off_mean.abs() < 0.03 * level.sigma,
                    "{schedule:?} at {time}: {off_mean}"
                );
                assert!(
                    off.abs() < 0.05 * level.sigma.powi(2),
                    "{schedule:?} at {time}: {off}"
                );
            }
        }
    }
}

#[test]
fn paths_of_the_forward_process_have_its_marginals_and_covariances() {
    let schedule = Schedule::default();
    let start = vec![1.5_f32; 20_000];
    let times = [0.0, 100.0, 400.25, 999.0];
    let paths = forward_paths(&start, &schedule, &times, 3).unwrap();
    let levels = times.map(|time| schedule.noise_schedule().unwrap().level_at_time(time));
    let away = |time: usize, index: usize| {
        f64::from(paths[time * 20_000 + index]) - levels[time].alpha * 1.5
    };
    for (later, level) in levels.iter().enumerate() {
        for (earlier, before) in levels[..=later].iter().enumerate() {
            // The covariance of a Markov chain of Gaussians.
            let expected = level.alpha / before.alpha * before.sigma.powi(2);
            let products = (0..20_000).map(|index| away(earlier, index) * away(later, index));
            let found = products.sum::<f64>() / 20_000.0;
            let error = (found - expected).abs();
            let scale = before.sigma * level.sigma;
            assert!(
                error < 0.03 * scale,
                "{earlier}, {later}: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn schedules_of_any_length_carry_the_same_noise() {
    for fading in Fading::ALL {
        let last = |timesteps| {
            let schedule = Schedule {
                timesteps,
                ..Schedule::of(fading)
            };
            let schedule = schedule.noise_schedule().unwrap();
            let middle = (timesteps - 1) as f64 / 2.0;
            schedule.level_at_time(middle).log_snr()
        };
        let (short, long) = (last(200), last(4000));
        assert!((short - long).abs() < 0.15, "{fading:?}: {short}, {long}");
    }
}
