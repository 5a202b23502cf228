// A network of the digits' shape and classes, made from the fixture tiny_pipeline, which has random weights.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FIXTURES } from "./host.mjs";

const FOLDER = join(FIXTURES, "tiny_pipeline/unet");
const WEIGHTS = "diffusion_pytorch_model.safetensors";
/** Ten digits and the null class. */
const CLASSES = 11;
/** Length of the time embedding, four times the first of the channels. */
const EMBEDDING = 16;

/** The files of its folder unet, by name. */
export async function tinyDigits() {
  const config = JSON.parse(await readFile(join(FOLDER, "config.json"), "utf8"));
  const small = { ...config, sample_size: 28, in_channels: 1, out_channels: 1, num_class_embeds: CLASSES };
  return { "config.json": JSON.stringify(small), [WEIGHTS]: digitsWeights(await readFile(join(FOLDER, WEIGHTS))) };
}

/** The weights with one channel of images in place of three, and with an embedding of classes. */
function digitsWeights(bytes) {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.subarray(8, start));
  const header = { __metadata__: metadata };
  const parts = [];
  let size = 0;
  const add = (name, shape, data) => {
    header[name] = { dtype: "F32", shape, data_offsets: [size, (size += data.length)] };
    parts.push(data);
  };
  for (const [name, { shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
    const data = bytes.subarray(start + from, start + to);
    if (name === "conv_in.weight") add(name, [shape[0], 1, 3, 3], firstOfEach(data, shape[0], 4 * 9));
    else if (name.startsWith("conv_out.")) add(name, [1, ...shape.slice(1)], data.subarray(0, data.length / shape[0]));
    else add(name, shape, data);
  }
  const classes = Float32Array.from({ length: CLASSES * EMBEDDING }, (_, index) => Math.sin(index));
  add("class_embedding.weight", [CLASSES, EMBEDDING], Buffer.from(classes.buffer));
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}

/** The first `size` bytes of each of `count` equal parts. */
function firstOfEach(data, count, size) {
  const parts = Array.from({ length: count }, (_, index) => (index * data.length) / count);
  return Buffer.concat(parts.map((from) => data.subarray(from, from + size)));
}
