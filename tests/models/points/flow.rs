//! Points along the probability flow, and its vector field.

use tweedie::dataset::{Named, PointData};
use tweedie::diffusion::Quantity;
use tweedie::points::{FlowOptions, Schedule};
use tweedie::sampler::probability_flow::Solver;

use super::{eight, gaussian, schedules};
use crate::common::{assert_close, values};

#[test]
fn points_in_latents_and_back_are_the_points() {
    let model = eight();
    let data = PointData::draw(Named::EightGaussians, 50, 3).unwrap();
    let points = data.points().as_flattened();
    let mut run = model.encode(points, FlowOptions::default()).unwrap();
    while run.step().unwrap().is_some() {}
    let latents = values(run.noisy());
    let mut run = model.decode(&latents, FlowOptions::default()).unwrap();
    while run.step().unwrap().is_some() {}
    assert_close("points", &values(run.noisy()), points, 0.02);
    // Latents of data are normal.
    let square: f32 = latents.iter().map(|x| x * x).sum::<f32>() / latents.len() as f32;
    assert!((square - 1.0).abs() < 0.4, "their variance is {square}");
}

#[test]
fn a_path_begins_at_its_points_and_returns_along_itself() {
    let model = eight();
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
    // x − alpha·mean keeps its direction, and grows like the standard deviation.
    for schedule in schedules() {
        let model = gaussian([0.3, -0.2], 0.5, schedule);
        let options = FlowOptions::default();
        let path = model.path(&[0.9, 0.4], [700.0, 100.0], options).unwrap();
        let level = |time: f64| schedule.noise_schedule().unwrap().level_at_time(time);
        let std = |time: f64| (level(time).alpha * 0.5).hypot(level(time).sigma);
        for (time, position) in path.times.iter().zip(path.positions) {
            let growth = std(*time) / std(700.0);
            let expected = [(0.9, 0.3), (0.4, -0.2)].map(|(x, mean): (f64, f64)| {
                let away = x - level(700.0).alpha * mean;
                (level(*time).alpha * mean + growth * away) as f32
            });
            assert_close(&format!("{schedule:?}"), &values(position), &expected, 2e-3);
        }
    }
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
