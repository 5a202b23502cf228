use super::sample::ddim;
use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::points::Schedule;
use crate::train::Samples;

/// Means and standard deviation of two classes of normal data on the first axis.
const MEANS: [f64; 2] = [-1.1, 1.1];
const STD: f64 = 0.74;

fn options() -> GuidanceOptions {
    GuidanceOptions {
        steps: 1500,
        batch: 128,
        width: 32,
        classifier_width: 16,
        octaves: 1,
        ..GuidanceOptions::default()
    }
}

/// `ln p(x_t ∣ y)` on the first axis up to a constant, and its derivative.
fn log_likelihood(x: f64, level: NoiseLevel, class: usize) -> (f64, f64) {
    let variance = (level.alpha * STD).powi(2) + level.sigma.powi(2);
    let error = x - level.alpha * MEANS[class];
    (-0.5 * error * error / variance, -error / variance)
}

/// `p(y ∣ x_t)` for equal numbers of both classes.
fn probability(x: f64, level: NoiseLevel, class: usize) -> f64 {
    let [own, other] = [class, 1 - class].map(|class| log_likelihood(x, level, class).0);
    1.0 / (1.0 + (other - own).exp())
}

/// Mean and standard deviation of the coordinates on the first axis.
fn moments(points: &[f32]) -> (f64, f64) {
    let values: Vec<f64> = points.iter().step_by(2).map(|x| f64::from(*x)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let square = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (square / values.len() as f64).sqrt())
}

#[test]
fn with_the_exact_classifier_a_weight_of_one_samples_from_the_class() {
    let schedule = Schedule::default().noise_schedule().unwrap();
    let noise = Generator::new(1).normal(2 * 4000);
    // ∇ ln p(x_t) of both classes together, plus w·∇ ln p(y ∣ x_t).
    let samples = |weight: f64| {
        ddim(&schedule, &noise, 250, |points, level| {
            let eps = |x: f64| {
                let slopes = [0, 1].map(|class| log_likelihood(x, level, class).1);
                let share = probability(x, level, 0);
                let all = share * slopes[0] + (1.0 - share) * slopes[1];
                let of_class = (1.0 - probability(x, level, 1)) * (slopes[1] - slopes[0]);
                -level.sigma * (all + weight * of_class)
            };
            points.iter().map(|x| eps(f64::from(*x)) as f32).collect()
        })
    };
    let (mean, std) = moments(&samples(1.0));
    assert!((mean - MEANS[1]).abs() < 0.06, "{mean}");
    assert!((std - STD).abs() < 0.06, "{std}");
    let (mean, _) = moments(&samples(0.0));
    assert!(mean.abs() < 0.08, "{mean}");
    let (mean, std) = moments(&samples(4.0));
    assert!(mean > MEANS[1] + 0.1 && std < STD, "{mean} {std}");
}

/// Points of two classes that hardly overlap.
fn labelled(count: usize, seed: u32) -> Samples<2> {
    let classes: Vec<usize> = (0..count)
        .map(|index| usize::from(index % 4 == 0))
        .collect();
    let mut points = Generator::new(seed).normal(2 * count);
    for (pair, class) in points.chunks_exact_mut(2).zip(&classes) {
        pair[0] = (MEANS[*class] + 0.3 * f64::from(pair[0])) as f32;
    }
    let data = Samples::new(points, [count, 2]).unwrap();
    data.with_classes(classes).unwrap()
}

#[test]
fn a_trained_model_samples_from_each_class_by_both_methods() {
    for method in [GuidanceMethod::Classifier, GuidanceMethod::ClassifierFree] {
        let options = GuidanceOptions {
            method,
            ..options()
        };
        let options = FamilyOptions::of::<Guidance>(&options).unwrap();
        let mut trainer = FamilyTrainer::new(labelled(2000, 5), options).unwrap();
        for _ in 0..1500 {
            trainer.step().unwrap();
        }
        let model = trainer.member();
        for (class, expected) in MEANS.into_iter().enumerate() {
            let request = SampleRequest {
                class: Some(class),
                ..SampleRequest::new(2000)
            };
            let samples = model.sample(&request, &mut Generator::new(2)).unwrap();
            let (mean, _) = moments(&samples);
            assert!((mean - expected).abs() < 0.3, "{method:?} {class}: {mean}");
            let is_own = |x: &&f32| (**x > 0.0) == (class == 1);
            let own = samples.iter().step_by(2).filter(is_own).count();
            assert!(own > 1800, "{method:?} {class}: {own} of 2000");
        }
        // Three points in four are of class 0.
        let samples = model.sample(&SampleRequest::new(2000), &mut Generator::new(3));
        let (mean, _) = moments(&samples.unwrap());
        assert!((mean - 0.5 * MEANS[0]).abs() < 0.25, "{method:?}: {mean}");
        // The classes are sure at these points: by Bayes' rule above 0.99.
        let sure = model.field("classes", &[-1.4, 0.0, 1.7, 0.1]).unwrap();
        assert!(sure[0] > 0.9 && sure[3] > 0.9, "{method:?}: {sure:?}");
    }
}

#[test]
fn the_gradient_of_the_classifier_is_that_of_finite_differences() {
    let model = Guidance::new(&options(), 3, &mut Generator::new(4)).unwrap();
    let level = model.schedule.level(300).unwrap();
    let points = [0.3, -0.7];
    let gradient = model.class_gradient(&Graph::new(), &points, level, &[2]);
    let value = |points: &[f32]| {
        let graph = Graph::new();
        let leaves = model.classifier.average_leaves(&graph);
        let points = graph.matrix([1, 2], points);
        let log = model.log_probability(&leaves, points, std::iter::once(level), &[2]);
        log.item()
    };
    let h = 1e-2;
    for axis in 0..2 {
        let [mut above, mut below] = [points; 2];
        above[axis] += h;
        below[axis] -= h;
        let slope = (value(&above) - value(&below)) / (2.0 * h);
        assert!(
            (slope - gradient[axis]).abs() < 1e-3,
            "{slope} {gradient:?}"
        );
    }
}

#[test]
fn bad_requests_are_refused_by_name_and_data_without_classes_have_one() {
    let model = Guidance::new(&options(), 2, &mut Generator::new(0)).unwrap();
    let refused = |request: SampleRequest| match model.sample(&request, &mut Generator::new(0)) {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let plain = || SampleRequest::new(1);
    assert_eq!(
        refused(SampleRequest {
            class: Some(2),
            ..plain()
        }),
        "class"
    );
    assert_eq!(
        refused(SampleRequest {
            guidance: Some(-1.0),
            ..plain()
        }),
        "guidance"
    );
    assert_eq!(
        refused(SampleRequest {
            steps: Some(0),
            ..plain()
        }),
        "steps"
    );
    let data = Samples::new(Generator::new(7).normal(100), [50, 2]).unwrap();
    let options = FamilyOptions::of::<Guidance>(&options()).unwrap();
    let mut trainer = FamilyTrainer::new(data, options).unwrap();
    trainer.step().unwrap();
    assert_eq!(
        trainer.member().field("classes", &[0.1, 0.2]).unwrap(),
        [1.0]
    );
}
