//! Point models against closed forms.

mod density;
mod flow;
mod forward;
mod refusals;
mod restore;
mod sampling;

use crate::common::values;
use burn::tensor::Device;
use tweedie::dataset::{GaussianMixture, Named, PointData};
use tweedie::points::{DensityOptions, Fading, PointPipeline, Schedule};

fn eight() -> PointPipeline {
    let data = PointData::draw(Named::EightGaussians, 2, 0).unwrap();
    let mixture = data.mixture().unwrap();
    let model = PointPipeline::of_mixture(&mixture, Schedule::default(), &Device::flex());
    model.unwrap()
}

fn gaussian(mean: [f64; 2], std: f64, schedule: Schedule) -> PointPipeline {
    let mixture = GaussianMixture {
        means: mean.to_vec(),
        stds: vec![std],
        weights: vec![1.0],
        dimensions: 2,
    };
    PointPipeline::of_mixture(&mixture, schedule, &Device::flex()).unwrap()
}

fn as_points(numbers: &[f32]) -> &[[f32; 2]] {
    numbers.as_chunks::<2>().0
}

/// All named noise schedules.
fn schedules() -> [Schedule; 5] {
    Fading::ALL.map(Schedule::of)
}

fn nats(model: &PointPipeline, points: &[f32], options: DensityOptions) -> Vec<f32> {
    let mut run = model.log_density(points, options).unwrap();
    while run.step().unwrap().is_some() {}
    values(run.nats())
}
