/** Records an animation as a WebM video, in real time, where the browser can. */

const TYPES = ["video/webm;codecs=vp9", "video/webm"];
const BITS_PER_SECOND = 4_000_000;

/** The type that this browser records, or undefined. */
const typeOf = () => TYPES.find((type) => globalThis.MediaRecorder?.isTypeSupported(type));

export const canRecord = () => "captureStream" in HTMLCanvasElement.prototype && typeOf() !== undefined;

/**
 * @param {import("./film.js").Film} film
 * @param {{ signal: AbortSignal, onProgress: (share: number) => void }} control
 * @returns {Promise<Blob>}
 */
export async function recordWebm(film, { signal, onProgress }) {
  film.draw(0);
  const stream = film.canvas.captureStream();
  const recorder = new MediaRecorder(stream, { mimeType: typeOf(), videoBitsPerSecond: BITS_PER_SECOND });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise((resolve, reject) => {
    recorder.addEventListener("stop", resolve);
    recorder.addEventListener("error", ({ error }) => reject(error ?? new Error("The video could not be recorded.")));
  });
  recorder.start();
  try {
    for (let index = 0; index < film.frames; index++) {
      film.draw(index);
      onProgress((index + 1) / film.frames);
      await wait(film.delay(index), signal);
    }
    // A frame that does not change is not recorded: the last one is drawn again at its end.
    film.draw(film.frames - 1);
    await wait(100, signal);
  } finally {
    recorder.stop();
    for (const track of stream.getTracks()) track.stop();
  }
  await ended;
  return new Blob(parts, { type: "video/webm" });
}

function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
    function done() {
      signal.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal.aborted) stop();
  });
}
