//! Image sizes on the command line.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Pixels of a side beyond this are rejected as likely mistakes.
const MAX_SIDE: usize = 4096;

/// Height and width, written `32` for a square or `WIDTHxHEIGHT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSize(pub [usize; 2]);

impl FromStr for ImageSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (width, height) = text.split_once(['x', '×']).unwrap_or((text, text));
        let side = |text: &str| {
            text.parse()
                .ok()
                .filter(|side| (1..=MAX_SIDE).contains(side))
        };
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Ok(Self([height, width])),
            _ => {
                let expected = format!("a side or WIDTHxHEIGHT, from 1 to {MAX_SIDE} each");
                Err(Error::invalid("size", expected, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_side_or_width_by_height() {
        let size = |text: &str| text.parse().ok().map(|ImageSize(size)| size);
        assert_eq!(size("32"), Some([32, 32]));
        assert_eq!(size("32x24"), Some([24, 32]));
        for wrong in ["", "0", "4097", "32x", "32x24x3", "-1", "a"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
