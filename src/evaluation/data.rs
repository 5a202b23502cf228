//! Data for the evaluation.

use super::ImageKind;
use crate::dataset::images::ImageData;
use crate::distance::NEIGHBOURS;
use crate::train::Samples;
use crate::{Error, Result};

/// One of this many images is held out, unless held-out files exist.
const HELD_OUT: usize = 10;

/// Minimum number of images, so that each has its nearest neighbours.
const MIN_SAMPLES: usize = NEIGHBOURS + 1;

/// Labelled images: a training set and a held-out set.
#[derive(Clone, Debug)]
pub struct Data {
    /// Images to train the classifier, and to compare samples with.
    pub train: Samples<4>,
    /// Images to measure the accuracy of the classifier.
    pub held_out: Samples<4>,
    /// Names of the classes, by index.
    pub class_names: Vec<String>,
}

impl Data {
    /// Data from images. Without held-out images, every tenth image is held out.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the images are unlabelled, too few, or differ in size from the held-out images.
    pub fn of_images(
        images: ImageData,
        held_out: Option<ImageData>,
        channels: usize,
    ) -> Result<Self> {
        let class_names = images.class_names().to_vec();
        let all = images.samples(channels)?;
        drop(images);
        let held_out = held_out
            .map(|images| images.samples(channels))
            .transpose()?;
        Self::new(all, held_out, class_names)
    }

    /// Data from labelled samples. Without held-out samples, every tenth is held out.
    ///
    /// # Errors
    /// Those of [`of_images`](Self::of_images) about images.
    pub fn new(
        all: Samples<4>,
        held_out: Option<Samples<4>>,
        class_names: Vec<String>,
    ) -> Result<Self> {
        let (train, held_out) = match held_out {
            Some(held_out) => (all, held_out),
            None if all.len() < MIN_SAMPLES * HELD_OUT => {
                let expected = format!("at least {} images", MIN_SAMPLES * HELD_OUT);
                return Err(Error::invalid("data", expected, all.len()));
            }
            None => {
                let rows = |held_out| {
                    let is_held_out = |row: &usize| row % HELD_OUT == HELD_OUT - 1;
                    let rows = 0..all.len();
                    rows.filter(|row| is_held_out(row) == held_out)
                        .collect::<Vec<_>>()
                };
                (all.select(&rows(false))?, all.select(&rows(true))?)
            }
        };
        let data = Self {
            train,
            held_out,
            class_names,
        };
        data.check().map(|()| data)
    }

    fn check(&self) -> Result<()> {
        for samples in [&self.train, &self.held_out] {
            if samples.len() < MIN_SAMPLES {
                let expected = format!("at least {MIN_SAMPLES} images");
                return Err(Error::invalid("data", expected, samples.len()));
            }
            if samples.classes().is_empty() {
                let expected = "labelled images, to train the classifier";
                return Err(Error::invalid("data", expected, "none"));
            }
        }
        let (expected, found) = (self.train.shape(), self.held_out.shape());
        if expected[1..] != found[1..] {
            let expected = format!("{:?}, as of the others", &expected[1..]);
            return Err(Error::invalid("held-out images", expected, &found[1..]));
        }
        self.kind().check()
    }

    /// Shape of a classifier for the data.
    pub fn kind(&self) -> ImageKind {
        let [_, channels, height, width] = self.train.shape();
        let all = self.train.classes().iter().chain(self.held_out.classes());
        ImageKind {
            channels,
            size: [height, width],
            classes: all.max().map_or(0, |last| last + 1),
        }
    }

    /// A checksum (CRC-32) of all images and classes, to detect other data.
    pub fn checksum(&self) -> u32 {
        let mut checksum = flate2::Crc::new();
        for samples in [&self.train, &self.held_out] {
            for image in samples.values().chunks(1 << 16) {
                let bytes: Vec<u8> = image.iter().flat_map(|value| value.to_le_bytes()).collect();
                checksum.update(&bytes);
            }
            let classes = samples.classes().iter();
            let bytes: Vec<u8> = classes
                .flat_map(|class| (*class as u64).to_le_bytes())
                .collect();
            checksum.update(&bytes);
        }
        checksum.sum()
    }
}
