#![no_main]

use tweedie_fuzz::points;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| points::points(bytes));
