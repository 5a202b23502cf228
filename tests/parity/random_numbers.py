"""`randn.safetensors`: torch's CPU generator, for sizes on both sides of its special cases."""

import torch

from fixture import FIXTURES, save_tensors, seeded

SEEDS = [0, 1, 42, 2**32 - 1]
SIZES = [1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 100, 768, 784, 1000]
# Below 16 values torch draws pairs and keeps the second of the last pair for the next call.
SEQUENCE = [5, 3, 20, 16, 1, 40]


def main():
    tensors = {
        f"seed{seed}.size{size}": torch.randn(size, generator=seeded(seed)) for seed in SEEDS for size in SIZES
    }
    generator = seeded(0)
    for call, size in enumerate(SEQUENCE):
        tensors[f"sequence.{call}"] = torch.randn(size, generator=generator)
    tensors["uniform.seed0"] = torch.rand(20, generator=seeded(0))
    # More than the 312 that one state of the generator gives.
    tensors["uniform64.seed42"] = torch.rand(700, dtype=torch.float64, generator=seeded(42))
    save_tensors(FIXTURES / "randn.safetensors", tensors)


if __name__ == "__main__":
    main()
