import { releaseProxy, wrap } from "comlink";
import { CRASHED, freedError, TweedieError } from "./errors.js";

/** A worker while it lives. When it dies, whoever waits for an answer gets an error instead of waiting for ever. */
export class Session {
  #worker;
  #waiting = new Set();
  #failure;
  #onEnd;

  /**
   * @param {Worker} worker
   * @param {() => void} onEnd called once, when the worker has died
   */
  constructor(worker, onEnd) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    worker.addEventListener("error", (event) => this.end(event.message || "its script could not be loaded"));
    worker.addEventListener("messageerror", () => this.end("a message could not be read"));
    this.service = wrap(worker);
  }

  /** The answer that `ask` waits for, or an error as soon as the worker has died. */
  answer(ask) {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.add(reject);
      ask()
        .then(resolve, (error) => {
          if (error?.code === CRASHED) this.end(error.message);
          reject(this.#failure ?? error);
        })
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Stops the worker for good. */
  end(reason) {
    if (this.#failure) return;
    this.#failure = new TweedieError(
      "worker",
      `the worker has failed: ${reason}; what it held is lost, init() starts a new one`,
    );
    this.#worker.terminate();
    for (const reject of this.#waiting) reject(this.#failure);
    this.#onEnd();
  }
}

/** An object that lives in the worker: its calls, and its end. */
export class Handle {
  #session;
  #name;
  #remote;
  #calls = 0;
  #freed = false;

  /**
   * @param {Session} session
   * @param {string} name what the object is, for messages
   * @param {Promise<object>} remote the Comlink proxy, on its way; a failure surfaces at the first call
   */
  constructor(session, name, remote) {
    this.#session = session;
    this.#name = name;
    this.#remote = remote;
    remote.catch(() => {});
  }

  get session() {
    return this.#session;
  }

  /** Calls a method there. */
  async call(method, ...values) {
    if (this.#freed) throw freedError(this.#name);
    this.#calls += 1;
    try {
      const remote = await this.#remote;
      return await this.#session.answer(() => remote[method](...values));
    } finally {
      this.#calls -= 1;
      this.#releaseWhenIdle();
    }
  }

  /** Frees the object there, after the calls that still run. */
  free() {
    if (this.#freed) return;
    this.#freed = true;
    this.#releaseWhenIdle();
  }

  #releaseWhenIdle() {
    if (!this.#freed || this.#calls > 0) return;
    this.#remote?.then(
      (remote) => remote[releaseProxy](),
      () => {},
    );
    this.#remote = undefined;
  }
}
