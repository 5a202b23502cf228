// The package in other pages: from another origin, in a sandboxed frame, under strict policies; and image functions that need a browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { pageTest } from "./support.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

const servers = [];
after(() => servers.forEach((server) => server.close()));

/** Serves the package for other origins, and `page` with the given headers; resolves to its address. */
async function host(page = "", headers = {}) {
  const server = createServer(async ({ url }, response) => {
    const path = url === "/" ? undefined : join(ROOT, "dist", url);
    const type = path ? (TYPES[extname(path)] ?? "application/octet-stream") : "text/html";
    try {
      const body = path ? await readFile(path) : page;
      response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*", ...headers }).end(body);
    } catch {
      response.writeHead(204).end(); // the icon that browsers ask for
    }
  });
  servers.push(server);
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return `http://localhost:${server.address().port}/`;
}

/** A page that computes with the worker of a package, and writes the result to its title. */
const pageOf = (address) => `<!doctype html><title>waiting</title><script type="module" src="data:text/javascript,
  import { Density } from '${address}tweedie/worker.js';
  Density.normal(0, 1).summary().then(({ mean }) => (document.title = 'mean ' + mean), (error) => (document.title = error.message));
"></script>`;

/** The same page with a script from its own server. */
const strictPage = `<!doctype html><title>waiting</title><script type="module" src="main.js"></script>`;

async function titleOf(page) {
  await page.waitForFunction(() => document.title !== "waiting");
  return page.title();
}

pageTest("the worker starts from a package of another origin", {}, async (page) => {
  const package_ = await host();
  await page.goto(await host(pageOf(package_)));
  assert.equal(await titleOf(page), "mean 0");
});

pageTest("the worker starts in a sandboxed frame", {}, async (page) => {
  const package_ = await host();
  const framed = pageOf(package_).replace("</script>", "</script><script>setInterval(() => parent.postMessage(document.title, '*'), 20)</script>");
  await page.goto(await host(`<!doctype html><title>waiting</title><iframe sandbox="allow-scripts"></iframe>`));
  await page.evaluate((framed) => {
    addEventListener("message", ({ data }) => data !== "waiting" && (document.title = data));
    document.querySelector("iframe").srcdoc = framed;
  }, framed);
  assert.equal(await titleOf(page), "mean 0");
});

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types tweedie";

/** Serves a page with a strict policy and this script. */
async function strictHost(policy) {
  const address = await host(strictPage, { "content-security-policy": policy });
  return [address, `
    import { Density } from "./tweedie/worker.js";
    Density.normal(0, 1).summary().then(({ mean }) => (document.title = "mean " + mean), (error) => (document.title = error.message));`];
}

pageTest("the worker starts under a strict content security policy with trusted types", {}, async (page) => {
  const [address, script] = await strictHost(STRICT);
  await page.route(`${address}main.js`, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await page.goto(address);
  assert.equal(await titleOf(page), "mean 0");
});

for (const [what, policy, message] of [
  ["without its policy of trusted types", STRICT.replace("trusted-types tweedie", "trusted-types other"), /trusted-types tweedie/],
  ["without 'wasm-unsafe-eval'", STRICT.replace(" 'wasm-unsafe-eval'", ""), /add 'wasm-unsafe-eval' to its script-src/],
  ["without workers", STRICT.replace("worker-src 'self'", "worker-src 'none'"), /worker-src/],
]) {
  pageTest(`a strict content security policy ${what} is named in the error`, { tolerated: /Content Security Policy|TrustedScriptURL/i }, async (page) => {
    const [address, script] = await strictHost(policy);
    await page.route(`${address}main.js`, (route) => route.fulfill({ contentType: "text/javascript", body: script }));
    await page.goto(address);
    assert.match(await titleOf(page), message);
  });
}

pageTest("the plain starter example works", {}, async (page, go) => {
  const starter = await readFile(join(ROOT, "examples/html/index.html"), "utf8");
  await page.route("**/starter.html", (route) => route.fulfill({ contentType: "text/html", body: starter }));
  await go("starter.html");
  await page.getByLabel("Model").fill("./models/mnist");
  await page.getByRole("button", { name: "Sample" }).click();
  // Four samples of 28 pixels, from the first step on: all of them would take their time on a busy machine.
  await page.waitForFunction(() => document.querySelector("canvas").width === 56, undefined, { timeout: 60_000 });
  assert.match(await page.getByRole("status").textContent(), /^Step \d+ of 20$|^Done\.$/);
});

for (const entry of ["index.js", "worker.js"]) {
  pageTest(`${entry} converts images to values and back to files`, {}, async (page, go) => {
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await go("icon.svg");
    const result = await page.evaluate(async (entry) => {
      const { openDevice, Pipeline } = await import(`/tweedie/${entry}`);
      const pipeline = await Pipeline.fromPretrained("/models/mnist", { device: await openDevice("cpu") });
      const canvas = new OffscreenCanvas(200, 100);
      const context = canvas.getContext("2d");
      context.fillStyle = "white";
      context.fillRect(50, 0, 50, 100);
      context.fillStyle = "black";
      context.fillRect(100, 0, 50, 100);
      const images = await pipeline.toImages([canvas, await canvas.convertToBlob()]);
      const column = (image, x) => images[image * 784 + 14 * 28 + x];
      const sampling = pipeline.sample({ sampler: "ddim", steps: 1, batch: 2 });
      for await (const _ of sampling);
      const blob = await sampling.blob(1);
      const { width, height } = await createImageBitmap(blob);
      const refused = await sampling.blob(0, { type: "image/tiff" }).catch(({ message }) => message);
      const target = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
      await sampling.draw(target);
      return { columns: [column(0, 3), column(0, 24), column(1, 3), column(1, 24)], length: images.length, type: blob.type, width, height, refused, drawn: target.width };
    }, entry);
    assert.deepEqual(result.columns, [1, -1, 1, -1]);
    const { length, type, width, height, drawn } = result;
    assert.deepEqual({ length, type, width, height, drawn }, { length: 1568, type: "image/png", width: 28, height: 28, drawn: 56 });
    assert.match(result.refused, /^type must be an image format/);
  });
}
