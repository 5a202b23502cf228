//! Random augmentation of training samples.

use serde::{Deserialize, Serialize};

use super::Batch;
use crate::random::Generator;
use crate::{Error, Result};

/// Random augmentation of training samples; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augmentation {
    /// Class dropout, for classifier-free guidance.
    pub class_dropout: Option<ClassDropout>,
    /// Whether images are mirrored at random.
    pub flips: Flips,
}

/// Replaces classes by a null class at random, so that one network learns both the conditional and the unconditional
/// prediction, for classifier-free guidance (Ho & Salimans 2022, algorithm 1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassDropout {
    /// Index of the null class.
    pub null_class: usize,
    /// Probability that a sample's class is replaced.
    pub probability: f64,
}

/// Random mirroring of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flips {
    /// No mirroring.
    #[default]
    None,
    /// Mirrors an image left to right with probability 1/2.
    Horizontal,
}

impl Augmentation {
    /// # Errors
    /// [`Error::InvalidOption`] for a probability outside [0, 1].
    pub fn check(&self) -> Result<()> {
        match self.class_dropout {
            Some(ClassDropout { probability, .. }) if !(0.0..=1.0).contains(&probability) => Err(
                Error::invalid("class_dropout", "between 0 and 1", probability),
            ),
            _ => Ok(()),
        }
    }

    /// Augments the samples of a batch. The noise is mirrored together with the image; its distribution is symmetric.
    pub(super) fn apply<const D: usize>(&self, batch: &mut Batch<D>, generator: &mut Generator) {
        if let Some(dropout) = self.class_dropout {
            let uniform = generator.uniform(batch.classes.len());
            for (class, u) in batch.classes.iter_mut().zip(uniform) {
                if f64::from(u) < dropout.probability {
                    *class = dropout.null_class;
                }
            }
        }
        if self.flips == Flips::Horizontal {
            let (size, width) = (batch.row_size(), batch.shape[D - 1]);
            let uniform = generator.uniform(batch.len());
            let images = batch
                .noisy
                .chunks_exact_mut(size)
                .zip(batch.target.chunks_exact_mut(size));
            for ((noisy, target), _) in images.zip(uniform).filter(|(_, u)| *u < 0.5) {
                noisy.chunks_exact_mut(width).for_each(<[f32]>::reverse);
                target.chunks_exact_mut(width).for_each(<[f32]>::reverse);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::NoiseLevel;

    fn batch() -> Batch<4> {
        let values: Vec<f32> = (0..4000).map(|i| i as f32).collect();
        let levels = vec![NoiseLevel::CLEAN; 1000];
        let mut batch = Batch::new(values.clone(), values, levels, [1000, 1, 2, 2]).unwrap();
        batch.classes = (0..1000).map(|i| i % 5).collect();
        batch
    }

    #[test]
    fn a_part_of_the_classes_is_left_out() {
        let mut varied = batch();
        let class_dropout = Some(ClassDropout {
            null_class: 9,
            probability: 0.2,
        });
        let augmentation = Augmentation {
            class_dropout,
            ..Augmentation::default()
        };
        augmentation.apply(&mut varied, &mut Generator::new(1));
        let dropped = varied.classes.iter().filter(|class| **class == 9).count();
        assert!((150..250).contains(&dropped), "{dropped}");
        let kept = varied.classes.iter().enumerate();
        assert!(
            kept.filter(|(_, class)| **class != 9)
                .all(|(i, class)| *class == i % 5)
        );
        assert_eq!(varied.noisy, batch().noisy);
    }

    #[test]
    fn half_of_the_images_are_mirrored_with_their_targets() {
        let mut varied = batch();
        let augmentation = Augmentation {
            flips: Flips::Horizontal,
            ..Augmentation::default()
        };
        augmentation.apply(&mut varied, &mut Generator::new(2));
        assert_eq!(varied.noisy, varied.target);
        assert_eq!(varied.classes, batch().classes);
        let mut mirrored = 0;
        for (index, image) in varied.noisy.chunks(4).enumerate() {
            let first = 4.0 * index as f32;
            let [a, b, c, d] = [0.0, 1.0, 2.0, 3.0].map(|i| first + i);
            if image == [b, a, d, c] {
                mirrored += 1
            } else {
                assert_eq!(image, [a, b, c, d])
            }
        }
        assert!((430..570).contains(&mirrored), "{mirrored}");
    }

    #[test]
    fn a_probability_above_one_is_refused() {
        let class_dropout = Some(ClassDropout {
            null_class: 0,
            probability: 1.5,
        });
        let augmentation = Augmentation {
            class_dropout,
            flips: Flips::None,
        };
        assert!(
            augmentation
                .check()
                .unwrap_err()
                .to_string()
                .contains("1.5")
        );
    }
}
