//! Damaged files cause errors, never panics.

use tweedie::Error;
use tweedie::checkpoint::Checkpoint;

use super::files::{WEIGHTS, flat, load};

/// Steele and Vigna's SplitMix64, a seeded source of damage.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

#[test]
fn a_file_cut_short_at_any_length_is_an_error() {
    let whole = flat()[WEIGHTS].clone();
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let lengths = (0..header + 64).chain((header + 64..whole.len()).step_by(97));
    for length in lengths {
        let mut files = flat();
        files.insert(WEIGHTS.to_owned(), whole[..length].to_vec());
        match Checkpoint::from_files(files) {
            Err(Error::MalformedFile { name, reason }) => {
                assert_eq!(name, WEIGHTS);
                let words = match length {
                    0 => "it is empty: download or copy it again".to_owned(),
                    1..8 => format!("it is cut off after {length} of at least"),
                    length if length < header => {
                        format!("cut off after {length} of at least {header} bytes")
                    }
                    length => format!("cut off after {length} of at least {} bytes", whole.len()),
                };
                assert!(reason.contains(&words), "{length} bytes: {reason}");
            }
            other => panic!("{length} bytes give {other:?}"),
        }
    }
}

#[test]
fn damaged_headers_never_panic() {
    let whole = flat()[WEIGHTS].clone();
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let mut random = SplitMix(0);
    for _ in 0..2000 {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(3) {
            damaged[random.below(header)] ^= 1 << random.below(8);
        }
        let mut files = flat();
        files.insert(WEIGHTS.to_owned(), damaged);
        // A flipped bit may be harmless, for instance in a name in the metadata.
        let _ = load(files);
    }
}

#[test]
fn damaged_configurations_never_panic() {
    let whole = flat()["config.json"].clone();
    let mut random = SplitMix(1);
    for _ in 0..2000 {
        let mut damaged = whole.clone();
        let digits = b"0123456789-e.\"[]{}";
        for _ in 0..=random.below(3) {
            let position = random.below(damaged.len());
            damaged[position] = digits[random.below(digits.len())];
        }
        let mut files = flat();
        files.insert("config.json".to_owned(), damaged);
        let _ = load(files);
    }
}
