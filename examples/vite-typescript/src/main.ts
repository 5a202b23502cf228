import { openDevice, Pipeline } from "tweedie/worker";

const form = element("form", HTMLFormElement);
const model = element("input", HTMLInputElement);
const progress = element("progress", HTMLProgressElement);
const status = element("[role=status]", HTMLParagraphElement);
const canvas = element("canvas", HTMLCanvasElement);
let running = new AbortController();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  running.abort();
  running = new AbortController();
  try {
    await sample(model.value, running.signal);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    status.textContent = error.name === "AbortError" ? "Cancelled." : error.message;
  }
});
element("#cancel", HTMLButtonElement).addEventListener("click", () => running.abort());

async function sample(source: string, signal: AbortSignal): Promise<void> {
  const device = await openDevice();
  status.textContent = `Loading ${source} for ${device.description}…`;
  const pipeline = await Pipeline.fromPretrained(source, {
    device,
    signal,
    onProgress: ({ overall: { loaded, total } }) => show(loaded, total),
  });
  const sampling = pipeline.sample({ sampler: "ddim", steps: 20, batch: 4, seed: Date.now() % 2 ** 32, signal });
  try {
    for await (const { step, steps } of sampling) {
      show(step, steps);
      status.textContent = `Step ${step} of ${steps}`;
      await sampling.draw(canvas, { which: step === steps ? "noisy" : "clean" });
    }
    status.textContent = "Done.";
  } finally {
    sampling.free();
    pipeline.free();
  }
}

function show(done: number, all: number | undefined): void {
  if (all === undefined) progress.removeAttribute("value");
  else progress.value = done / all;
}

function element<E extends HTMLElement>(selector: string, kind: new () => E): E {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}
