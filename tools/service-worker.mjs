// Writes the service worker with the list of offline files and a version that changes with any of them.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

/** Files stored for offline use on the first visit. Others, such as the WebGPU module, are stored when they are used. */
const KEPT = /^(?:index\.html|main\.js|scripts\/.*\.js|(?:.*\/)?[\w-]+\.css|.*\.(?:svg|png|webmanifest|woff2)|tweedie\/worker[\w-]*\.js|tweedie\/\w+-\w+\.js|tweedie\/tweedie_cpu_bg\.wasm|models\/mnist\/.*\.(?:json|safetensors)|recordings\/.*)$/;
const DOCUMENTATION = /^docs\//;

/**
 * @param {string} folder  folder of the page
 * @param {string[]} paths  paths of all files in it
 */
export async function writeServiceWorker(folder, paths) {
  const kept = paths.filter((path) => KEPT.test(path) && !DOCUMENTATION.test(path));
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update(await readFile(join(folder, path)));
  const source = await readFile(join(ROOT, "www/service-worker.js"), "utf8");
  const written = source
    .replace('const VERSION = "";', `const VERSION = ${JSON.stringify(hash.digest("hex").slice(0, 16))};`)
    .replace("const KEPT = [];", `const KEPT = ${JSON.stringify(kept.map((path) => (path === "index.html" ? "./" : path)))};`);
  await writeFile(join(folder, "service-worker.js"), written);
}
