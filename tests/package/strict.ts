// Type-checked with the oldest supported TypeScript, in strict mode and without the lib for disposables.
import { Density } from "tweedie/density";
import { PointData } from "tweedie/points";
import { Pipeline, samplers } from "tweedie/worker";

const pipeline = await Pipeline.fromPretrained("google/ddpm-cifar10-32", { token: "hf_x", timeout: 1000, onWarning: ({ code }) => console.log(code) });
const start = { images: await pipeline.toImages([document.images[0], new Blob()]), strength: 0.5 };
for (const { name } of await samplers()) {
  const sampling = pipeline.sample({ sampler: name, steps: 3, start });
  for await (const { step, steps } of sampling) console.log(`${step} of ${steps}`);
  await sampling.draw(document.querySelector("canvas"), { columns: 2 });
  const pixels = await sampling.images();
  const same: ImageData[] = [new ImageData(pixels, 32), await sampling.imageData(0, { which: "clean" })];
  const file: Blob = await sampling.blob(0, { type: "image/webp", quality: 0.9 });
  console.log(same, file.size);
}
const data: PointData = await PointData.named("rings");
const density: Density = Density.normal(data.mean[0], 1);
density.free();
// @ts-expect-error: an option of another sampler
pipeline.sample({ sampler: "euler", eta: 1 });
// @ts-expect-error: disposal needs its lib
density[Symbol.dispose]();
