use super::halving::{ddim, ddim_step, level, target};
use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

fn small() -> ProgressiveOptions {
    ProgressiveOptions {
        teacher_steps: 3,
        first_student: 4,
        student_steps: 2,
        last_student_steps: 3,
        batch: 16,
        width: 8,
        octaves: 1,
        ..ProgressiveOptions::default()
    }
}

fn trainer() -> FamilyTrainer {
    let data = Samples::new(Generator::new(2).normal(400), [200, 2]).unwrap();
    FamilyTrainer::new(data, FamilyOptions::of::<Progressive>(&small()).unwrap()).unwrap()
}

#[test]
fn a_step_with_the_true_velocity_leads_to_the_point_with_less_noise() {
    let (x, noise) = ([0.5, -1.0], [0.3, 0.8]);
    let [from, to] = [level(0.7), level(0.4)];
    let mix = |[a, s]: [f32; 2]| -> Vec<f32> {
        x.iter().zip(&noise).map(|(x, e)| a * x + s * e).collect()
    };
    let v: Vec<f32> = x
        .iter()
        .zip(&noise)
        .map(|(x, e)| from[0] * e - from[1] * x)
        .collect();
    let moved = ddim_step(&mix(from), &v, from, to);
    for (moved, expected) in moved.iter().zip(mix(to)) {
        assert!((moved - expected).abs() < 1e-6);
    }
}

#[test]
fn one_step_to_the_target_leads_where_two_steps_lead() {
    let graph = Graph::new();
    let (z, end) = ([0.4, -1.3], [0.7, -0.2]);
    for times in [[1.0, 0.5], [0.75, 0.5], [0.5, 0.0]] {
        let levels = times.map(level);
        let matrices = levels.map(|level| level.map(|value| graph.scalar(value)));
        let [z_matrix, end_matrix] = [z, end].map(|values| graph.matrix([1, 2], &values));
        let clean = target(z_matrix, end_matrix, matrices[0], matrices[1]).to_vec();
        // v of the clean point: x̂ = α·z − σ·v.
        let [alpha, sigma] = levels[0];
        let v: Vec<f32> = z
            .iter()
            .zip(&clean)
            .map(|(z, x)| (alpha * z - x) / sigma)
            .collect();
        let moved = ddim_step(&z, &v, levels[0], levels[1]);
        for (moved, end) in moved.iter().zip(end) {
            assert!((moved - end).abs() < 1e-5, "{times:?}: {moved} {end}");
        }
    }
}

#[test]
fn levels_keep_the_variance_and_end_at_noise_and_data() {
    assert_eq!((level(0.0), level(1.0)), ([1.0, 0.0], [0.0, 1.0]));
    for time in [0.1, 0.5, 0.9] {
        let [alpha, sigma] = level(time);
        assert!((alpha * alpha + sigma * sigma - 1.0).abs() < 1e-6);
    }
}

#[test]
fn students_follow_the_teacher_and_a_resumed_run_has_the_same_bits() {
    let mut whole = trainer();
    let steps = whole.plan().steps;
    assert_eq!(steps, 3 + 2 + 3 + 3);
    let mut trained = Vec::new();
    for _ in 0..steps {
        whole.step().unwrap();
        let model: &Progressive = whole.member_as().unwrap();
        trained.push(model.students().len());
    }
    assert_eq!(trained, [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3]);
    let mut first = trainer();
    (0..6).for_each(|_| drop(first.step().unwrap().clone()));
    let mut second = FamilyTrainer::restore(&first.save().unwrap()).unwrap();
    (6..steps).for_each(|_| drop(second.step().unwrap().clone()));
    for (one, other) in whole
        .member()
        .networks()
        .iter()
        .zip(second.member().networks())
    {
        assert_eq!(one.weights(), other.weights());
    }
}

#[test]
fn samples_of_as_many_steps_as_a_student_has_are_the_students() {
    let mut trainer = trainer();
    (0..11).for_each(|_| drop(trainer.step().unwrap().clone()));
    let model: &Progressive = trainer.member_as().unwrap();
    let noise = Generator::new(3).normal(20);
    let sample = |steps| {
        let request = SampleRequest {
            steps,
            start: Some(noise.clone()),
            ..SampleRequest::new(10)
        };
        model.sample(&request, &mut Generator::new(0)).unwrap()
    };
    assert_eq!(model.evaluations(), 1);
    assert_eq!(
        sample(None),
        model.student_trajectory(&noise, 1).unwrap()[1]
    );
    assert_eq!(sample(Some(4)), ddim(&model.students[2], &noise, 4)[4]);
    assert_eq!(
        sample(Some(8)),
        model.teacher_trajectory(&noise, 8).unwrap()[8]
    );
    let error = model.student_trajectory(&noise, 3).unwrap_err().to_string();
    assert_eq!(
        error,
        "steps must be that of a trained student: 1, 2, 4, but is 3"
    );
}

#[test]
fn a_number_of_steps_that_cannot_be_halved_is_refused() {
    let options = ProgressiveOptions {
        first_student: 12,
        ..small()
    };
    let error = Progressive::new(&options, 0, &mut Generator::new(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "firstStudent must be a power of two, but is 12"
    );
}
