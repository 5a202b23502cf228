//! Dynamic thresholding against quantiles computed by hand.

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::sampler::Clipping;

/// `rows` images, thresholded.
fn thresholded(values: &[f32], rows: usize, quantile: f64, max: f64) -> Vec<f64> {
    let data = TensorData::new(values.to_vec(), [rows, values.len() / rows]);
    let x: Tensor<2> = Tensor::from_data(data, &Device::flex());
    Clipping::Dynamic { quantile, max }
        .apply(x)
        .into_data()
        .iter::<f64>()
        .collect()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= tolerance,
            "{found} is not {expected}"
        );
    }
}

#[test]
fn dynamic_thresholding_divides_by_the_quantile() {
    // 0, 0.1, …, 10, shuffled; the 0.753-quantile of the absolute values is 7.53.
    let row: Vec<f32> = (0..101)
        .map(|i| ((i * 37) % 101) as f32 / 10.0 * [1.0, -1.0][i % 2])
        .collect();
    let second: Vec<f32> = row.iter().map(|x| x / 100.0).collect();
    let both = [row.clone(), second.clone()].concat();
    let found = thresholded(&both, 2, 0.753, 100.0);
    let expected = row.iter().map(|x| (f64::from(*x) / 7.53).clamp(-1.0, 1.0));
    // All values of the second row are below 1, so that its threshold is 1.
    let expected: Vec<f64> = expected
        .chain(second.iter().map(|x| f64::from(*x)))
        .collect();
    assert_close(&found, &expected, 1e-5);
}

#[test]
fn dynamic_thresholding_handles_ties_and_constant_images() {
    for (row, quantile, threshold) in [
        (vec![3.0_f32; 8], 0.5, 3.0),
        (vec![1.0, 2.0, 2.0, 2.0, 5.0], 0.5, 2.0),
        (vec![1.0, 2.0, 2.0, 2.0, 5.0], 0.875, 3.5),
        (vec![1.0, 2.0, 3.0, 4.0, 5.0], 1.0, 5.0),
        (vec![4.0], 0.3, 4.0),
    ] {
        let found = thresholded(&row, 1, quantile, 10.0);
        let expected: Vec<f64> = row
            .iter()
            .map(|x| (f64::from(*x) / threshold).min(1.0))
            .collect();
        assert_close(&found, &expected, 1e-6);
    }
}
