import { TweedieError } from "./errors.js";
import { parseJson } from "./json.js";

const WEIGHTS = "diffusion_pytorch_model";

/** Maximum number of shards that are read in parallel; each one is held in memory. */
const SHARDS_AT_ONCE = 3;
const SCHEDULERS = ["scheduler/scheduler_config.json", "scheduler_config.json"];

/**
 * Detects the layout of a diffusers checkpoint, and yields the required files, with the weights last.
 *
 * A pipeline folder contains `model_index.json`, `unet/` and `scheduler/`; a flat folder has the same files at its root,
 * with or without the index. As in diffusers, files that are not in their sub-folder are looked up at the root.
 *
 * @param {{ name: string, progress: object, read(path: string): Promise<Uint8Array | undefined>, has(path: string): Promise<boolean>, hint(): string }} source
 * @returns {AsyncGenerator<{ path: string, bytes: Uint8Array }>}
 */
export async function* checkpointFiles(source) {
  const index = await find(source, ["model_index.json"]);
  if (index) yield index;

  const folders = index ? ["unet/", ""] : ["", "unet/"];
  const expected = begun(scheduler(source, Boolean(index)));
  const config = await require(source, folders.map((folder) => `${folder}config.json`));
  const nested = config.path.startsWith("unet/");
  const whole = begun(wholeWeights(source, nested ? "unet/" : "", ""));
  yield config;
  yield nested === Boolean(index) ? await expected : await scheduler(source, nested);
  yield* weights(source, nested ? "unet/" : "", whole);
}

/** A promise that is awaited later and may reject before. */
function begun(promise) {
  promise.catch(() => {});
  return promise;
}

const scheduler = (source, nested) => require(source, nested ? SCHEDULERS : [...SCHEDULERS].reverse());

const wholeWeights = (source, folder, variant) => find(source, [`${folder}${WEIGHTS}${variant}.safetensors`]);

/** @param {Promise} first promise of the weights in one file */
async function* weights(source, folder, first) {
  const stem = `${folder}${WEIGHTS}`;
  for (const variant of ["", ".fp16"]) {
    const whole = await (variant === "" ? first : wholeWeights(source, folder, variant));
    if (whole) return yield whole;

    const index = await find(source, [`${stem}.safetensors.index${variant}.json`, `${stem}${variant}.safetensors.index.json`]);
    if (!index) continue;
    yield index;
    return yield* shards(source, folder, index);
  }
  if (await source.has(`${stem}.bin`)) {
    throw new TweedieError(
      "unsupported",
      `${source.name} only has its weights as ${stem}.bin, a Python pickle, which is not supported because it can run code; convert it to safetensors with diffusers: UNet2DModel.from_pretrained(folder).save_pretrained(folder)`,
    );
  }
  throw missing(source, [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    `${stem}.fp16.safetensors`,
  ]);
}

async function* shards(source, folder, index) {
  const { names, size } = readIndex(index);
  source.progress.announce(size);
  const waiting = [...names];
  const running = [];
  while (waiting.length > 0 || running.length > 0) {
    while (running.length < SHARDS_AT_ONCE && waiting.length > 0)
      running.push(begun(require(source, [`${folder}${waiting.shift()}`])));
    yield await running.shift();
  }
}

/** Unique file names of the shards in the order of the index, and their total bytes. */
function readIndex({ path, bytes }) {
  const index = parseJson(bytes);
  // The module reports what the file is instead.
  if (index === undefined) return { names: [] };
  if (typeof index?.weight_map !== "object" || index.weight_map === null) {
    throw new TweedieError("malformed-file", `${path} cannot be read: it has no object weight_map`);
  }
  const names = Object.values(index.weight_map);
  for (const name of names) {
    if (typeof name !== "string" || !/^[\w-][\w.-]*\.safetensors$/.test(name)) {
      throw new TweedieError(
        "malformed-file",
        `${path} cannot be read: ${JSON.stringify(name)} is not the name of a safetensors file next to it`,
      );
    }
  }
  return { names: new Set(names), size: index.metadata?.total_size };
}

/** The first path that the source has. */
async function find(source, paths) {
  for (const path of paths) {
    const bytes = await source.read(path);
    if (bytes !== undefined) return { path, bytes };
  }
  return undefined;
}

async function require(source, paths) {
  const file = await find(source, paths);
  if (!file) throw missing(source, paths);
  return file;
}

function missing(source, paths) {
  return new TweedieError("missing-file", `${source.name} has no ${paths.join(" or ")}${source.hint()}`);
}
