//! The generator against torch's.

use crate::common::Tensors;
use tweedie::random::Generator;

/// Draws of 16 and more numbers are bit-identical; smaller draws use the platform's `ln` and `cos`.
#[track_caller]
fn assert_equals_torch(name: &str, found: &[f32], torch: &[f32]) {
    assert_eq!(found.len(), torch.len(), "{name}");
    let most = if torch.len() < 16 { 2 } else { 0 };
    for (index, (found, torch)) in found.iter().zip(torch).enumerate() {
        let distance = found.to_bits().abs_diff(torch.to_bits());
        assert!(
            distance <= most,
            "{name}[{index}]: {found:e} is {distance} ulp from torch's {torch:e}"
        );
    }
}

#[test]
fn normals_equal_torch_for_every_seed_and_size() {
    let torch = Tensors::read("randn.safetensors");
    let names = torch.names();
    let names = names.iter().filter(|name| name.starts_with("seed"));
    assert!(names.clone().count() >= 50);
    for name in names {
        let (seed, size) = name["seed".len()..].split_once(".size").unwrap();
        let mut generator = Generator::new(seed.parse().unwrap());
        let found = generator.normal(size.parse().unwrap());
        assert_equals_torch(name, &found, &torch.values(name));
    }
}

#[test]
fn draws_of_mixed_sizes_equal_torch() {
    let torch = Tensors::read("randn.safetensors");
    let mut generator = Generator::new(0);
    for draw in 0..6 {
        let name = format!("sequence.{draw}");
        let expected = torch.values(&name);
        assert_equals_torch(&name, &generator.normal(expected.len()), &expected);
    }
}

#[test]
fn uniforms_equal_torch_bit_for_bit() {
    let torch = Tensors::read("randn.safetensors").values("uniform.seed0");
    assert_eq!(Generator::new(0).uniform(torch.len()), torch);
}

#[test]
fn doubles_equal_torch_bit_for_bit_however_they_are_drawn() {
    let torch = Tensors::read("randn.safetensors").doubles("uniform64.seed42");
    assert!(torch.len() > 624);
    for piece in [1, 2, 311, 313, torch.len()] {
        let mut generator = Generator::new(42);
        let mut found = vec![0.0; torch.len()];
        for values in found.chunks_mut(piece) {
            generator.fill_uniform(values);
        }
        assert_eq!(found, torch, "{piece} at a time");
    }
}

#[test]
fn doubles_after_an_odd_number_of_floats_are_the_same_stream() {
    let mut whole = Generator::new(5);
    whole.uniform(623);
    let mut expected = [0.0; 3];
    for value in &mut expected {
        whole.fill_uniform(std::slice::from_mut(value));
    }
    let mut generator = Generator::new(5);
    generator.uniform(623);
    let mut found = [0.0; 3];
    generator.fill_uniform(&mut found);
    assert_eq!(found, expected);
    assert!(found.iter().all(|value| (0.0..1.0).contains(value)));
}
