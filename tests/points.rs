//! Models of points against closed forms.
#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::Device;
use common::{assert_close, values};
use tweedie::Error;
use tweedie::dataset::{GaussianMixture, Named, PointData};
use tweedie::diffusion::Quantity;
use tweedie::distance::sliced_wasserstein::{Options, sliced_wasserstein};
use tweedie::points::{
    DensityOptions, Fading, FlowOptions, PointPipeline, PointSampleOptions, Schedule, forward,
    forward_paths,
};
use tweedie::random::Generator;
use tweedie::sampler::dpm_solver::{self, Target};
use tweedie::sampler::probability_flow::Solver;
use tweedie::sampler::{
    Method, ddim, ddpm, deis, dormand_prince, kdpm2, langevin, pndm, reverse_sde, unipc,
};

fn eight() -> (PointPipeline, GaussianMixture) {
    let data = PointData::draw(Named::EightGaussians, 2, 0).unwrap();
    let mixture = data.mixture().unwrap();
    let model = PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex());
    (model.unwrap(), mixture)
}

fn gaussian(mean: [f64; 2], spread: f64, schedule: Schedule) -> PointPipeline {
    let mixture = GaussianMixture {
        means: mean.to_vec(),
        spreads: vec![spread],
        weights: vec![1.0],
        dimensions: 2,
    };
    PointPipeline::of_mixture(&mixture, schedule, &Device::flex()).unwrap()
}

fn as_points(numbers: &[f32]) -> &[[f32; 2]] {
    numbers.as_chunks::<2>().0
}

/// The noise schedules of all names.
fn schedules() -> [Schedule; 5] {
    Fading::ALL.map(Schedule::of)
}

fn methods() -> Vec<Method> {
    let exponential = |target, mode| {
        Method::DpmSolver(dpm_solver::Options {
            order: 2,
            target,
            equation: dpm_solver::Equation::Ode,
            mode,
            solver_type: dpm_solver::SolverType::Midpoint,
            lower_order_final: true,
            euler_at_final: false,
        })
    };
    let reverse = |predictor, corrector| {
        Method::ReverseSde(reverse_sde::Options {
            predictor,
            corrector,
        })
    };
    let corrector = reverse_sde::Corrector {
        steps: 1,
        snr: 0.15,
    };
    use reverse_sde::Predictor;
    vec![
        Method::Ddpm {
            variance: ddpm::Variance::FixedSmall,
        },
        Method::Ddim {
            eta: 0.0,
            direction: ddim::Direction::Predicted,
        },
        Method::ProbabilityFlow {
            solver: Solver::RungeKutta4,
        },
        Method::DormandPrince(dormand_prince::Tolerance::default()),
        Method::Euler,
        Method::EulerAncestral,
        Method::Heun,
        Method::Kdpm2(kdpm2::Noise::None),
        Method::Kdpm2(kdpm2::Noise::Ancestral),
        Method::Lms { order: 4 },
        Method::Pndm(pndm::Options::default()),
        Method::Ipndm,
        exponential(Target::Clean, dpm_solver::Mode::Multistep),
        exponential(Target::Noise, dpm_solver::Mode::Multistep),
        exponential(Target::Clean, dpm_solver::Mode::Singlestep),
        Method::Deis(deis::Options {
            order: 2,
            lower_order_final: true,
        }),
        Method::UniPc(unipc::Options {
            order: 2,
            variant: unipc::Variant::Bh2,
            target: Target::Clean,
            lower_order_final: true,
            uncorrected: Vec::new(),
        }),
        reverse(Predictor::EulerMaruyama, None),
        reverse(Predictor::ReverseDiffusion, None),
        reverse(Predictor::Ancestral, None),
        reverse(Predictor::ReverseDiffusion, Some(corrector)),
        Method::AnnealedLangevin(langevin::Annealing {
            steps_per_level: 10,
            step_size: 4e-4,
        }),
    ]
}

#[test]
fn every_sampler_takes_noise_to_the_data_of_an_ideal_model() {
    let (model, _) = eight();
    let reference = PointData::draw(Named::EightGaussians, 1000, 5).unwrap();
    for method in methods() {
        let steps = (method.name() != "dormand-prince").then_some(100);
        let options = PointSampleOptions {
            method: Some(method.clone()),
            steps,
            seed: 1,
            ..PointSampleOptions::default()
        };
        let mut run = model.sample(&options).unwrap();
        while run.step().unwrap().is_some() {}
        let found = values(run.noisy());
        assert_eq!(found.len(), 2000, "{method:?}");
        let options = Options::default();
        let distance = sliced_wasserstein(as_points(&found), reference.points(), &options).unwrap();
        assert!(distance < 0.2, "{method:?}: a distance of {distance}");
    }
}

#[test]
fn points_in_latents_and_back_are_the_points() {
    let (model, _) = eight();
    let data = PointData::draw(Named::EightGaussians, 50, 3).unwrap();
    let points = data.points().as_flattened();
    let mut run = model.encode(points, FlowOptions::default()).unwrap();
    while run.step().unwrap().is_some() {}
    let latents = values(run.noisy());
    let mut run = model.decode(&latents, FlowOptions::default()).unwrap();
    while run.step().unwrap().is_some() {}
    assert_close("points", &values(run.noisy()), points, 0.02);
    // The latents of data are normal.
    let square: f32 = latents.iter().map(|x| x * x).sum::<f32>() / latents.len() as f32;
    assert!((square - 1.0).abs() < 0.4, "their variance is {square}");
}

#[test]
fn a_path_begins_at_its_points_and_returns_along_itself() {
    let (model, _) = eight();
    let points = [0.4_f32, -0.9, 1.2, 0.1];
    let options = FlowOptions {
        solver: Solver::RungeKutta4,
        steps: 40,
    };
    for to in [0.0, 999.0] {
        let path = model.path(&points, [500.0, to], options).unwrap();
        assert_eq!((path.times.len(), path.positions.len()), (41, 41));
        assert_eq!((path.times[0], path.times[40]), (500.0, to));
        assert_eq!(values(path.positions[0].clone()), points);
        let end = values(path.positions[40].clone());
        let back = model.path(&end, [to, 500.0], options).unwrap();
        assert_close("back", &values(back.positions[40].clone()), &points, 2e-3);
    }
}

#[test]
fn the_path_of_a_gaussian_is_its_closed_form() {
    // x − alpha·mean keeps its direction, and grows as the standard deviation does.
    for schedule in schedules() {
        let model = gaussian([0.3, -0.2], 0.5, schedule);
        let options = FlowOptions::default();
        let path = model.path(&[0.9, 0.4], [700.0, 100.0], options).unwrap();
        let level = |time: f64| schedule.noise_schedule().unwrap().level_at_time(time);
        let spread = |time: f64| (level(time).alpha * 0.5).hypot(level(time).sigma);
        for (time, position) in path.times.iter().zip(path.positions) {
            let growth = spread(*time) / spread(700.0);
            let expected = [(0.9, 0.3), (0.4, -0.2)].map(|(x, mean): (f64, f64)| {
                let away = x - level(700.0).alpha * mean;
                (level(*time).alpha * mean + growth * away) as f32
            });
            assert_close(&format!("{schedule:?}"), &values(position), &expected, 2e-3);
        }
    }
}

fn nats(model: &PointPipeline, points: &[f32], options: DensityOptions) -> Vec<f32> {
    let mut run = model.log_density(points, options).unwrap();
    while run.step().unwrap().is_some() {}
    values(run.nats())
}

#[test]
fn the_density_along_the_flow_of_a_gaussian_is_exact_to_a_thousandth_of_a_nat() {
    let points = [0.3_f32, -0.2, 1.0, 0.5, -1.5, 0.0, 0.0, 2.0];
    for schedule in schedules() {
        // Centred, as the noise at the end of the flow is.
        let model = gaussian([0.0, 0.0], 0.8, schedule);
        for time in [0.0, 10.0, 300.5] {
            let exact = values(model.closed_log_density(&points, time).unwrap());
            let options = DensityOptions {
                time,
                ..DensityOptions::default()
            };
            let what = format!("{schedule:?} at {time}");
            assert_close(&what, &nats(&model, &points, options), &exact, 1e-3);
        }
    }
}

/// The midpoints of a square grid about zero, and the area of a cell.
fn grid(side: usize, width: f32) -> (Vec<f32>, f32) {
    let cell = width / side as f32;
    let at = |index: usize| (index as f32 + 0.5) * cell - width / 2.0;
    let points = (0..side * side).flat_map(|i| [at(i % side), at(i / side)]);
    (points.collect(), cell * cell)
}

#[test]
fn the_density_along_the_flow_of_a_mixture_is_the_closed_one_and_integrates_to_one() {
    let (model, _) = eight();
    let (points, area) = grid(48, 5.0);
    let options = DensityOptions::default();
    let densities: Vec<f32> = nats(&model, &points, options)
        .iter()
        .map(|p| p.exp())
        .collect();
    let closed = values(model.closed_log_density(&points, 0.0).unwrap());
    let closed: Vec<f32> = closed.iter().map(|p| p.exp()).collect();
    assert_close("density", &densities, &closed, 1e-3);
    let total: f32 = densities.iter().map(|p| p * area).sum();
    assert!((total - 1.0).abs() < 0.01, "the integral is {total}");
}

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
fn paths_of_the_forward_process_have_its_marginals_and_remember_where_they_were() {
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
fn a_mixture_on_a_line_is_sampled_and_measured_like_one_in_the_plane() {
    let mixture = GaussianMixture {
        means: vec![-1.2, 0.8],
        spreads: vec![0.2, 0.4],
        weights: vec![1.0, 2.0],
        dimensions: 1,
    };
    let model = PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex()).unwrap();
    let options = PointSampleOptions {
        count: Some(4000),
        ..PointSampleOptions::default()
    };
    let mut run = model.sample(&options).unwrap();
    assert_eq!(run.noisy().dims(), [4000, 1]);
    while run.step().unwrap().is_some() {}
    let found = values(run.noisy());
    let left = found.iter().filter(|x| **x < -0.5).count() as f64 / 4000.0;
    assert!(
        (left - 1.0 / 3.0).abs() < 0.03,
        "{left} of the points lie on the left"
    );
    let line = [-1.2_f32, 0.0, 0.9];
    let exact = values(model.closed_log_density(&line, 50.0).unwrap());
    let options = DensityOptions {
        time: 50.0,
        ..DensityOptions::default()
    };
    assert_close("density", &nats(&model, &line, options), &exact, 2e-3);
}

#[test]
fn the_field_of_a_gaussian_is_its_score() {
    let model = gaussian([0.3, -0.2], 0.5, Schedule::default());
    let level = model.schedule().level_at_time(200.0);
    let variance = (level.alpha * 0.5).powi(2) + level.sigma.powi(2);
    let found = values(model.field(&[0.4, 0.9], 200.0, Quantity::Score).unwrap());
    let expected =
        [(0.4, 0.3), (0.9, -0.2)].map(|(x, mean)| (-(x - level.alpha * mean) / variance) as f32);
    assert_close("score", &found, &expected, 1e-5);
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

#[test]
fn options_out_of_range_are_refused_by_name() {
    let (model, _) = eight();
    let named = |result: Result<(), Error>| match result {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let flow = |steps| FlowOptions {
        steps,
        ..FlowOptions::default()
    };
    let encode = |points: &[f32], steps| model.encode(points, flow(steps)).map(|_| ());
    assert_eq!(named(encode(&[0.0, 1.0], 0)), "steps");
    assert_eq!(named(encode(&[], 5)), "points");
    assert_eq!(named(encode(&[0.0], 5)), "points");
    assert_eq!(named(encode(&[0.0, f32::NAN], 5)), "points");
    let field = |time| model.field(&[0.0, 0.0], time, Quantity::Clean).map(|_| ());
    for time in [-1.0, 999.5, f64::NAN] {
        assert_eq!(named(field(time)), "time");
    }
    let sample = |options: PointSampleOptions| named(model.sample(&options).map(|_| ()));
    let default = PointSampleOptions::default;
    assert_eq!(
        sample(PointSampleOptions {
            count: Some(0),
            ..default()
        }),
        "count"
    );
    let initial_noise = Some(vec![0.0; 3]);
    assert_eq!(
        sample(PointSampleOptions {
            initial_noise,
            ..default()
        }),
        "initial_noise"
    );
    let initial_noise = Some(vec![0.0; 4]);
    assert_eq!(
        sample(PointSampleOptions {
            initial_noise,
            count: Some(3),
            ..default()
        }),
        "initial_noise"
    );
    assert_eq!(
        sample(PointSampleOptions {
            steps: Some(0),
            ..default()
        }),
        "steps"
    );
    assert_eq!(
        sample(PointSampleOptions {
            steps: Some(1001),
            ..default()
        }),
        "steps"
    );
    let density = DensityOptions {
        time: 999.0,
        ..DensityOptions::default()
    };
    assert_eq!(
        named(model.log_density(&[0.0, 0.0], density).map(|_| ())),
        "time"
    );
    let schedule = |schedule: Schedule| named(schedule.noise_schedule().map(|_| ()));
    let linear = Schedule::default;
    assert_eq!(
        schedule(Schedule {
            timesteps: 1,
            ..linear()
        }),
        "timesteps"
    );
    assert_eq!(
        schedule(Schedule {
            timesteps: 200_000,
            ..linear()
        }),
        "timesteps"
    );
    assert_eq!(
        schedule(Schedule {
            beta_end: Some(1.0),
            ..linear()
        }),
        "beta_end"
    );
    assert_eq!(
        schedule(Schedule {
            beta_start: Some(-0.1),
            ..linear()
        }),
        "beta_start"
    );
    let beta_start = Some(0.1);
    assert_eq!(
        schedule(Schedule {
            beta_start,
            ..Schedule::of(Fading::Constant)
        }),
        "beta_start"
    );
    let beta_end = Some(0.1);
    assert_eq!(
        schedule(Schedule {
            beta_end,
            ..Schedule::of(Fading::Cosine)
        }),
        "beta_end"
    );
}

#[test]
fn the_initial_noise_takes_the_place_of_the_seeds() {
    let (model, _) = eight();
    let run = |options: &PointSampleOptions| {
        let mut run = model.sample(options).unwrap();
        while run.step().unwrap().is_some() {}
        values(run.noisy())
    };
    let seeded = PointSampleOptions {
        seed: 6,
        count: Some(20),
        ..PointSampleOptions::default()
    };
    let given = PointSampleOptions {
        initial_noise: Some(Generator::new(6).normal(40)),
        ..PointSampleOptions::default()
    };
    assert_eq!(run(&seeded), run(&given));
}
