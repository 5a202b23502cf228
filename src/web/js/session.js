import { releaseProxy, wrap } from "comlink";
import { CRASHED, freedError, TweedieError } from "./errors.js";
import { Silence, within } from "./http.js";

/** A worker while it lives. When it dies, whoever waits for an answer gets an error instead of waiting for ever. */
export class Session {
  #worker;
  #waiting = new Set();
  #failure;
  #onEnd;
  #terminate;

  /**
   * @param {{ worker: Worker, explain: () => Promise<string> }} opened `explain` says why the script did not load
   * @param {() => void} onEnd called once, when the worker has died
   */
  constructor({ worker, explain }, onEnd) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    worker.addEventListener("error", async ({ message }) => this.fail(message || `its script could not be loaded${await explain()}`));
    worker.addEventListener("messageerror", () => this.fail("a message could not be read"));
    // No event tells that the owner of a worker has ended it.
    this.#terminate = worker.terminate.bind(worker);
    worker.terminate = () => this.end("was terminated");
    this.service = wrap(worker);
  }

  /** Waits until the worker's script answers, and is of this package. */
  async greet(version, timeout) {
    let answer;
    try {
      answer = await within(timeout, this.answer(() => this.service.version()));
    } catch (error) {
      if (error?.name === "TweedieError") throw error;
      const why = error instanceof Silence ? ` has not answered for ${timeout} ms: it` : "";
      this.fail(`its script${why} is not the worker-script.js of this package, or has not been downloaded yet (init takes a longer timeout)`);
    }
    if (answer !== version) this.fail(`its script is of version ${answer}, and the page's of version ${version}`);
    if (this.#failure) throw this.#failure;
  }

  /** The answer that `ask` waits for, or an error as soon as the worker has died. */
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

  /** The worker has failed, and is stopped for good. */
  fail(reason) {
    this.end(`has failed: ${reason}`);
  }

  /** Stops the worker for good. */
  end(what) {
    if (this.#failure) return;
    this.#failure = new TweedieError("worker", `the worker ${what.replace(/\.$/, "")}; everything it held is lost, and init() starts a new one`);
    this.#terminate();
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

/** An argument that `postMessage` refuses is the caller's. */
function sendable(error) {
  if (error?.name !== "DataCloneError") return error;
  return new TweedieError("invalid-option", `an argument cannot be sent to the worker: ${error.message}`, { cause: error });
}
