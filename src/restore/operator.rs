//! The interface of linear observations.

use std::fmt::Debug;

use burn::tensor::Tensor;

/// Number of conjugate-gradient iterations.
const ITERATIONS: usize = 16;

/// A linear map `A` from images to observations. The first dimension of all tensors is the batch; `A` acts on each
/// image separately.
///
/// `apply` and `adjoint` suffice for DPS, ΠGDM and replacement. DDRM also requires [`filter`](Self::filter).
pub trait LinearOperator<const D: usize>: Debug + Send + Sync {
    /// `A·x`.
    fn apply(&self, images: Tensor<D>) -> Tensor<D>;

    /// `Aᵀ·y`, in the shape of the images.
    fn adjoint(&self, observed: Tensor<D>) -> Tensor<D>;

    /// Sets the entries of `y` that are not observed to 0, such as hidden pixels.
    fn known(&self, observed: Tensor<D>) -> Tensor<D> {
        observed
    }

    /// `V·φ(S)·Vᵀ·x` for the singular value decomposition `A = U·S·Vᵀ`, where the function `gain` is `φ`; singular values
    /// of directions that `A` does not observe are 0. `None` where the decomposition is not known.
    fn filter(&self, _images: Tensor<D>, _gain: &dyn Fn(f64) -> f64) -> Option<Tensor<D>> {
        None
    }

    /// `(AᵀA + ridge)⁻¹·Aᵀ·y`, in the shape of the images. As `ridge` decreases to 0 it approaches the pseudo-inverse.
    ///
    /// Exact where the decomposition is known; otherwise 16 iterations of conjugate gradients (Hestenes & Stiefel 1952),
    /// which are exact for observations of at most 16 numbers.
    fn regularised_inverse(&self, observed: Tensor<D>, ridge: f64) -> Tensor<D> {
        let target = self.adjoint(observed);
        let gain = |singular: f64| 1.0 / (singular * singular + ridge).max(f64::MIN_POSITIVE);
        match self.filter(target.clone(), &gain) {
            Some(solution) => solution,
            None => conjugate_gradients(|x| self.adjoint(self.apply(x)), target, ridge),
        }
    }
}

/// `V·φ(S)·Vᵀ·x` for an operator whose singular values are all 0 or `singular`:
/// `φ(0)·x + (φ(singular) − φ(0))·AᵀA·x/singular²`.
pub(super) fn two_valued_filter<const D: usize>(
    operator: &impl LinearOperator<D>,
    singular: f64,
    images: Tensor<D>,
    gain: &dyn Fn(f64) -> f64,
) -> Tensor<D> {
    let observed = operator.adjoint(operator.apply(images.clone())) / (singular * singular);
    let (unseen, seen) = (gain(0.0), gain(singular));
    if unseen.is_finite() && unseen.abs() < f64::from(f32::MAX) {
        (images - observed.clone()) * unseen + observed * seen
    } else {
        observed * seen
    }
}

/// Solves `(M + ridge)·x = target` for a symmetric positive semi-definite `M`, each image separately.
fn conjugate_gradients<const D: usize>(
    matrix: impl Fn(Tensor<D>) -> Tensor<D>,
    target: Tensor<D>,
    ridge: f64,
) -> Tensor<D> {
    let mut solution = target.zeros_like();
    let mut residual = target.clone();
    let mut direction = target;
    let mut square = dot(residual.clone(), residual.clone());
    for _ in 0..ITERATIONS {
        let product = matrix(direction.clone()) + direction.clone() * ridge;
        let size = ratio(square.clone(), dot(direction.clone(), product.clone()));
        solution = solution + direction.clone() * size.clone();
        residual = residual - product * size;
        let next = dot(residual.clone(), residual.clone());
        direction = residual.clone() + direction * ratio(next.clone(), square);
        square = next;
    }
    solution
}

/// `a/b`, and 0 if both are 0, so that an exact solution does not change.
fn ratio<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    a / (b + 1e-30)
}

/// Scalar products of the images of two batches, `[batch, 1, …]`.
pub(super) fn dot<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    let batch = a.dims()[0];
    let mut shape = [1; D];
    shape[0] = batch;
    // Reshaped before the product: gradients may have the strides of a convolution.
    let rows = |images: Tensor<D>| -> Tensor<2> { images.reshape([batch as i32, -1]) };
    (rows(a) * rows(b)).sum_dim(1).reshape(shape)
}
