/** The version of the package. */
export const version: string;

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Locations of the WebAssembly modules, for bundlers that do not copy `tweedie_cpu_bg.wasm` and `tweedie_webgpu_bg.wasm`
   * (esbuild). Default: next to the script.
   */
  modules?: { cpu?: ModuleSource; webgpu?: ModuleSource };
  /** Called while the module downloads, about 20 times per second, and when it is complete. */
  onProgress?: (progress: FileProgress) => void;
  /** Milliseconds without a response from the server or the worker script after which loading fails. Default: 30,000. */
  timeout?: number;
}

/** An address, a response, bytes or a compiled module, or a promise of one. */
export type ModuleSource = LoadedModule | Promise<LoadedModule>;
type LoadedModule = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/** Progress of a file download. */
export interface FileProgress {
  /** Name of the file, or its path inside the checkpoint. */
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Total bytes; undefined if the server does not report them. */
  readonly total: number | undefined;
}

/**
 * Loads the small WebAssembly module, which computes on the CPU. Idempotent: later calls share the result of the first.
 * After a failure the next call tries again. Calling it is optional: functions that need the module load it themselves.
 *
 * @throws {TweedieError} code `"module"` if it cannot be loaded; the message contains the address and the likely cause
 */
export function init(options?: InitOptions): Promise<void>;

/** The error type of this package. `instanceof` also works for errors from Rust and from the worker. */
export class TweedieError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown }, subject?: { option?: string; expected?: string; value?: string });
  readonly name: "TweedieError";
  /** Machine-readable kind of the error. */
  readonly code: TweedieErrorCode;
  /** For codes `"invalid-option"` and `"unsupported"`: the name of the option, or of the value in the checkpoint's configuration. */
  readonly option?: string;
  /** The allowed values, as in the message. */
  readonly expected?: string;
  /** The given value as text, shortened. */
  readonly value?: string;
  /** For code `"formula"`: the column, from 1, of the first invalid character. */
  readonly column?: number;
}

/** Error codes. Future versions may add more. */
export type TweedieErrorCode =
  | "invalid-option" // an option is unknown, or has a value outside its domain
  | "unsupported" // the checkpoint needs a feature that is not implemented
  | "missing-file"
  | "malformed-file"
  | "missing-tensor"
  | "unused-tensors"
  | "tensor-shape"
  | "diverged" // training diverged; the last good weights are kept
  | "no-capability" // the model cannot compute this: a GAN has no log-density
  | "formula" // the formula has a syntax error at `column`
  | "envelope" // no multiple of the proposal covers the target
  | "not-ready" // a result was requested before the run has reached it
  | "non-finite" // the sample is not finite from the named step on, because of the scheduler's values, the weights or an option
  | "tolerance" // the adaptive solver reached `maxEvaluations`; the sample is left at the last accepted step
  | "device" // the device cannot be opened or was lost
  | "module" // a WebAssembly module of this package could not be loaded
  | "http" // the server returned an error
  | "gated" // the model's terms must be accepted on the Hub first
  | "missing-repository" // the Hub has no such model, or it is private
  | "missing-revision" // the model has no such branch, tag or commit
  | "network" // the server could not be reached or stopped responding, or the download was interrupted
  | "cache" // a warning: the browser refused to store a file
  | "out-of-memory"
  | "freed" // used after free()
  | "crashed" // the WebAssembly module stopped
  | "worker" // the worker died or was stopped; init() starts a new one
  | (string & {});

declare global {
  // Has `[Symbol.dispose]` if the program's `lib` includes "esnext.disposable"; otherwise it is empty.
  interface Disposable {}
}
