/** Encodes an animation as a GIF, in a worker, so that the page keeps responding. */

/** The palette is chosen from this many frames. */
const SAMPLED = 8;
/** It is its own entry of the bundle. */
const WORKER = new URL("scripts/gif-worker.js", document.baseURI);

/**
 * @param {import("./film.js").Film} film
 * @param {{ signal: AbortSignal, onProgress: (share: number) => void }} control
 * @returns {Promise<Blob>}
 */
export async function encodeGif(film, { signal, onProgress }) {
  const worker = new Worker(WORKER, { type: "module" });
  try {
    await pause(signal);
    const { width, height, frames } = film;
    const count = Math.min(SAMPLED, frames);
    const sampled = new Uint8ClampedArray(4 * width * height * count);
    for (let index = 0; index < count; index++) {
      sampled.set(film.pixels(Math.round((index * (frames - 1)) / Math.max(1, count - 1))), 4 * width * height * index);
      await pause(signal);
    }
    await ask(worker, { task: "begin", pixels: sampled }, signal);
    for (let index = 0; index < frames; index++) {
      await ask(worker, { task: "frame", pixels: film.pixels(index), width, height, delay: film.delay(index) }, signal);
      onProgress((index + 1) / frames);
    }
    return new Blob([await ask(worker, { task: "end" }, signal)], { type: "image/gif" });
  } finally {
    worker.terminate();
  }
}

/** Sends a message and waits for the reply. */
function ask(worker, message, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    worker.onmessage = ({ data }) => {
      signal.removeEventListener("abort", stop);
      resolve(data);
    };
    worker.onerror = (event) => reject(new Error(event.message ?? "The worker that encodes the animation did not start."));
    if (signal.aborted) return stop();
    worker.postMessage(message, message.pixels === undefined ? [] : [message.pixels.buffer]);
  });
}

/** Lets the page handle other events. */
async function pause(signal) {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
