//! The times of flow matching, moved as its options ask.

/// A time of flow matching pushed towards noise: `shift·t/(1 + (shift − 1)·t)` (Esser et al. 2024, eq. 23).
pub(super) fn shifted(time: f64, shift: f64) -> f64 {
    shift * time / (1.0 + (shift - 1.0) * time)
}

/// Falling times stretched so that the last one is `terminal`, the distances to 1 in proportion: `shift_terminal`.
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
