"""`distributions.json`: scipy's densities, distribution functions and moments, and its tests of fit."""

import numpy as np
from scipy import stats

from fixture import FIXTURES, save_json

# As they are made in Rust, and scipy's distribution of the same parameters.
DISTRIBUTIONS = {
    "uniform": stats.uniform(-1, 4),
    "normal": stats.norm(1, 2),
    "exponential": stats.expon(scale=1 / 0.7),
    "laplace": stats.laplace(-1, 0.5),
    "triangular": stats.triang(0.25, 1, 4),
    "cauchy": stats.cauchy(-2, 3),
    "power": stats.powerlaw(3, scale=2),
}
PROBABILITIES = [1e-12, 1e-6, 0.01, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99, 1 - 1e-6]
MIXTURE = {"weights": [0.3, 0.7], "means": [-2.0, 1.0], "sds": [0.5, 1.0]}


def rows(distribution):
    xs = distribution.ppf(PROBABILITIES)
    mean, variance = (float(moment) for moment in distribution.stats("mv"))
    return {
        "mean": None if np.isnan(mean) else mean,
        "variance": None if np.isnan(variance) else variance,
        "u": PROBABILITIES,
        "inverse_cdf": xs.tolist(),
        "inverse_survival": distribution.isf(PROBABILITIES).tolist(),
        "density": distribution.pdf(xs).tolist(),
        "cdf": distribution.cdf(xs).tolist(),
        "survival": distribution.sf(xs).tolist(),
    }


def mixture():
    parts = list(zip(MIXTURE["weights"], map(stats.norm, MIXTURE["means"], MIXTURE["sds"])))
    xs = np.linspace(-6, 6, 25)
    of = lambda name: sum(weight * getattr(part, name)(xs) for weight, part in parts).tolist()
    return {**MIXTURE, "x": xs.tolist(), "density": of("pdf"), "cdf": of("cdf"), "survival": of("sf")}


def fit():
    samples = stats.norm(0.1, 1.1).ppf((np.arange(200) + 0.5) / 200)
    test = stats.kstest(samples, stats.norm(0, 1).cdf, method="exact")
    return {
        "samples": samples.tolist(),
        "ks_statistic": float(test.statistic),
        "ks_p_value": float(test.pvalue),
    }


def main():
    values = {name: rows(distribution) for name, distribution in DISTRIBUTIONS.items()}
    save_json(FIXTURES / "distributions.json", {"distributions": values, "mixture": mixture(), "fit": fit()})


if __name__ == "__main__":
    main()
