//! Random configurations, files, options and formulas. Whatever they are, the crate gives an answer or an error, and soon.
//!
//! Here each kind gets a few cases of a fixed seed. For longer, with other seeds:
//!
//! ```sh
//! FUZZ_SECONDS=600 FUZZ_SEED=7 cargo test --test models fuzz -- --nocapture --test-threads 1
//! ```
//!
//! A failure names the case, which `FUZZ_CASE=…` runs alone. The same cases are the targets of cargo-fuzz in `fuzz/`.

mod choices;
mod densities;
mod files;
mod points;
mod schedulers;

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Time limit per case; longer cases count as hanging.
const PATIENCE: Duration = Duration::from_secs(60);
/// Number of bytes for the choices of a case.
const BYTES: usize = 400;

#[test]
fn schedulers_fuzz() {
    fuzz("schedulers", 1500, schedulers::schedulers);
}

#[test]
fn checkpoints_fuzz() {
    fuzz("checkpoints", 400, files::checkpoints);
}

#[test]
fn point_files_fuzz() {
    fuzz("point_files", 400, files::point_files);
}

#[test]
fn densities_fuzz() {
    fuzz("densities", 150, densities::densities);
}

#[test]
fn formulas_fuzz() {
    fuzz("formulas", 150, densities::formulas);
}

#[test]
fn points_fuzz() {
    fuzz("points", 200, points::points);
}

/// Reports the case if it panics.
struct Case<'a> {
    target: &'a str,
    seed: u64,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { target, seed } = self;
            eprintln!("{target}: repeat this case with FUZZ_CASE={seed}");
        }
    }
}

fn fuzz(target: &str, cases: u64, run: fn(&[u8])) {
    let setting = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seconds = setting("FUZZ_SECONDS").map(Duration::from_secs);
    let first = setting("FUZZ_CASE").unwrap_or_else(|| setting("FUZZ_SEED").unwrap_or(0) << 32);
    let cases = if setting("FUZZ_CASE").is_some() {
        1
    } else {
        cases
    };
    let (started, watched) = channel::<Option<u64>>();
    let name = target.to_owned();
    let watchdog = std::thread::spawn(move || {
        let mut case = first;
        loop {
            match watched.recv_timeout(PATIENCE) {
                Ok(Some(next)) => case = next,
                Ok(None) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    eprintln!("{name}: FUZZ_CASE={case} does not end");
                    std::process::abort();
                }
            }
        }
    });
    let began = Instant::now();
    let (mut done, mut slowest) = (0, (Duration::ZERO, first));
    while seconds.map_or(done < cases, |limit| began.elapsed() < limit) {
        let case = Case {
            target,
            seed: first + done,
        };
        started.send(Some(case.seed)).unwrap();
        let start = Instant::now();
        run(&bytes(case.seed));
        slowest = slowest.max((start.elapsed(), case.seed));
        done += 1;
    }
    started.send(None).unwrap();
    watchdog.join().unwrap();
    println!(
        "{target}: {done} cases in {:.1?}, the slowest {:.1?} (FUZZ_CASE={})",
        began.elapsed(),
        slowest.0,
        slowest.1
    );
}

/// The bytes for a seed.
fn bytes(seed: u64) -> Vec<u8> {
    // Streams of adjacent seeds would be similar, so the first output becomes the state.
    let mut state = seed;
    state = split_mix(&mut state);
    let numbers = (0..BYTES / 8).flat_map(|_| split_mix(&mut state).to_le_bytes());
    numbers.collect()
}

/// Steele and Vigna's SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
