//! Adam's step over all parameters as one list.

use super::Update;

/// What Adam keeps of each parameter, the parameters in one list.
#[derive(Clone, Debug)]
pub(crate) struct Flat {
    pub weights: Vec<f32>,
    /// The exponential moving average of the weights.
    pub average: Vec<f32>,
    pub moment_1: Vec<f32>,
    pub moment_2: Vec<f32>,
}

impl Flat {
    pub fn new(weights: Vec<f32>) -> Self {
        let zeros = vec![0.0; weights.len()];
        Self {
            average: weights.clone(),
            moment_1: zeros.clone(),
            moment_2: zeros,
            weights,
        }
    }

    /// One step along the gradient `g` (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2), after step `n − 1`:
    ///
    /// `m ← beta_1·m + (1 − beta_1)·g`, `v ← beta_2·v + (1 − beta_2)·g²`,
    /// `w ← w·(1 − rate·decay) − rate·(m/(1 − beta_1^n))/(√(v/(1 − beta_2^n)) + epsilon)`, and the average `a ← a + (1 − ema_decay)·(w − a)`.
    pub fn step(&mut self, gradient: &[f32], update: &Update) {
        let optimizer = &update.optimizer;
        let n = (update.step + 1) as f64;
        let correction_1 = 1.0 - optimizer.beta_1.powf(n);
        let correction_2 = 1.0 - optimizer.beta_2.powf(n);
        let rate = (update.learning_rate / correction_1) as f32;
        let root_correction = (1.0 / correction_2.sqrt()) as f32;
        let keep = (1.0 - update.learning_rate * optimizer.weight_decay) as f32;
        let (new_1, new_2) = (
            (1.0 - optimizer.beta_1) as f32,
            (1.0 - optimizer.beta_2) as f32,
        );
        let (old_2, epsilon) = (optimizer.beta_2 as f32, optimizer.epsilon as f32);
        let scale = clipping(gradient, optimizer.max_gradient_norm);
        let new_average = (1.0 - update.ema_decay) as f32;
        let moments = self.moment_1.iter_mut().zip(&mut self.moment_2);
        let weights = self.weights.iter_mut().zip(&mut self.average);
        for (((m, v), (w, a)), g) in moments.zip(weights).zip(gradient) {
            let g = g * scale;
            *m += new_1 * (g - *m);
            *v = old_2 * *v + new_2 * g * g;
            *w = *w * keep - rate * *m / (v.sqrt() * root_correction + epsilon);
            *a += new_average * (*w - *a);
        }
    }
}

/// What the gradient is multiplied by so that its norm is at most `most`, as in PyTorch's `clip_grad_norm_`.
fn clipping(gradient: &[f32], most: Option<f64>) -> f32 {
    let Some(most) = most else { return 1.0 };
    let squares = gradient.iter().map(|g| f64::from(*g).powi(2));
    (most / (squares.sum::<f64>().sqrt() + 1e-6)).min(1.0) as f32
}
