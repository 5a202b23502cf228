// Models from the page, the Hub and a folder; errors are shown at the model menu.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MODEL } from "./host.mjs";
import { choose, figures, finished, forgetFigures, HUB, picture, playHub, problem, stillTest as pageTest } from "./support.mjs";

const FACTS = /^687,473 parameters · 28 × 28 × 1 · \d\.\d MB$/;
const SMALL = "?steps=2&count=1";
/** The browser reports every missing file. */
const ABSENT = { tolerated: /huggingface\.co|404/ };

async function chooseHub(page, id) {
  await choose(page, "Hugging Face");
  await page.getByRole("combobox", { name: "Hub id" }).fill(id);
}

pageTest("a Hub model is downloaded with progress and sampled", ABSENT, async (page, go) => {
  const requests = [];
  await playHub(page, "someone/digits", { requests });
  await go(SMALL);
  await finished(page);
  await chooseHub(page, "someone/digits");
  await forgetFigures(page);
  await page.getByRole("button", { name: "Load" }).click();
  await finished(page);
  assert.ok(requests.includes("/someone/digits/resolve/main/unet/config.json"));
  assert.match(await page.locator("#model-facts").textContent(), FACTS);
  assert.equal(new URL(page.url()).searchParams.get("model"), "someone/digits");

  // Its link does all of that by itself.
  await page.reload();
  await finished(page);
  assert.equal(await page.getByRole("combobox", { name: "Hub id" }).inputValue(), "someone/digits");
});

pageTest("an unknown Hub id shows an error, and the page keeps working", ABSENT, async (page, go) => {
  await playHub(page, "someone/digits");
  await go(SMALL);
  await finished(page);
  const before = await picture(page);
  await chooseHub(page, "someone/else");
  await page.getByRole("combobox", { name: "Hub id" }).press("Enter");
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "model"), /someone\/else.*\.$/);
  assert.equal(await picture(page), before);

  await chooseHub(page, "not an id");
  await page.getByRole("button", { name: "Load" }).click();
  assert.match(await problem(page, "model"), /^A Hub id must have the form owner\/name/);

  await choose(page, "Digits");
  await finished(page);
  assert.equal(await page.locator("#model-error").isHidden(), true);
});

pageTest("a download can be cancelled", {}, async (page, go) => {
  await page.context().route(HUB, () => {}); // never answers
  await go(SMALL);
  await finished(page);
  await chooseHub(page, "someone/slow");
  await page.getByRole("button", { name: "Load" }).click();
  await figures(page, /^(Opening|Downloading)/);
  await page.keyboard.press("Escape");
  await figures(page, /^Cancelled\.$/);
  await choose(page, "Digits");
  await finished(page);
});

const OFFLINE = { tolerated: /ERR_INTERNET_DISCONNECTED/ };

pageTest("without network the loaded model works, and a Hub id shows an error", OFFLINE, async (page, go) => {
  await go(SMALL);
  await finished(page);
  await page.context().setOffline(true);
  await page.locator("#images").getByLabel("Steps", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Start" }).click();
  await figures(page, /^3 steps in/);
  await chooseHub(page, "someone/digits");
  await page.getByRole("button", { name: "Load" }).click();
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "model"), /network|reach|fetch/i);
});

pageTest("a selected folder is loaded and sampled", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  await choose(page, "Folder");
  await forgetFigures(page);
  await page.locator("#folder-input").setInputFiles(MODEL);
  await finished(page);
  assert.match(await page.locator("#model-facts").textContent(), FACTS);
  assert.equal(new URL(page.url()).searchParams.get("model"), "folder");

  // A link cannot carry it.
  await page.reload();
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "model"), /^Choose a folder/);
});

/** Drops files on the page, `{ name: text or base64 }`. */
async function drop(page, files) {
  await page.evaluate((files) => {
    const dataTransfer = new DataTransfer();
    for (const [name, base64] of Object.entries(files)) {
      dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name));
    }
    for (const kind of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, files);
}

pageTest("files dropped on the page are loaded; other files show an error", {}, async (page, go) => {
  await go(SMALL);
  await finished(page);
  await drop(page, { "holiday.txt": btoa("sea") });
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "model"), /config\.json/);

  const read = async (path) => (await readFile(join(MODEL, path))).toString("base64");
  const config = await read("unet/config.json");
  const weights = await read("unet/diffusion_pytorch_model.safetensors");
  // As diffusers writes it; its last timestep still holds signal.
  const scheduler = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "num_train_timesteps": 100}';
  await drop(page, { "config.json": config, "diffusion_pytorch_model.safetensors": weights, "scheduler_config.json": btoa(scheduler) });
  await finished(page);
  assert.match(await page.locator("#model-facts").textContent(), /The last of the 100 timesteps still holds 36\.4 % signal/);

  await drop(page, {
    "config.json": config,
    "diffusion_pytorch_model.safetensors": btoa("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1394004\n"),
    "scheduler_config.json": btoa("{}"),
  });
  await figures(page, /^Stopped/);
  assert.match(await problem(page, "model"), /a Git LFS pointer to a file of 1394004 bytes.*git lfs pull/);

  await drop(page, {
    "config.json": config,
    "diffusion_pytorch_model.safetensors": weights,
    "scheduler_config.json": await read("scheduler/scheduler_config.json"),
  });
  await finished(page);
  assert.match(await page.locator("#model-facts").textContent(), FACTS);
  assert.equal(await page.locator("#model-about").isHidden(), true, "provenance and licence are those of the model before");
  assert.equal(await page.getByRole("radio", { name: "Folder" }).isChecked(), true);
  assert.equal(await page.locator("#drop-veil").isHidden(), true);
  // Without model_index.json nothing says which class is the null class, so there is no guidance.
  assert.equal(await page.locator("#images").getByLabel("Guidance scale").isVisible(), false);
});

/** The files of the shipped digits, as a model without classes. */
async function withoutClasses() {
  const read = (path) => readFile(join(MODEL, path));
  const config = JSON.parse(await read("unet/config.json"));
  delete config.num_class_embeds;
  const weights = await read("unet/diffusion_pytorch_model.safetensors");
  const start = 8 + Number(weights.readBigUInt64LE(0));
  const tensors = Object.entries(JSON.parse(weights.subarray(8, start)))
    .filter(([name]) => name !== "__metadata__" && !name.startsWith("class_embedding."))
    .sort(([, one], [, other]) => one.data_offsets[0] - other.data_offsets[0]);
  const [header, data] = [{}, []];
  let size = 0;
  for (const [name, { data_offsets: [from, to], ...tensor }] of tensors) {
    header[name] = { ...tensor, data_offsets: [size, (size += to - from)] };
    data.push(weights.subarray(start + from, start + to));
  }
  const written = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(written.length));
  return {
    "config.json": btoa(JSON.stringify(config)),
    "diffusion_pytorch_model.safetensors": Buffer.concat([length, written, ...data]).toString("base64"),
    "scheduler_config.json": (await read("scheduler/scheduler_config.json")).toString("base64"),
  };
}

pageTest("a model without classes keeps the edited settings, and the classes return with a model that has them", {}, async (page, go) => {
  await go(`${SMALL}&class=3&device=cpu`);
  await finished(page);
  await forgetFigures(page);
  await drop(page, await withoutClasses());
  await finished(page);
  const chosen = page.locator("#images").getByLabel("Class", { exact: true });
  assert.equal(await chosen.isVisible(), false);
  await page.locator("#images").getByLabel("Steps", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Start" }).click();
  await figures(page, /^3 steps/);

  await forgetFigures(page);
  await choose(page, "Digits");
  await chosen.waitFor();
  assert.equal(await chosen.locator("option").count(), 12);
  await figures(page, /^3 steps/);
  assert.equal(new URL(page.url()).searchParams.get("class"), null, "each in turn");
});
