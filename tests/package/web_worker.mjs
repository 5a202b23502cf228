// A Web Worker for Node.js with the features that Comlink and this package need. Files replace the responses of a server.
import { Worker as Thread } from "node:worker_threads";

const started = new Set();

/** Runs before the worker script: makes the thread's port look like a worker's global scope. */
const SCOPE = `
  import { readFile } from "node:fs/promises";
  import { parentPort, workerData } from "node:worker_threads";
  const { fetch } = globalThis;
  globalThis.fetch = async (url, init) => (String(url).startsWith("file:") ? new Response(await readFile(new URL(url))) : fetch(url, init));
  globalThis.self = globalThis;
  globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
  globalThis.addEventListener = (type, listener) => parentPort.addEventListener(type, listener);
  globalThis.removeEventListener = (type, listener) => parentPort.removeEventListener(type, listener);
  parentPort.ref();
  await import(workerData);
`;

export class WebWorker extends EventTarget {
  #thread;

  constructor(url) {
    super();
    started.add(this);
    this.#thread = new Thread(new URL(`data:text/javascript,${encodeURIComponent(SCOPE)}`), {
      workerData: String(url),
    });
    this.#thread.on("message", (data) => this.dispatchEvent(new MessageEvent("message", { data })));
    this.#thread.on("error", (error) =>
      this.dispatchEvent(Object.assign(new Event("error"), { message: error.message })),
    );
  }

  /** How many workers run. */
  static get count() {
    return started.size;
  }

  static async terminateAll() {
    await Promise.all([...started].map((worker) => worker.terminate()));
  }

  postMessage(message, transfer) {
    this.#thread.postMessage(message, transfer);
  }

  terminate() {
    started.delete(this);
    return this.#thread.terminate();
  }
}
