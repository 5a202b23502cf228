//! Models of points against closed forms.
#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::Device;
use common::values;
use tweedie::dataset::{GaussianMixture, Named, PointData};
use tweedie::points::{DensityOptions, FlowOptions, PointPipeline, Schedule};
use tweedie::sampler::probability_flow::Solver;

fn mixture() -> PointPipeline {
    let data = PointData::draw(Named::EightGaussians, 10, 0).unwrap();
    let mixture = data.mixture().unwrap();
    PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex()).unwrap()
}

#[test]
fn explore() {
    let model = mixture();
    let grid: Vec<f32> = (0..400)
        .flat_map(|i| [(i % 20) as f32 * 0.25 - 2.4, (i / 20) as f32 * 0.25 - 2.4])
        .collect();
    let exact = values(model.closed_log_density(&grid, 0.0).unwrap());
    for solver in [Solver::Heun, Solver::RungeKutta4] {
        for steps in [5, 10, 15, 20, 30, 40, 60, 100] {
            let flow = FlowOptions { solver, steps };
            let mut run = model
                .log_density(&grid, DensityOptions { time: 0.0, flow })
                .unwrap();
            while run.step().unwrap().is_some() {}
            let found = values(run.nats());
            let worst = exact
                .iter()
                .zip(&found)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            let densities = exact
                .iter()
                .zip(&found)
                .map(|(a, b)| (a.exp() - b.exp()).abs())
                .fold(0.0, f32::max);
            println!("{solver:?} {steps} ({}): {worst} {densities}", run.steps());
        }
    }
}
