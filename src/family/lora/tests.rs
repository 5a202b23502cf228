use super::*;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

const BASE_STEPS: usize = 300;

fn options(rank: usize) -> LoraOptions {
    LoraOptions {
        rank,
        base_steps: BASE_STEPS,
        steps: 300,
        batch: 128,
        width: 32,
        depth: 2,
        octaves: 1,
        learning_rate: if rank == 0 { 3e-3 } else { 1e-2 },
        ..LoraOptions::default()
    }
}

/// Normal points around (1, −1) with standard deviation 0.3.
fn target() -> Samples<2> {
    let mut points = Generator::new(8).normal(2 * 1000);
    for pair in points.chunks_exact_mut(2) {
        pair[0] = 1.0 + 0.3 * pair[0];
        pair[1] = -1.0 + 0.3 * pair[1];
    }
    Samples::new(points, [1000, 2]).unwrap()
}

fn trainer(rank: usize) -> FamilyTrainer {
    let options = FamilyOptions::of::<Lora>(&options(rank)).unwrap();
    FamilyTrainer::new(target(), options).unwrap()
}

fn run(trainer: &mut FamilyTrainer, steps: usize) {
    for _ in 0..steps {
        trainer.step().unwrap();
    }
}

fn samples(trainer: &FamilyTrainer, scale: Option<f64>) -> Vec<f32> {
    let request = SampleRequest {
        scale,
        ..SampleRequest::new(1000)
    };
    let samples = trainer.member().sample(&request, &mut Generator::new(1));
    samples.unwrap()
}

fn mean(points: &[f32]) -> [f32; 2] {
    let axis = |axis| {
        let values = points.iter().skip(axis).step_by(2);
        2.0 * values.sum::<f32>() / points.len() as f32
    };
    [axis(0), axis(1)]
}

#[test]
fn at_scale_zero_the_base_comes_back_bit_for_bit_and_at_one_the_data() {
    for rank in [0, 1, 4] {
        let mut trainer = trainer(rank);
        run(&mut trainer, BASE_STEPS);
        let base = samples(&trainer, None);
        run(&mut trainer, 300);
        assert_eq!(samples(&trainer, Some(0.0)), base, "rank {rank}");
        let found = mean(&samples(&trainer, None));
        let is_near = (found[0] - 1.0).abs() < 0.1 && (found[1] + 1.0).abs() < 0.1;
        assert!(is_near, "rank {rank}: {found:?}");
        let half = mean(&samples(&trainer, Some(0.5)));
        assert_ne!(half, found);
    }
}

#[test]
fn an_adapted_weight_is_the_base_plus_the_product_of_low_rank() {
    let mut trainer = trainer(2);
    run(&mut trainer, BASE_STEPS + 5);
    let member: &dyn std::any::Any = trainer.member();
    let model: &Lora = member.downcast_ref().unwrap();
    let (base, adapter) = (model.base.average(), model.adapter.average());
    let adapted = model.weights(0.7);
    let inputs = model.options.network().inputs();
    // The first layer: A [2, inputs], then B [32, 2].
    let (a, b) = adapter.split_at(2 * inputs);
    for row in 0..32 {
        for column in 0..inputs {
            let product: f32 = (0..2)
                .map(|k| b[2 * row + k] * a[k * inputs + column])
                .sum();
            let place = row * inputs + column;
            let expected = base[place] + 0.7 * product;
            assert!((adapted[place] - expected).abs() < 1e-6);
        }
    }
    let bias = 32 * inputs..32 * inputs + 32;
    assert_eq!(adapted[bias.clone()], base[bias]);
}

#[test]
fn the_number_of_trained_weights_is_rank_times_inputs_and_outputs() {
    let count = |rank| {
        let options = LoraOptions {
            rank,
            octaves: 0,
            ..LoraOptions::default()
        };
        let model = Lora::new(&options, 0, &mut Generator::new(0)).unwrap();
        model.trainable_count()
    };
    let layers = [(3, 128), (128, 128), (128, 128), (128, 2)];
    let of_rank: usize = layers
        .iter()
        .map(|(inputs, outputs)| inputs + outputs)
        .sum();
    assert_eq!([count(1), count(4)], [of_rank, 4 * of_rank]);
    let all = layers
        .iter()
        .map(|(inputs, outputs)| outputs * (inputs + 1));
    assert_eq!(count(0), all.sum::<usize>());
}

#[test]
fn bad_options_are_refused_by_name() {
    let refused = |change: fn(&mut LoraOptions)| {
        let mut options = options(1);
        change(&mut options);
        match Lora::new(&options, 0, &mut Generator::new(0)) {
            Err(Error::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|options| options.rank = 65), "rank");
    assert_eq!(refused(|options| options.base_steps = 0), "baseSteps");
    assert_eq!(
        refused(|options| options.learning_rate = 0.0),
        "learningRate"
    );
    let trainer = trainer(1);
    let request = SampleRequest {
        scale: Some(-0.1),
        ..SampleRequest::new(1)
    };
    let scale = trainer.member().sample(&request, &mut Generator::new(0));
    assert!(matches!(scale, Err(Error::InvalidOption { name, .. }) if name == "scale"));
    let mut options = options(1);
    options.base = "moon".to_owned();
    assert!(Lora::new(&options, 0, &mut Generator::new(0)).is_err());
}
