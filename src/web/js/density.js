import { freedError, invalidOption } from "./errors.js";
import { checkSignal } from "./options.js";
import { checkArray, doubles, plainOptions } from "./plain.js";

/**
 * Creates the class `Density` for one of the entries.
 *
 * @param {(description: object) => Promise<{ call(method: string, ...values: unknown[]): Promise<any>, free(): void }>} open
 *   creates the density of a description
 */
export function densityOver(open) {
  class Density {
    #describe;
    #opened;
    #isFreed = false;

    /** Errors in the description are reported at the first `await`. */
    constructor(kind, parameters) {
      try {
        const description = { kind, ...parameters() };
        this.#describe = () => description;
      } catch (error) {
        this.#describe = () => {
          throw error;
        };
      }
    }

    static uniform(low, high) {
      return new Density("uniform", () => plainOptions({ low, high }));
    }

    static normal(mean, sd) {
      return new Density("normal", () => plainOptions({ mean, sd }));
    }

    static exponential(rate) {
      return new Density("exponential", () => plainOptions({ rate }));
    }

    static laplace(location, scale) {
      return new Density("laplace", () => plainOptions({ location, scale }));
    }

    static triangular(low, mode, high) {
      return new Density("triangular", () => plainOptions({ low, mode, high }));
    }

    static cauchy(location, scale) {
      return new Density("cauchy", () => plainOptions({ location, scale }));
    }

    static power(exponent, high) {
      return new Density("power", () => plainOptions({ exponent, high }));
    }

    static mixture(components) {
      return new Density("mixture", () => plainOptions({ components }));
    }

    static piecewiseLinear(knots, heights) {
      return new Density("piecewise-linear", () => ({ knots: doubles("knots", knots), heights: doubles("heights", heights) }));
    }

    static formula(source, low, high) {
      return new Density("formula", () => plainOptions({ source, low, high }));
    }

    static discrete(values, weights) {
      return new Density("discrete", () => ({ values: doubles("values", values), weights: doubles("weights", weights) }));
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

    async sample(options) {
      const { signal, into, ...settings } = plainOptions(options, ["signal", "into"]);
      checkSignal(signal);
      checkInto(into, settings.count);
      const run = into === undefined ? settings : { ...settings, count: into.length };
      return abortable(signal, (forwarded) => this.#call("sample", run, into, forwarded));
    }

    async inverseTransform(options) {
      return this.#call("inverseTransform", plainOptions(options));
    }

    async rejection(options) {
      const { signal, ...settings } = plainOptions(options, ["signal"]);
      checkSignal(signal);
      return abortable(signal, (forwarded) => this.#call("rejection", settings, forwarded));
    }

    async envelope(options) {
      const { xs, ...settings } = plainOptions(options, ["xs"]);
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
      this.#opened ??= open(this.#describe());
      const opening = this.#opened;
      try {
        return await (await opening).call(method, ...values);
      } catch (error) {
        // A failed creation is retried by the next call.
        await opening.catch(() => this.#opened === opening && (this.#opened = undefined));
        throw error;
      }
    }
  }

  if (Symbol.dispose) Density.prototype[Symbol.dispose] = Density.prototype.free;
  return Density;
}

function checkInto(into, count) {
  if (into === undefined) return;
  checkArray("into", into, Float64Array);
  if (count !== undefined)
    throw invalidOption("count", "omitted, because `into` sets the number of samples", count);
}

/** Runs `body` with a temporary signal, so that no channel to a worker remains open afterwards. */
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
