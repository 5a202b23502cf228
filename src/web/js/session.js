import { releaseProxy, wrap } from "comlink";
import { CRASHED, freedError, TweedieError } from "./errors.js";
import { Silence, within } from "./http.js";

/** A running worker. If it dies, pending calls reject instead of waiting for ever. */
export class Session {
  #worker;
  #waiting = new Set();
  #failure;
  #onEnd;
  #terminate;

  /**
   * @param {{ worker: Worker, explain: () => Promise<string> }} opened `explain` returns why the script did not load
   * @param {() => void} onEnd called once when the worker has died
   */
  constructor({ worker, explain }, onEnd) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    worker.addEventListener("error", async ({ message }) => this.fail(message || `its script could not be loaded${await explain()}`));
    worker.addEventListener("messageerror", () => this.fail("a message could not be read"));
    // There is no event for a worker that its owner has terminated.
    this.#terminate = worker.terminate.bind(worker);
    worker.terminate = () => this.end("was terminated");
    this.service = wrap(worker);
  }

  /** Waits until the worker script responds, and checks that it belongs to this package. */
  async greet(version, timeout) {
    let answer;
    try {
      answer = await within(timeout, this.answer(() => this.service.version()));
    } catch (error) {
      if (error?.name === "TweedieError") throw error;
      const why = error instanceof Silence ? ` has not responded for ${timeout} ms: it` : "";
      this.fail(`its script${why} is not the worker-script.js of this package, or has not been downloaded yet (init takes a longer timeout)`);
    }
    if (answer !== version) this.fail(`its script has version ${answer}, but the page has version ${version}`);
    if (this.#failure) throw this.#failure;
  }

  /** The result of `ask`, or an error as soon as the worker has died. */
  answer(ask) {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.add(reject);
      ask()
        .then(resolve, (error) => {
          if (error?.code === CRASHED) this.fail(error.message);
          reject(this.#failure ?? sendable(error));
        })
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Stops the worker after a failure. */
  fail(reason) {
    this.end(`has failed: ${reason}`);
  }

  /** Stops the worker. */
  end(what) {
    if (this.#failure) return;
    this.#failure = new TweedieError("worker", `the worker ${what.replace(/\.$/, "")}; its state is lost, and init() starts a new one`);
    this.#terminate();
    for (const reject of this.#waiting) reject(this.#failure);
    this.#onEnd();
  }
}

/** A reference to an object in the worker. */
export class Handle {
  #session;
  #name;
  #remote;
  #calls = 0;
  #freed = false;

  /**
   * @param {Session} session
   * @param {string} name name of the object in messages
   * @param {Promise<object>} remote promise of the Comlink proxy; a failure is reported at the first call
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

  /** Calls a method of the object. */
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

  /** Frees the object after all pending calls. */
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

/** The error for an argument that `postMessage` cannot send. */
function sendable(error) {
  if (error?.name !== "DataCloneError") return error;
  return new TweedieError("invalid-option", `an argument cannot be sent to the worker: ${error.message}`, { cause: error });
}
