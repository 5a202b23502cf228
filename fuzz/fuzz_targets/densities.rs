#![no_main]

use tweedie_fuzz::densities;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| densities::densities(bytes));
