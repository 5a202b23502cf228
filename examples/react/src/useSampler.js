import { useCallback, useEffect, useRef, useState } from "react";
import { openDevice, Pipeline } from "tweedie/worker";

/**
 * Samples from a model onto a canvas.
 * @param {import("react").RefObject<HTMLCanvasElement | null>} canvas
 */
export function useSampler(canvas) {
  const [state, setState] = useState({ status: "", done: 0, isRunning: false });
  const running = useRef(new AbortController());

  const cancel = useCallback(() => running.current.abort(), []);
  useEffect(() => cancel, [cancel]);

  const start = useCallback(
    async (model, options) => {
      running.current.abort();
      const { signal } = (running.current = new AbortController());
      const show = (change) => signal.aborted || setState((before) => ({ ...before, ...change }));
      show({ status: `Loading ${model}…`, done: 0, isRunning: true });
      try {
        await sample(model, options, canvas, signal, show);
        show({ status: "Done.", isRunning: false });
      } catch (error) {
        if (running.current.signal === signal) setState({ status: signal.aborted ? "Cancelled." : error.message, done: 0, isRunning: false });
      }
    },
    [canvas],
  );

  return { ...state, start, cancel };
}

async function sample(model, options, canvas, signal, show) {
  const onProgress = ({ overall: { loaded, total } }) => total && show({ done: loaded / total });
  const pipeline = await Pipeline.fromPretrained(model, { device: await openDevice(), signal, onProgress });
  const sampling = pipeline.sample({ ...options, signal });
  try {
    for await (const { step, steps } of sampling) {
      show({ done: step / steps, status: `Step ${step} of ${steps}` });
      if (canvas.current) await sampling.draw(canvas.current, { which: step === steps ? "noisy" : "clean" });
    }
  } finally {
    sampling.free();
    pipeline.free();
  }
}
