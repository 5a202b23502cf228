#![no_main]

use tweedie_fuzz::schedulers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| schedulers::schedulers(bytes));
