//! Canvases with several views.

use burn::tensor::{Device, Tensor, TensorData};

use super::{assert_close, normal, numbers};
use crate::diffusion::{Denoiser, Estimate, IdealDenoiser, NoiseLevel};
use crate::restore::{Average, Synchronised, Transform, View};
use crate::sampler::Clipping;

/// A denoiser whose estimate is what it is shown.
#[derive(Clone)]
struct Mirror;

impl Denoiser<4> for Mirror {
    fn denoise(&self, noisy: Tensor<4>, _level: NoiseLevel) -> Estimate<4> {
        Estimate::from(noisy)
    }
}

/// A denoiser of data that are one image.
fn knows(image: &[f32]) -> IdealDenoiser {
    let data = TensorData::new(image.to_vec(), [1, image.len()]);
    IdealDenoiser::of_points(Tensor::from_data(data, &Device::flex()))
}

fn canvas<M>(views: Vec<(View, M)>, size: [usize; 2], canvas: [usize; 2]) -> Synchronised<M> {
    let average = Average::Clean;
    Synchronised::new(
        views,
        size,
        canvas,
        average,
        Clipping::None,
        &Device::flex(),
    )
    .unwrap()
}

const LEVEL: NoiseLevel = NoiseLevel {
    time: 0.0,
    alpha: 0.8,
    sigma: 0.6,
};

#[test]
fn each_view_is_undone_by_its_placement() {
    let noisy = normal([2, 3, 4, 4], 1);
    let reversed = (0..16).rev().collect();
    let transforms = Transform::NAMES
        .map(|name| Transform::from_name(name).unwrap())
        .into_iter();
    for transform in transforms.chain([Transform::Permutation(reversed)]) {
        let view = View {
            transform: transform.clone(),
            ..View::default()
        };
        let canvas = canvas(vec![(view, Mirror)], [4, 4], [4, 4]);
        let clean = canvas.denoise(noisy.clone(), LEVEL).clean;
        let what = format!("{transform:?}");
        assert_close(&what, &numbers(clean), &numbers(noisy.clone()), 1e-6);
    }
}

/// A view of an image that shows `1 2 / 3 4`, placed on the canvas.
fn turned(transform: Transform) -> Vec<f64> {
    let view = View {
        transform,
        ..View::default()
    };
    let canvas = canvas(vec![(view, knows(&[1.0, 2.0, 3.0, 4.0]))], [2, 2], [2, 2]);
    numbers(canvas.denoise(normal([1, 1, 2, 2], 2), LEVEL).clean)
}

#[test]
fn the_canvas_shows_the_image_where_the_view_turns_it_upright() {
    // The view turns the canvas; so the canvas is the image turned the other way.
    assert_eq!(turned(Transform::Rotate180), [4.0, 3.0, 2.0, 1.0]);
    assert_eq!(turned(Transform::FlipHorizontal), [2.0, 1.0, 4.0, 3.0]);
    assert_eq!(turned(Transform::FlipVertical), [3.0, 4.0, 1.0, 2.0]);
    assert_eq!(turned(Transform::Rotate90), [3.0, 1.0, 4.0, 2.0]);
    assert_eq!(turned(Transform::Rotate270), [2.0, 4.0, 1.0, 3.0]);
}

#[test]
fn overlapping_windows_are_averaged_by_their_weights() {
    let at = |left: usize, weight: f64, mask: Option<Vec<f32>>| View {
        corner: [0, left],
        weight,
        mask,
        ..View::default()
    };
    let views = vec![
        (at(0, 1.0, None), knows(&[1.0; 3])),
        (at(2, 3.0, None), knows(&[5.0; 3])),
        (at(3, 1.0, Some(vec![0.0, 0.5, 1.0])), knows(&[9.0; 3])),
    ];
    let canvas = canvas(views, [1, 3], [1, 6]);
    let clean = canvas.denoise(normal([1, 1, 1, 6], 3), LEVEL).clean;
    let fourth = (3.0 * 5.0 + 0.5 * 9.0) / 3.5;
    let expected = [1.0, 1.0, 4.0, 5.0, fourth, 9.0];
    assert_close("canvas", &numbers(clean), &expected, 1e-5);
}

#[test]
fn estimates_are_clipped_before_the_average_unless_noise_is_averaged() {
    let mean = |average| {
        let views = vec![
            (View::default(), knows(&[3.0])),
            (View::default(), knows(&[-1.0])),
        ];
        let clipping = Clipping::Range(1.0);
        let canvas =
            Synchronised::new(views, [1, 1], [1, 1], average, clipping, &Device::flex()).unwrap();
        numbers(canvas.denoise(normal([1, 1, 1, 1], 4), LEVEL).clean)[0]
    };
    assert!((mean(Average::Clean) - 0.0).abs() < 1e-6);
    assert!((mean(Average::Noise) - 1.0).abs() < 1e-6);
}

#[test]
fn views_that_do_not_fit_are_refused_by_their_index() {
    type Change = fn(&mut View);
    let message = |views: Vec<View>, size, canvas| {
        let views = views.into_iter().map(|view| (view, Mirror)).collect();
        let (average, clipping) = (Average::Clean, Clipping::None);
        let canvas = Synchronised::new(views, size, canvas, average, clipping, &Device::flex());
        canvas.map(|_| ()).unwrap_err().to_string()
    };
    let view = |change: Change| {
        let mut view = View::default();
        change(&mut view);
        vec![View::default(), view]
    };
    let starts = |message: String, start: &str| assert!(message.starts_with(start), "{message}");
    let size = [2, 3];
    starts(message(vec![], size, size), "views must be at least one");
    starts(
        message(vec![View::default()], size, [2, 2]),
        "width must be",
    );
    let bare = message(vec![View::default()], size, [2, 4]);
    starts(bare.clone(), "views must be such");
    assert!(bare.contains("row 0 and column 3"), "{bare}");
    let cases: [(Change, &str); 6] = [
        (
            |view| view.corner = [1, 0],
            "views[1].top must be between 0 and 0",
        ),
        (|view| view.weight = 0.0, "views[1].weight"),
        (
            |view| view.mask = Some(vec![1.0]),
            "views[1].mask must be 6",
        ),
        (|view| view.mask = Some(vec![f32::NAN; 6]), "views[1].mask"),
        (
            |view| view.transform = Transform::Rotate90,
            "views[1].transform",
        ),
        (
            |view| view.transform = Transform::Permutation(vec![0, 1, 2, 3, 4, 4]),
            "views[1].permutation",
        ),
    ];
    for (change, start) in cases {
        starts(message(view(change), size, size), start);
    }
}
