//! Transformations of the times of flow matching.

/// A time of flow matching shifted towards noise: `shift·t/(1 + (shift − 1)·t)` (Esser et al. 2024, eq. 23).
pub(super) fn shifted(time: f64, shift: f64) -> f64 {
    shift * time / (1.0 + (shift - 1.0) * time)
}

/// Stretches decreasing times so that the last one is `terminal`, with proportional distances to 1: `shift_terminal`.
pub(super) fn stretched(times: Vec<f64>, terminal: Option<f64>) -> Vec<f64> {
    match (terminal, times.last()) {
        (Some(terminal), Some(last)) => {
            let scale = (1.0 - terminal) / (1.0 - last);
            times
                .iter()
                .map(|time| 1.0 - (1.0 - time) * scale)
                .collect()
        }
        _ => times,
    }
}
