//! The log-density along the flow, against closed forms.

use tweedie::points::DensityOptions;

use super::{eight, gaussian, nats, schedules};
use crate::common::{assert_close, values};

#[test]
fn the_density_along_the_flow_of_a_gaussian_is_exact_to_a_thousandth_of_a_nat() {
    let points = [0.3_f32, -0.2, 1.0, 0.5, -1.5, 0.0, 0.0, 2.0];
    for schedule in schedules() {
        // Centred, like the noise at the end of the flow.
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

/// The midpoints of a square grid around zero, and the area of a cell.
fn grid(side: usize, width: f32) -> (Vec<f32>, f32) {
    let cell = width / side as f32;
    let at = |index: usize| (index as f32 + 0.5) * cell - width / 2.0;
    let points = (0..side * side).flat_map(|i| [at(i % side), at(i / side)]);
    (points.collect(), cell * cell)
}

#[test]
fn the_density_along_the_flow_of_a_mixture_is_the_closed_one_and_integrates_to_one() {
    let model = eight();
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
