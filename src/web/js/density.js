import { freedError, invalidOption } from "./errors.js";
import { checkSignal } from "./options.js";

/**
 * The class `Density`, over whatever computes.
 *
 * @param {(description: object) => Promise<{ call(method: string, ...values: unknown[]): Promise<any>, free(): void }>} open
 *   makes the density that a description names
 */
export function densityOver(open) {
  class Density {
    #description;
    #opened;
    #isFreed = false;

    constructor(description) {
      this.#description = description;
    }

    static uniform(low, high) {
      return new Density({ kind: "uniform", low, high });
    }

    static normal(mean, sd) {
      return new Density({ kind: "normal", mean, sd });
    }

    static exponential(rate) {
      return new Density({ kind: "exponential", rate });
    }

    static laplace(location, scale) {
      return new Density({ kind: "laplace", location, scale });
    }

    static triangular(low, mode, high) {
      return new Density({ kind: "triangular", low, mode, high });
    }

    static cauchy(location, scale) {
      return new Density({ kind: "cauchy", location, scale });
    }

    static power(exponent, high) {
      return new Density({ kind: "power", exponent, high });
    }

    static mixture(components) {
      return new Density({ kind: "mixture", components: copyEach(components) });
    }

    static piecewiseLinear(knots, heights) {
      return new Density({ kind: "piecewise-linear", knots: copy(knots), heights: copy(heights) });
    }

    static formula(source, low, high) {
      return new Density({ kind: "formula", source, low, high });
    }

    static discrete(values, weights) {
      return new Density({ kind: "discrete", values: copy(values), weights: copy(weights) });
    }

    async summary() {
      return this.#call("summary");
    }

    async density(xs) {
      return this.#call("density", doubles("xs", xs));
    }

    async cdf(xs) {
      return this.#call("cdf", doubles("xs", xs));
    }

    async inverseCdf(us) {
      return this.#call("inverseCdf", doubles("us", us));
    }

    async sample(options = {}) {
      const { signal, into, ...settings } = options;
      checkSignal(signal);
      checkInto(into, settings.count);
      const run = into === undefined ? settings : { ...settings, count: into.length };
      return abortable(signal, (forwarded) => this.#call("sample", run, into, forwarded));
    }

    async inverseTransform(options = {}) {
      return this.#call("inverseTransform", options);
    }

    async rejection(options = {}) {
      return this.#call("rejection", options);
    }

    async envelope(options = {}) {
      const { xs, ...settings } = options;
      return this.#call("envelope", xs === undefined ? settings : { ...settings, xs: doubles("xs", xs) });
    }

    async test(samples) {
      return this.#call("test", doubles("samples", samples));
    }

    free() {
      this.#isFreed = true;
      this.#opened?.then(
        (opened) => opened.free(),
        () => {},
      );
      this.#opened = undefined;
    }

    async #call(method, ...values) {
      if (this.#isFreed) throw freedError("density");
      this.#opened ??= open(this.#description);
      const opening = this.#opened;
      try {
        return await (await opening).call(method, ...values);
      } catch (error) {
        // What failed to open may open the next time.
        await opening.catch(() => this.#opened === opening && (this.#opened = undefined));
        throw error;
      }
    }
  }

  if (Symbol.dispose) Density.prototype[Symbol.dispose] = Density.prototype.free;
  return Density;
}

function checkInto(into, count) {
  if (into !== undefined && !(into instanceof Float64Array)) throw invalidOption("into", "a Float64Array", into);
  if (into !== undefined && count !== undefined)
    throw invalidOption("count", "left out, since `into` says how many samples there will be", count);
}

const isList = (value) => typeof value === "object" && Number.isInteger(value?.length);

/** A copy in double precision; what is no list is refused when the density is made. */
const copy = (list) => (isList(list) ? Float64Array.from(list) : list);

const copyEach = (list) => (Array.isArray(list) ? list.map((each) => structuredClone(each)) : list);

/** A copy in double precision. */
function doubles(name, list) {
  if (isList(list)) return Float64Array.from(list);
  throw invalidOption(name, "a list of numbers", list);
}

/** Runs `body` with a signal that ends with it, so that nothing is left open where signals cross to a worker. */
async function abortable(signal, body) {
  if (signal === undefined) return body();
  signal.throwIfAborted();
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  try {
    return await body(controller.signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", forward);
    controller.abort();
  }
}
