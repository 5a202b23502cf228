//! Tests of the trainer, with a small, fast member.

use serde_json::json;

use super::gan::{Gan, GanOptions};
use super::*;
use crate::random::Generator;
use crate::train::{LearningRateSchedule, Optimizer, Samples};
use crate::{Error, Result};

fn data() -> Samples<2> {
    Samples::new(Generator::new(7).normal(2 * 50), [50, 2]).unwrap()
}

fn options() -> FamilyOptions {
    FamilyOptions::from_json(&json!({
        "model": "gan", "width": 8, "batch": 20, "seed": 3, "r1": 0.1, "discriminatorSteps": 2, "generatorSteps": 2
    }))
    .unwrap()
}

fn run(trainer: &mut FamilyTrainer, steps: usize) {
    for _ in 0..steps {
        trainer.step().unwrap();
    }
}

#[test]
fn a_resumed_training_gives_the_same_bits() {
    let mut whole = FamilyTrainer::new(data(), options()).unwrap();
    run(&mut whole, 37);
    let mut first = FamilyTrainer::new(data(), options()).unwrap();
    run(&mut first, 20);
    let mut second = FamilyTrainer::restore(&first.save().unwrap()).unwrap();
    assert_eq!((second.steps(), second.losses().len()), (20, 0));
    run(&mut second, 17);
    assert_eq!(whole.losses(), second.losses());
    assert_eq!(whole.save().unwrap(), second.save().unwrap());
    for (a, b) in whole
        .member()
        .networks()
        .iter()
        .zip(second.member().networks())
    {
        assert_eq!((a.weights(), a.average()), (b.weights(), b.average()));
    }
}

#[test]
fn classes_are_saved_with_the_points() {
    let labelled = data()
        .with_classes((0..50).map(|i| i % 3).collect())
        .unwrap();
    let trainer = FamilyTrainer::new(labelled, options()).unwrap();
    let restored = FamilyTrainer::restore(&trainer.save().unwrap()).unwrap();
    assert_eq!(trainer.data(), restored.data());
}

#[test]
fn another_seed_gives_another_training() {
    let mut other = options();
    other.set("seed", &json!(4)).unwrap();
    let mut trainers = [options(), other].map(|o| FamilyTrainer::new(data(), o).unwrap());
    for trainer in &mut trainers {
        run(trainer, 2);
    }
    assert_ne!(trainers[0].losses(), trainers[1].losses());
}

#[test]
fn weights_alone_give_the_model_and_no_training() {
    let mut trainer = FamilyTrainer::new(data(), options()).unwrap();
    run(&mut trainer, 30);
    let bytes = trainer.weights().unwrap();
    let model = load(&bytes).unwrap();
    let latents = Generator::new(1).normal(40);
    assert_eq!(model.decode(&latents), trainer.member().decode(&latents));
    assert!(FamilyTrainer::restore(&bytes).is_err());
    assert!(matches!(
        load(&bytes[..bytes.len() / 2]),
        Err(Error::MalformedFile { .. })
    ));
    assert!(load(b"no file").is_err());
}

#[test]
fn a_training_that_diverges_keeps_the_last_good_weights() {
    let mut options = options();
    // `f32` overflows within a few dozen steps.
    options.set("generatorLearningRate", &json!(1e36)).unwrap();
    options.set("activation", &json!("relu")).unwrap();
    let mut trainer = FamilyTrainer::new(data(), options).unwrap();
    let error = (0..500).find_map(|_| trainer.step().err()).unwrap();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert_eq!(trainer.step().unwrap_err().to_string(), error.to_string());
    let networks = trainer.member().networks();
    assert!(networks.iter().all(|network| network.is_finite()));
    assert!(trainer.scale_learning_rates(0.0).is_err());
    trainer.scale_learning_rates(1e-39).unwrap();
    run(&mut trainer, 3);
}

#[test]
fn options_are_refused_by_name() {
    let named = |json: serde_json::Value| match FamilyOptions::from_json(&json) {
        Err(Error::InvalidOption { name, expected, .. }) => format!("{name}: {expected}"),
        other => panic!("{other:?}"),
    };
    assert!(
        named(json!({"model": "gan", "kl": 1.0}))
            .starts_with("option kl: an option of the model gan, which are ")
    );
    assert!(named(json!({"model": "vea"})).starts_with("model: one of diffusion, gan"));
    assert!(named(json!({})).starts_with("model: one of diffusion, gan"));
    assert!(named(json!({"model": 3})).starts_with("model: a name"));
    assert!(named(json!({"model": "gan", "preset": "best"})).starts_with("preset: one of works, "));
    assert!(
        named(json!({"model": "gan", "width": "wide"})).starts_with("width: of the right type")
    );
    assert!(named(json!({"model": "gan", "loss": "hinge"})).starts_with("loss: of the right type"));
    assert!(named(json!([])).starts_with("options: an object"));
    for (name, value) in [
        ("steps", json!(0)),
        ("batch", json!(0)),
        ("batch", json!(1 << 20)),
    ] {
        let mut options = FamilyOptions::new("gan").unwrap();
        options.set(name, &value).unwrap();
        let refused = FamilyTrainer::new(data(), options).unwrap_err();
        assert!(matches!(refused, Error::InvalidOption { name: found, .. } if found == name));
    }
}

#[test]
fn a_preset_is_changed_by_the_options_beside_it() {
    let json = json!({"model": "gan", "preset": "cured-by-r1", "seed": 9});
    let options = FamilyOptions::from_json(&json).unwrap();
    let mut expected = FamilyOptions::preset("gan", "cured-by-r1").unwrap();
    expected.set("seed", &json!(9)).unwrap();
    assert_eq!(options.to_json(), expected.to_json());
    assert_eq!(
        FamilyOptions::from_json(&options.to_json())
            .unwrap()
            .to_json(),
        options.to_json()
    );
}

#[test]
fn a_point_alone_and_points_at_one_place_train() -> Result<()> {
    for points in [vec![0.5, -0.5], vec![0.25; 40]] {
        let count = points.len() / 2;
        let samples = Samples::new(points, [count, 2])?;
        run(&mut FamilyTrainer::new(samples, options())?, 3);
    }
    let columns = Samples::new(vec![0.5; 9], [3, 3])?;
    assert!(FamilyTrainer::new(columns, options()).is_err());
    Ok(())
}

#[test]
fn a_perceptron_starts_as_those_of_torch_and_with_a_zero_output_as_zero() {
    let mut network = Network::new("net", Optimizer::default());
    let mut generator = Generator::new(0);
    let dense = Dense::new(
        &mut network,
        "part",
        &[100, 50, 3],
        Activation::Tanh,
        &mut generator,
    );
    assert_eq!(network.parameter_count(), 100 * 50 + 50 + 50 * 3 + 3);
    let names: Vec<String> = network
        .tensors()
        .into_iter()
        .map(|tensor| tensor.name)
        .collect();
    assert_eq!(names[0], "net.part.layers.0.weight");
    assert_eq!(names[3], "net.part.layers.1.bias");
    assert_eq!(network.tensors()[1].shape, [50]);
    let first = &network.weights()[..5050];
    assert!(first.iter().all(|weight| weight.abs() <= 0.1));
    let variance = first.iter().map(|w| w * w).sum::<f32>() / 5050.0;
    assert!((variance * 300.0 - 1.0).abs() < 0.05, "{variance}");
    let dense = dense.with_zero_output(&mut network);
    let graph = graph::Graph::new();
    let input = graph.filled([4, 100], 0.3);
    let output = dense.forward(&network.leaves(&graph), input);
    assert_eq!(output.to_vec(), [0.0; 12]);
}

#[test]
fn a_network_descends_and_its_average_follows() {
    let optimizer = Optimizer {
        ema_decay: 0.5,
        learning_rate: LearningRateSchedule {
            peak: 1e-2,
            ..LearningRateSchedule::default()
        },
        ..Optimizer::default()
    };
    let mut network = Network::new("net", optimizer);
    network.add("x", [1, 2], &[1.0, -2.0]);
    for _ in 0..3000 {
        let graph = graph::Graph::new();
        let leaves = network.leaves(&graph);
        let loss = (leaves[0] - 0.5).square().sum();
        network.learn(&graph.last_gradients(loss, &leaves));
    }
    for list in [network.weights(), network.average()] {
        assert!(list.iter().all(|x| (x - 0.5).abs() < 1e-3), "{list:?}");
    }
    assert_eq!(network.updates(), 3000);
}

#[test]
fn gan_options_keep_their_names() {
    let json = FamilyOptions::of::<Gan>(&GanOptions::default())
        .unwrap()
        .to_json();
    assert_eq!(json["model"], "gan");
    assert_eq!(json["discriminatorLearningRate"], 1e-3);
    assert_eq!(json["loss"], "non-saturating");
}
