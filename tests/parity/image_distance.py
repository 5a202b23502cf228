"""`image_distance.json`: the Fréchet distance of two sets of features, and their precision and recall, by numpy."""

import numpy as np

from fixture import FIXTURES, save_json


def features(count, dimensions, phase):
    index = np.arange(count * dimensions, dtype=np.float64)
    # Irrational steps: nearly uniform, and each column in its own way correlated with its neighbours.
    values = np.sin(index * 0.731 + phase) + 0.5 * np.cos(index**2 * 0.0137 + phase)
    return values.reshape(count, dimensions).astype(np.float32).astype(np.float64)


def frechet(a, b):
    c1, c2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.maximum(np.linalg.eigvals(c1 @ c2).real, 0)).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * root


def coverage(manifold, others, k):
    within = np.linalg.norm(manifold[:, None] - manifold[None], axis=-1)
    radii = np.sort(within, axis=1)[:, k]  # the 0th is the vector itself
    across = np.linalg.norm(others[:, None] - manifold[None], axis=-1)
    return (across <= radii).any(1).mean()


def main():
    a, b = features(200, 8, 0.0), 1.1 * features(150, 8, 0.4) + 0.05
    b = b.astype(np.float32).astype(np.float64)
    values = {"frechet": float(frechet(a, b)), "precision": float(coverage(a, b, 3)), "recall": float(coverage(b, a, 3))}
    save_json(FIXTURES / "image_distance.json", values)


if __name__ == "__main__":
    main()
