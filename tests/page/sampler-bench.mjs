// What samplers cost beside the network: the part of the benchmark that knows each of them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MODEL } from "./host.mjs";

const BATCH = 16;

/** Measures every sampler on the page, and reports the dearest in each respect. */
export async function costOfSamplers(page, report) {
  const scheduler = await readFile(join(MODEL, "scheduler/scheduler_config.json"));
  const sources = [1, 2].map((layers) => ({ ...almostEmptyNetwork(28, layers), "scheduler_config.json": scheduler }));
  const encoded = sources.map((source) => Object.fromEntries(Object.entries(source).map(([path, bytes]) => [path, bytes.toString("base64")])));
  const { network, samplers } = await page.evaluate(timeSamplers, { encoded, batch: BATCH });
  const list = (measure) => samplers.map((sampler) => `${sampler.name} ${measure(sampler)}`).join(", ");
  const dearest = (measure) => samplers.reduce((dear, sampler) => (measure(sampler) > measure(dear) ? sampler : dear));

  const share = ({ step }) => step / network;
  const slow = dearest(share);
  report(`CPU, a step of ${BATCH} digits without the network, dearest: ${slow.name}`, `${slow.step.toFixed(2)} ms`, `of ${network.toFixed(0)} ms with it`);
  report("CPU, that part of it", `${(100 * share(slow)).toFixed(2)} %`, `target: under 2; all: ${list((sampler) => (100 * share(sampler)).toFixed(2))}`);
  const planned = dearest(({ plan }) => plan);
  report(`Coefficients of 1000 steps, dearest: ${planned.name}`, `${planned.plan.toFixed(2)} ms`, `target: under 5; all: ${list(({ plan }) => plan.toFixed(2))}`);
}

/** A checkpoint whose network has two channels and no weight, for images of `size` pixels per side; it has `2·layers + 1` residual blocks. */
function almostEmptyNetwork(size, layers) {
  const width = 2;
  const config = {
    _class_name: "UNet2DModel", sample_size: size, in_channels: 1, out_channels: 1, layers_per_block: layers, block_out_channels: [width], norm_num_groups: 1,
    down_block_types: ["DownBlock2D"], mid_block_type: null, up_block_types: ["UpBlock2D"],
  };
  const time = 4 * width;
  const shapes = {
    "time_embedding.linear_1": [time, width], "time_embedding.linear_2": [time, time], conv_in: [width, 1, 3, 3], conv_norm_out: [width], conv_out: [1, width, 3, 3],
  };
  const resnet = (path, channels) => {
    Object.assign(shapes, {
      [`${path}.norm1`]: [channels], [`${path}.conv1`]: [width, channels, 3, 3], [`${path}.time_emb_proj`]: [width, time],
      [`${path}.norm2`]: [width], [`${path}.conv2`]: [width, width, 3, 3],
    });
    if (channels !== width) shapes[`${path}.conv_shortcut`] = [width, channels, 1, 1];
  };
  for (let layer = 0; layer < layers; layer++) resnet(`down_blocks.0.resnets.${layer}`, width);
  for (let layer = 0; layer <= layers; layer++) resnet(`up_blocks.0.resnets.${layer}`, 2 * width);

  const header = {};
  let bytes = 0;
  for (const [path, shape] of Object.entries(shapes)) {
    for (const [name, of] of [["weight", shape], ["bias", [shape[0]]]]) {
      const end = bytes + 4 * of.reduce((product, length) => product * length, 1);
      header[`${path}.${name}`] = { dtype: "F32", shape: of, data_offsets: [bytes, end] };
      bytes = end;
    }
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return { "config.json": Buffer.from(JSON.stringify(config)), "diffusion_pytorch_model.safetensors": Buffer.concat([length, text, Buffer.alloc(bytes)]) };
}

/**
 * Runs in the page: milliseconds of a step with the shipped network, and of each sampler's plan and steps without the blocks of a network. These follow
 * from two networks of almost nothing that differ by two blocks; what is left of the network, its first and last layers, counts as the sampler's.
 */
async function timeSamplers({ encoded, batch }) {
  const REPEATS = 7;
  const { init, openDevice, Pipeline, samplers } = await import("/tweedie/index.js");
  const bindings = await import("/tweedie/tweedie_wasm.js");
  await init();
  const device = await openDevice("cpu");
  // The bindings themselves: no turn of the event loop between two steps.
  const [empty, larger] = encoded.map((source) => {
    const files = new bindings.CheckpointFiles();
    for (const [path, base64] of Object.entries(source)) files.add(path, Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    return new bindings.WasmPipeline(files, device);
  });
  // Whatever else runs on the machine only adds.
  const least = (times) => Math.min(...times);
  const timed = (body) => {
    const began = performance.now();
    body();
    return performance.now() - began;
  };
  const repeated = (body) => least(Array.from({ length: REPEATS }, () => timed(body)));

  const shipped = await Pipeline.fromPretrained("/models/mnist", { device });
  const sampling = shipped.sample({ sampler: "ddim", steps: 8, batch, classLabels: 3 });
  const withNetwork = [];
  let before = performance.now();
  for await (const _ of sampling) {
    withNetwork.push(performance.now() - before);
    before = performance.now();
  }
  /** A sampler's run, to be taken some steps at a time. */
  const started = (pipeline, options) => {
    const run = pipeline.sample({ ...options, batch });
    return async (count) => {
      const began = performance.now();
      for (let step = 0; step < count; step++) {
        run.step();
        await run.settled();
      }
      return (performance.now() - began) / count;
    };
  };
  const [ones, twos] = [[], []];
  const ddim = [empty, larger].map((pipeline) => started(pipeline, { sampler: "ddim", steps: 1000 }));
  for (let turn = 0; turn < 3 * REPEATS; turn++) {
    const [one, two] = [await ddim[0](20), await ddim[1](20)];
    ones.push(one);
    twos.push(two);
  }
  const blocks = 1.5 * (least(twos) - least(ones));

  const initialNoise = Float32Array.from({ length: 28 * 28 }, (_, index) => Math.sin(index));
  const measured = [];
  for (const { name, options } of await samplers()) {
    if (name === "consistency") continue; // is for models of its own
    const own = { sampler: name, ...("stepSize" in options && { stepSize: 1e-3 }) };
    const stepped = "relativeTolerance" in options ? own : { ...own, steps: 1000 };
    const plan = repeated(() => empty.sample({ ...stepped, initialNoise }).free());
    const take = started(empty, stepped);
    await take(10); // multistep methods have their history by then
    const times = [];
    for (let turn = 0; turn < REPEATS; turn++) times.push(await take(20));
    measured.push({ name, step: least(times) - blocks, plan });
  }
  return { network: least(withNetwork), samplers: measured };
}
