//! Interrupted and resumed training runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use tweedie::{Checkpoint, Pipeline};

use super::{Place, losses, refusal, succeeds};

/// Waits until a file exists.
fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.is_file() {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{} never came",
            path.display()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_interrupted_run_resumes_bit_for_bit() {
    let place = Place::new();
    succeeds(&mut place.command("whole", 40, &["--every", "20"]));
    let mut child = place
        .command("parts", 40, &["--every", "5"])
        .spawn()
        .unwrap();
    wait_for(&place.path("parts/training/state.safetensors"));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    assert!(child.wait().unwrap().success());
    assert!(
        losses(&place.path("parts")).len() < 40,
        "it ended before it was interrupted"
    );
    succeeds(&mut place.resume("parts"));
    assert!(
        place.state("parts") == place.state("whole"),
        "the states differ"
    );
    assert_eq!(losses(&place.path("parts")), losses(&place.path("whole")));
    let weights = |output| {
        fs::read(
            place
                .path(output)
                .join("unet/diffusion_pytorch_model.safetensors"),
        )
        .unwrap()
    };
    assert!(weights("parts") == weights("whole"), "the weights differ");
}

#[test]
fn a_crash_loses_at_most_the_steps_since_the_last_checkpoint() {
    let place = Place::new();
    succeeds(&mut place.command("whole", 20, &["--every", "20"]));
    let mut child = place
        .command("parts", 20, &["--every", "5"])
        .spawn()
        .unwrap();
    wait_for(&place.path("parts/training/state.safetensors"));
    child.kill().unwrap();
    child.wait().unwrap();
    succeeds(&mut place.resume("parts"));
    assert!(
        place.state("parts") == place.state("whole"),
        "the states differ"
    );
}

/// A file size limit simulates a full disk.
#[test]
fn a_full_disk_is_said_and_leaves_the_earlier_checkpoint() {
    let place = Place::new();
    let mut child = place
        .command("out", 400, &["--every", "5"])
        .spawn()
        .unwrap();
    wait_for(&place.path("out/training/state.safetensors"));
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    child.wait().unwrap();
    let before = place.state("out");
    let mut full = Command::new("sh");
    full.arg("-c")
        .arg("trap '' XFSZ; ulimit -f 16; exec \"$0\" --resume \"$1\"");
    full.arg(env!("CARGO_BIN_EXE_train")).arg(place.path("out"));
    let message = refusal(&mut full);
    assert!(message.contains("cannot be written"), "{message}");
    assert!(place.state("out") == before, "the checkpoint changed");
    Pipeline::new(
        Checkpoint::read_folder(&place.path("out")).unwrap(),
        &Device::flex(),
    )
    .unwrap();
    let left = |folder: PathBuf| {
        fs::read_dir(folder).unwrap().any(|file| {
            file.unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with(".unfinished")
        })
    };
    assert!(!left(place.path("out")) && !left(place.path("out/training")));
}

#[test]
fn a_diverged_run_continues_from_good_weights_with_a_smaller_rate() {
    let place = Place::new();
    let wild = ["--learning-rate=1000", "--clip=1000000", "--decay=constant"];
    let output = place.command("out", 400, &wild).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("diverged"), "{message}");
    let advice = String::from_utf8(output.stdout).unwrap();
    assert!(advice.contains("--learning-rate"), "{advice}");
    let before = losses(&place.path("out")).len();
    assert!(before < 400);
    let mut resume = place.resume("out");
    succeeds(
        resume
            .args(["--learning-rate=0.001", "--steps"])
            .arg((before + 5).to_string()),
    );
    let losses = losses(&place.path("out"));
    assert_eq!(losses.len(), before + 5);
    assert!(
        losses[before..].iter().all(|loss| loss.is_finite()),
        "{losses:?}"
    );
}

#[test]
fn a_run_can_be_extended_but_not_changed() {
    let place = Place::new();
    let constant = ["--decay=constant"];
    succeeds(&mut place.command("whole", 6, &constant));
    succeeds(&mut place.command("parts", 4, &constant));
    let refused = |more: &str| refusal(place.resume("parts").arg(more));
    assert!(refused("--batch=8").contains("--batch"), "batch");
    assert!(refused("--min-snr=5").contains("--min-snr"), "min-snr");
    succeeds(place.resume("parts").arg("--steps=6"));
    assert!(
        place.state("parts") == place.state("whole"),
        "the states differ"
    );

    // Other images: by mistake, on purpose, and with another number of classes.
    let data = place.path("data");
    fs::copy(data.join("left/0.png"), data.join("left/new.png")).unwrap();
    assert!(refused("--steps=7").contains("--data"), "images");
    let given = format!("--data={}", data.display());
    succeeds(place.resume("parts").args(["--steps=7", &given]));
    assert_eq!(losses(&place.path("parts")).len(), 7);
    fs::create_dir(data.join("third")).unwrap();
    fs::copy(data.join("left/0.png"), data.join("third/0.png")).unwrap();
    assert!(refused(&given).contains("classes"), "classes");
}

#[test]
fn losses_of_steps_that_the_state_does_not_know_are_forgotten() {
    let place = Place::new();
    succeeds(&mut place.command("out", 4, &[]));
    // As if the program had been killed between the two files.
    let path = place.path("out/training/losses.csv");
    let more = fs::read_to_string(&path).unwrap() + "4,9,0.001\n5,9,0.001\n";
    fs::write(&path, more).unwrap();
    succeeds(place.resume("out").arg("--steps=6"));
    let losses = losses(&place.path("out"));
    assert!(
        losses.len() == 6 && losses.iter().all(|loss| *loss < 9.0),
        "{losses:?}"
    );
    // A curve with fewer losses than steps does not belong to this run.
    fs::write(&path, "step,loss,learning_rate\n0,1,0.001\n").unwrap();
    assert!(refusal(place.resume("out").arg("--steps=7")).contains("losses.csv"));
}
