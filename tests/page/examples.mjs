// The examples for a page without a bundler, beside the package as their README says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pageTest } from "./support.mjs";

/** Opens one of `examples/html`. */
async function open(page, go, name) {
  const body = await readFile(new URL(`../../examples/html/${name}`, import.meta.url), "utf8");
  await page.route(`**/${name}`, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await go(name);
}

const says = (page, pattern) =>
  page.waitForFunction((source) => new RegExp(source).test(document.querySelector("#status").textContent), pattern.source, { timeout: 60_000 });

pageTest("the example of the worker samples in it and on the page, and stops it", {}, async (page, go) => {
  await open(page, go, "worker.html");
  for (const name of ["In the worker", "On this thread"]) {
    await page.getByRole("button", { name }).click();
    await says(page, /^Evaluation/);
    await says(page, /^Done in/);
  }
  await page.getByRole("button", { name: "In the worker" }).click();
  await says(page, /^Evaluation/);
  await page.getByRole("button", { name: "Stop the worker" }).click();
  await says(page, /^worker: /);
});

pageTest("the example of the device samples on the CPU, and says why there is no GPU", {}, async (page, go) => {
  await open(page, go, "device.html");
  await page.getByLabel("Model").fill("./models/mnist");
  await page.getByRole("radio", { name: "WebGPU" }).check();
  await page.getByRole("button", { name: "Sample" }).click();
  await says(page, /WebGPU cannot be used/);
  await page.getByRole("radio", { name: "CPU" }).check();
  await page.getByRole("button", { name: "Sample" }).click();
  await says(page, /^cpu: CPU.*: [\d.]+ s$/);
  assert.equal(await page.locator("canvas").evaluate(({ width }) => width), 56);
});
