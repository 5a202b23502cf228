// Generated from the code: cargo run --example sampler_reference

/** A sampler and its own options. Options default to the checkpoint's scheduler, or else to the default given here. */
export type SamplerOptions =
  | {
      /** Default: the checkpoint's sampler. The samplers listed here have no options. */
      sampler?:
        | "ddpm" // Ho, Jain & Abbeel 2020, https://arxiv.org/abs/2006.11239
        | "euler" // Karras et al. 2022, https://arxiv.org/abs/2206.00364
        | "euler-ancestral" // Karras et al. 2022, https://arxiv.org/abs/2206.00364
        | "heun" // Karras et al. 2022, https://arxiv.org/abs/2206.00364
        | "kdpm2" // Karras et al. 2022, https://arxiv.org/abs/2206.00364
        | "kdpm2-ancestral" // Karras et al. 2022, https://arxiv.org/abs/2206.00364
        | "ipndm" // Zhang & Chen 2023, https://arxiv.org/abs/2204.13902
        | "euler-maruyama" // Song et al. 2021, https://arxiv.org/abs/2011.13456
        | "reverse-diffusion" // Song et al. 2021, https://arxiv.org/abs/2011.13456
        | "ancestral" // Song et al. 2021, https://arxiv.org/abs/2011.13456
        | "consistency" // Song et al. 2023, https://arxiv.org/abs/2303.01469
        ;
    }
  | {
      /** DDIM: Song, Meng & Ermon 2021, https://arxiv.org/abs/2010.02502 */
      sampler: "ddim";
      /** Fresh noise per step: 0 for none, 1 for as much as DDPM. From 0 to 1. Default: 0. */
      eta?: number;
      /** Re-derives the noise from the clipped estimate; recommended with strong guidance. Default: false. */
      useClippedModelOutput?: boolean;
    }
  | {
      /** Probability-flow ODE: Song et al. 2021, https://arxiv.org/abs/2011.13456 */
      sampler: "probability-flow";
      /** Evaluations per step: Euler one, Heun two, Runge–Kutta four, with increasing accuracy. Default: `"heun"`. */
      solver?: "euler" | "heun" | "rk4";
    }
  | {
      /** Probability-flow ODE, adaptive: Dormand & Prince 1980, https://doi.org/10.1016/0771-050X(80)90013-3 */
      sampler: "dormand-prince";
      /** Maximum error of a step. From 1e-6 to 1. Default: 0.001. */
      absoluteTolerance?: number;
      /** Maximum error of a step, relative to the sample. From 1e-6 to 1. Default: 0.001. */
      relativeTolerance?: number;
      /** Maximum number of network evaluations. An integer from 7 to 10000. Default: 1000. */
      maxEvaluations?: number;
    }
  | {
      /** Linear multistep: Bashforth & Adams 1883, https://archive.org/details/attempttest00bashrich */
      sampler: "lms";
      /** Maximum number of estimates that a step combines. Default: 4. */
      order?: 1 | 2 | 3 | 4;
    }
  | {
      /** PNDM: Liu et al. 2022, https://arxiv.org/abs/2202.09778 */
      sampler: "pndm";
      /** Starts with lower orders instead of three steps of four evaluations. Default: false. */
      skipPrkSteps?: boolean;
    }
  | {
      /** DPM-Solver: Lu et al. 2022, https://arxiv.org/abs/2206.00927 */
      sampler: "dpm-solver";
      /** Maximum number of estimates that a step combines. Default: 2. */
      order?: 1 | 2 | 3;
      /** Multistep: one evaluation per step, reusing previous ones. Singlestep: up to as many evaluations per step as the order. Default: `"multistep"`. */
      mode?: "multistep" | "singlestep";
      /** Approximation of the derivative at second order. Default: `"midpoint"`. */
      solverType?: "midpoint" | "heun";
      /** Solves the reverse-time SDE instead of the ODE. Default: false. */
      stochastic?: boolean;
      /** Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode. Default: true. */
      lowerOrderFinal?: boolean;
      /** Uses order one in the last step. Default: false. */
      eulerAtFinal?: boolean;
    }
  | {
      /** DPM-Solver++: Lu et al. 2022, https://arxiv.org/abs/2211.01095 */
      sampler: "dpm-solver++";
      /** Maximum number of estimates that a step combines. Default: 2. */
      order?: 1 | 2 | 3;
      /** Multistep: one evaluation per step, reusing previous ones. Singlestep: up to as many evaluations per step as the order. Default: `"multistep"`. */
      mode?: "multistep" | "singlestep";
      /** Approximation of the derivative at second order. Default: `"midpoint"`. */
      solverType?: "midpoint" | "heun";
      /** Solves the reverse-time SDE instead of the ODE. Default: false. */
      stochastic?: boolean;
      /** Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode. Default: true. */
      lowerOrderFinal?: boolean;
      /** Uses order one in the last step. Default: false. */
      eulerAtFinal?: boolean;
    }
  | {
      /** DEIS: Zhang & Chen 2023, https://arxiv.org/abs/2204.13902 */
      sampler: "deis";
      /** Maximum number of estimates that a step combines. Default: 2. */
      order?: 1 | 2 | 3;
      /** Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode. Default: true. */
      lowerOrderFinal?: boolean;
    }
  | {
      /** UniPC: Zhao et al. 2023, https://arxiv.org/abs/2302.04867 */
      sampler: "unipc";
      /** Maximum number of estimates that a step combines. Default: 2. */
      order?: 1 | 2 | 3 | 4 | 5 | 6;
      /** Function of the step size h: h, or exp(h) − 1. Default: `"bh2"`. */
      variant?: "bh1" | "bh2";
      /** Integrates the clean estimate instead of the noise. Default: true. */
      predictClean?: boolean;
      /** Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode. Default: true. */
      lowerOrderFinal?: boolean;
    }
  | {
      /** Predictor–corrector: Song et al. 2021, https://arxiv.org/abs/2011.13456 */
      sampler: "predictor-corrector";
      /** Discretisation of the SDE between two noise levels. Default: `"reverse-diffusion"`. */
      predictor?: "euler-maruyama" | "reverse-diffusion" | "ancestral";
      /** Number of Langevin steps at each level. An integer from 0 to 20. Default: 1. */
      correctorSteps?: number;
      /** Signal-to-noise ratio of a Langevin step, which determines its size. From 0.01 to 1. Default: 0.15. */
      snr?: number;
    }
  | {
      /** Langevin: Song & Ermon 2019, https://arxiv.org/abs/1907.05600 */
      sampler: "langevin";
      /** Variance of the noise of a step at the least noisy level. From 1e-9 to 1. */
      stepSize: number;
    }
  | {
      /** Annealed Langevin: Song & Ermon 2019, https://arxiv.org/abs/1907.05600 */
      sampler: "annealed-langevin";
      /** Number of Langevin steps at each noise level. An integer from 1 to 100. Default: 5. */
      stepsPerLevel?: number;
      /** Variance of the noise of a step at the least noisy level. From 1e-9 to 1. */
      stepSize: number;
    };
