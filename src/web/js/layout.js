import { TweedieError } from "./errors.js";

const WEIGHTS = "diffusion_pytorch_model";

/**
 * Finds out which of diffusers' layouts a checkpoint has, and yields the files that are needed, the weights last.
 *
 * A pipeline folder holds `model_index.json`, `unet/` and `scheduler/`; a flat one has the same files side by side,
 * with or without the index: like diffusers, what is not in its sub-folder is looked for at the root.
 *
 * @param {{ name: string, read(path: string): Promise<Uint8Array | undefined>, has(path: string): Promise<boolean>, hint(): string }} source
 * @returns {AsyncGenerator<{ path: string, bytes: Uint8Array }>}
 */
export async function* checkpointFiles(source) {
  const index = await find(source, ["model_index.json"]);
  if (index) yield index;

  const folders = index ? ["unet/", ""] : ["", "unet/"];
  const config = await require(source, folders.map((folder) => `${folder}config.json`));
  yield config;

  const schedulers = ["scheduler/scheduler_config.json", "scheduler_config.json"];
  const nested = config.path.startsWith("unet/");
  yield await require(source, nested ? schedulers : schedulers.reverse());

  yield* weights(source, nested ? "unet/" : "");
}

async function* weights(source, folder) {
  const stem = `${folder}${WEIGHTS}`;
  for (const variant of ["", ".fp16"]) {
    const whole = await find(source, [`${stem}${variant}.safetensors`]);
    if (whole) return yield whole;

    const index = await find(source, [`${stem}.safetensors.index${variant}.json`, `${stem}${variant}.safetensors.index.json`]);
    if (!index) continue;
    yield index;
    for (const shard of shardNames(index)) yield await require(source, [`${folder}${shard}`]);
    return;
  }
  if (await source.has(`${stem}.bin`)) {
    throw new TweedieError(
      "unsupported",
      `${source.name} has its weights only as ${stem}.bin, a Python pickle, which can run code and is not read here; convert them to safetensors`,
    );
  }
  throw missing(source, [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    `${stem}.fp16.safetensors`,
  ]);
}

/** File names of the shards, each once, in the order of the index. */
function shardNames({ path, bytes }) {
  let names;
  try {
    names = Object.values(JSON.parse(new TextDecoder().decode(bytes)).weight_map);
  } catch (cause) {
    throw new TweedieError("malformed-file", `${path} cannot be read: it is not JSON with a weight_map`, {
      cause,
    });
  }
  for (const name of names) {
    if (typeof name !== "string" || !/^[\w-][\w.-]*\.safetensors$/.test(name)) {
      throw new TweedieError(
        "malformed-file",
        `${path} cannot be read: ${JSON.stringify(name)} is not the name of a safetensors file beside it`,
      );
    }
  }
  return new Set(names);
}

/** The first of the paths that the source has. */
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
