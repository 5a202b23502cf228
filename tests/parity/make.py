"""Writes every fixture: `python tests/parity/make.py`."""

import distributions
import guidance
import image_distance
import mlp
import mnist
import pictures
import random_numbers
import repaint
import samplers
import scheduler_configs
import schedules
import solvers
import tiny_pipeline
import unet
import variational_bound


def main():
    for family in (random_numbers, schedules, scheduler_configs, samplers, solvers, unet, tiny_pipeline, repaint, mnist, guidance, variational_bound, distributions, mlp, image_distance, pictures):
        print(family.__doc__.strip())
        family.main()


if __name__ == "__main__":
    main()
