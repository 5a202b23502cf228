/** The version of the package. */
export const version: string;

/** Options of {@link init}. */
export interface InitOptions {
  /**
   * Where the WebAssembly modules are, for bundlers that do not copy `tweedie_cpu_bg.wasm` and `tweedie_webgpu_bg.wasm`
   * (esbuild). Default: beside the script.
   */
  modules?: { cpu?: ModuleSource; webgpu?: ModuleSource };
  /** Called as the module arrives, about 20 times a second, and when it is complete. */
  onProgress?: (progress: FileProgress) => void;
  /** Milliseconds without any answer (of the server, or of the worker's script) after which loading fails. Default: 30,000. */
  timeout?: number;
}

/** An address, a response, the bytes, or a compiled module; or the promise of one. */
export type ModuleSource = LoadedModule | Promise<LoadedModule>;
type LoadedModule = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/** How far the download of a file is. */
export interface FileProgress {
  /** Name of the file, of a checkpoint's its path inside the checkpoint. */
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; undefined when the server does not say. */
  readonly total: number | undefined;
}

/**
 * Loads the small WebAssembly module, which computes on the CPU. Idempotent: later calls share the first one's result;
 * after a failure, the next call tries again. Calls that need the module load it by themselves.
 *
 * @throws {TweedieError} code `"module"` when it cannot be loaded: the message has the address and the likely cause
 */
export function init(options?: InitOptions): Promise<void>;

/** What this package throws. `instanceof` also holds for errors from Rust and from the worker. */
export class TweedieError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown });
  readonly name: "TweedieError";
  /** The kind of failure, for programs. */
  readonly code: TweedieErrorCode;
  /** Of a `"formula"`: the column, from 1, of the first character that is wrong. */
  readonly column?: number;
}

/** The kinds of failure; more may come. */
export type TweedieErrorCode =
  | "invalid-option" // an option is unknown, or has a value outside its domain
  | "unsupported" // the checkpoint asks for something that is not implemented
  | "missing-file"
  | "malformed-file"
  | "missing-tensor"
  | "unused-tensors"
  | "tensor-shape"
  | "diverged" // training did; the weights are the last good ones
  | "formula" // it cannot be read; `column` says where
  | "envelope" // no multiple of the proposal covers the target
  | "non-finite" // the sample is not finite from the named step on: the scheduler's numbers, the weights or an option are useless
  | "tolerance" // the adaptive solver gave up; the sample stays where it came
  | "device" // it cannot be opened, or was lost
  | "module" // a WebAssembly module of this package could not be loaded
  | "http" // the server refused
  | "gated" // the model's terms on the Hub have to be accepted first
  | "missing-repository" // the Hub has no such model, or it is private
  | "missing-revision" // the model has no such branch, tag or commit
  | "network" // the server could not be reached, fell silent, or the download broke off
  | "cache" // a warning: the browser refused to store a file
  | "out-of-memory"
  | "freed" // used after free()
  | "crashed" // the WebAssembly module stopped
  | "worker" // the worker died or was stopped; init() starts a new one
  | (string & {});

declare global {
  // Has `[Symbol.dispose]` where the program's `lib` includes "esnext.disposable", and nothing elsewhere.
  interface Disposable {}
}
