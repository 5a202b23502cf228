// The published package: its files, its README and the imports of its entries.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { temporaryFolder } from "./support.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = join(ROOT, "pkg");
const run = promisify(execFile);

/** File size limit of Cloudflare Pages and Workers. */
const MAX_FILE = 25 * 2 ** 20;
/** Maximum bytes of all scripts of an entry. */
const MAX_SCRIPTS = { density: 130_000, points: 148_500, index: 304_000, worker: 115_000 };

const read = (name) => readFile(join(PACKAGE, name), "utf8");

/** The scripts that an entry imports statically and, optionally, dynamically. */
async function scriptsOf(entry, { later }) {
  const found = new Set([entry]);
  for (const name of found) {
    const text = await read(name);
    for (const [, imported] of text.matchAll(/(?:from|^import) "\.\/([\w.-]+)"/gm)) found.add(imported);
    if (later) for (const [, imported] of text.matchAll(/import\("\.\/([\w.-]+)"\)/g)) found.add(imported);
  }
  return [...found];
}

test("each file is below the size limit of hosts", async () => {
  for (const name of await readdir(PACKAGE)) {
    const { size } = await stat(join(PACKAGE, name));
    assert.ok(size < MAX_FILE, `${name} has ${size} bytes`);
  }
});

for (const entry of ["density", "points"]) {
  test(`tweedie/${entry} neither loads nor references WebGPU`, async () => {
    for (const name of await scriptsOf(`${entry}.js`, { later: true })) assert.doesNotMatch(await read(name), /tweedie_webgpu|worker-script/, name);
  });
}

test("the main entry fetches the WebGPU script only when a GPU is opened", async () => {
  const isWebgpu = (name) => name.startsWith("module-webgpu");
  assert.ok(!(await scriptsOf("index.js", { later: false })).some(isWebgpu));
  assert.ok((await scriptsOf("index.js", { later: true })).some(isWebgpu));
});

for (const [entry, limit] of Object.entries(MAX_SCRIPTS)) {
  test(`the scripts of ${entry}.js stay within their size limit`, async () => {
    const names = await scriptsOf(`${entry}.js`, { later: true });
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(PACKAGE, name))).size));
    const sum = sizes.reduce((total, size) => total + size, 0);
    assert.ok(sum < limit, `${sum} bytes`);
  });
}

test("the worker script is self-contained and contains no addresses", async () => {
  const script = await read("worker-script.js");
  assert.doesNotMatch(script, /^\s*(import|export)\b/m);
  assert.doesNotMatch(script, /import\.meta/);
});

test("every script has its source map, with the sources in it", async () => {
  const scripts = (await readdir(PACKAGE)).filter((name) => name.endsWith(".js") && !name.endsWith(".node.js"));
  for (const name of scripts) {
    const { sources, sourcesContent } = JSON.parse(await read(`${name}.map`));
    assert.equal(sourcesContent.length, sources.length, name);
  }
});

test("every entry can also be found by file name, for bundlers that ignore exports", async () => {
  const { exports } = JSON.parse(await read("package.json"));
  for (const [entry, target] of Object.entries(exports)) {
    const file = typeof target === "string" ? target : target.default;
    if (entry !== ".") assert.equal(file.replace(/\.js$/, ""), entry.replace(/\.js$/, ""));
    await stat(join(PACKAGE, file));
  }
});

test("Node.js reads the module from disk", async () => {
  const program = `
    import { Density } from "tweedie/density";
    import { PointData } from "tweedie/points";
    import { openDevice, Pipeline } from "tweedie";
    const device = await openDevice();
    const pipeline = await Pipeline.fromPretrained("./www/models/mnist", { device });
    const sampling = pipeline.sample({ sampler: "ddim", steps: 1 });
    for await (const _ of sampling);
    console.log((await Density.normal(0, 1).summary()).mean, (await PointData.named("rings", { count: 3 })).count, device.kind, (await sampling.images()).length);
    const { init } = await import("tweedie/worker");
    await init().catch(({ code, message }) => console.log(code, message));
    await Pipeline.fromPretrained("./www/models/none", { device }).catch(({ code }) => console.log(code));
  `;
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT });
  assert.equal(stderr, "");
  const [values, worker, missing] = stdout.trim().split("\n");
  assert.equal(values, "0 3 cpu 3136");
  assert.match(worker, /^worker Web Workers are not available here/);
  assert.equal(missing, "missing-file");
});

test("the README's examples compile in strict mode", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "node_modules"));
  await symlink(PACKAGE, join(folder, "node_modules/tweedie"));
  const programs = [...(await read("README.md")).matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, program]) => program);
  assert.ok(programs.length >= 5);
  const files = programs.map((_, index) => `program${index}.mts`);
  await Promise.all(programs.map((program, index) => writeFile(join(folder, files[index]), program)));
  const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom", "dom.iterable"], module: "nodenext", types: [], skipDefaultLibCheck: true };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const { stdout } = await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--project", folder]).catch((error) => error);
  assert.equal(stdout, "");
});

test("the starter examples compile and can be bundled", async () => {
  const starters = join(ROOT, "examples");
  const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), "--project", join(starters, "vite-typescript")];
  const { stdout } = await run(process.execPath, tsc).catch((error) => error);
  assert.equal(stdout, "");
  const options = { bundle: true, write: false, format: "esm", logLevel: "silent", jsx: "automatic", external: ["react", "react-dom", "react/jsx-runtime"] };
  for (const entry of ["vite-typescript/src/main.ts", "react/src/main.jsx"]) {
    const { errors, warnings } = await build({ ...options, entryPoints: [join(starters, entry)] });
    assert.deepEqual([errors, warnings], [[], []], entry);
  }
});

test("the README has the table of samplers", async () => {
  assert.match(await read("README.md"), /^\| `dpm-solver\+\+` \|/m);
  assert.doesNotMatch(await read("README.md"), /<!--/);
});
