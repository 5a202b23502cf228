#![no_main]

use tweedie_fuzz::files;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| files::point_files(bytes));
