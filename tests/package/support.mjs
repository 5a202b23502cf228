// Helpers for the package tests: a server with custom responses, and bundles with fake bindings.
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../../src/web/js/build.mjs";

/** The smallest WebAssembly module. */
export const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

export const text = (string) => new TextEncoder().encode(string);

/** A minimal flat checkpoint. */
export const FLAT = {
  "config.json": "{}",
  "scheduler_config.json": "{}",
  "diffusion_pytorch_model.safetensors": "weights",
};
/** The same checkpoint as a pipeline folder. */
export const FOLDER = {
  "model_index.json": "{}",
  "unet/config.json": "{}",
  "unet/diffusion_pytorch_model.safetensors": "weights",
  "scheduler/scheduler_config.json": "{}",
};

/**
 * Serves `files`: a body, or a function `(request, response)` that answers itself; everything else is a 404.
 * @returns {Promise<{ url: string, requests: string[], files: object, close(): Promise<void> }>}
 */
export async function serve(files) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const file = files[decodeURIComponent(request.url.slice(1).split("?")[0])] ?? files["*"];
    if (typeof file === "function") return file(request, response);
    if (file === undefined) return response.writeHead(404).end("not here");
    response
      .writeHead(200, { "content-length": Buffer.byteLength(file) })
      .end(request.method === "HEAD" ? undefined : file);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, requests, files, close };
}

/** Serves `files` during a test. */
export async function serveFor(test, files) {
  const server = await serve(files);
  test.after(() => server.close());
  return server;
}

let bundled;

/** Builds the entries with fake bindings in a new folder, and returns their addresses. */
export async function bundleOverFakes() {
  bundled ??= bundleOnce();
  const folder = await temporaryFolder();
  await cp(await bundled, folder, { recursive: true });
  return (name) => pathToFileURL(join(folder, name));
}

async function bundleOnce() {
  const folder = await temporaryFolder();
  await writeFakes(folder);
  await bundle(folder, folder);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

const folders = [];
process.once("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A folder that is deleted when the process ends. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), "tweedie-package-"));
  folders.push(folder);
  return folder;
}

/** Writes the fake bindings and empty but valid modules. */
async function writeFakes(folder) {
  const fake = await readFile(new URL("fake_bindings.js", import.meta.url), "utf8");
  for (const name of ["cpu", "webgpu"]) {
    await writeFile(join(folder, `tweedie_${name}.js`), fake.replace("const isWebgpu = false", `const isWebgpu = ${name === "webgpu"}`));
    await writeFile(join(folder, `tweedie_${name}_bg.wasm`), EMPTY_MODULE);
  }
}
