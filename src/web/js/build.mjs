// Assembles the npm package: node src/web/js/build.mjs <folder of wasm-bindgen's output> <folder of the package>
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { withoutNames } from "./strip.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../../..");
/** The published scripts and their sources. Bundlers that read no `exports`, such as Parcel, find an entry by its file. */
const ENTRIES = { index: "index.js", worker: "client.js", density: "entry-density.js", points: "entry-points.js" };
/** Entries that compute on the calling thread, and so have a version that reads files from disk. */
const LOCAL_ENTRIES = ["index", "density", "points"];
const WORKER_SCRIPT = "worker-script.js";
const MODULES = ["tweedie_cpu_bg.wasm", "tweedie_webgpu_bg.wasm"];
/** The published types and their sources. */
const TYPES = {
  ...Object.fromEntries(["index", "density", "family", "latents", "likelihood", "module", "points", "restore", "run", "sampler", "sampler-options", "worker-script"].map((name) => [name, name])),
  worker: "client",
};
const LICENSES = ["LICENSE-MIT", "LICENSE-APACHE"];
const README = join(HERE, "README.md");

/**
 * Bundles the entries: code that several of them need is in files that they share. The worker's script is one file, which may be copied anywhere.
 * @param {string} bindings folder of wasm-bindgen's output
 * @param {string} folder
 */
export async function bundle(bindings, folder) {
  const options = {
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    legalComments: "inline", // Comlink's notice
    logLevel: "warning",
    sourcemap: true,
    define: { TWEEDIE_VERSION: JSON.stringify((await crate()).version) },
  };
  await build({
    ...options,
    entryPoints: { ...Object.fromEntries(Object.entries(ENTRIES).map(([name, source]) => [name, join(HERE, source)])), node: join(HERE, "node.js") },
    splitting: true,
    chunkNames: "[name]-[hash]",
    external: ["node:*"],
    plugins: [bindingsFrom(bindings)],
  });
  await dropBareImports(folder);
  // Without imports and exports, it runs as a module and as a classic script.
  await build({ ...options, format: "iife", entryPoints: [join(HERE, WORKER_SCRIPT)], plugins: [bindingsFrom(bindings), withoutAddresses] });
  for (const entry of LOCAL_ENTRIES)
    await writeFile(join(folder, `${entry}.node.js`), `import "./node.js";\nexport * from "./${entry}.js";\n`);
}

/** esbuild imports shared files only for their order, too. They have no effects, and bundlers warn of such imports. The lines stay, for the source maps. */
async function dropBareImports(folder) {
  for (const name of (await readdir(folder)).filter((name) => name.endsWith(".js"))) {
    const text = await readFile(join(folder, name), "utf8");
    await writeFile(join(folder, name), text.replace(/^import "\.\/chunk-\w+\.js";$/gm, ""));
  }
}

/** Finds the bindings, and takes from them the address of their module, which bundlers would follow from wherever it stands. */
const bindingsFrom = (folder) => ({
  name: "bindings",
  setup(build) {
    build.onResolve({ filter: /^\.\/tweedie_(cpu|webgpu)\.js$/ }, ({ path }) => ({ path: join(folder, path) }));
    build.onLoad({ filter: /tweedie_(cpu|webgpu)\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(/new URL\('tweedie_\w+_bg\.wasm', import\.meta\.url\)/, "undefined") };
    });
  },
});

const withoutAddresses = {
  name: "without addresses",
  setup(build) {
    build.onResolve({ filter: /^\.\/(cpu|webgpu)-address\.js$/ }, () => ({ path: join(HERE, "no-address.js") }));
  },
};

/** Name, version and so on of the crate: the plain strings of Cargo.toml's [package]. */
export async function crate() {
  const text = await readFile(join(ROOT, "Cargo.toml"), "utf8");
  const section = text.match(/^\[package\]\n([\s\S]*?)(?=^\[)/m)[1];
  const fields = Object.fromEntries(
    [...section.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]),
  );
  const keywords = JSON.parse(section.match(/^keywords = (\[.*\])$/m)?.[1] ?? "[]");
  return { ...fields, keywords };
}

/** The package.json that is published. */
export async function manifest() {
  const { name, version, description, license, keywords } = await crate();
  const local = (entry) => ({ types: `./${entry}.d.ts`, node: `./${entry}.node.js`, default: `./${entry}.js` });
  return {
    name,
    version,
    description,
    keywords,
    license: `(${license})`,
    type: "module",
    main: "./index.js",
    types: "./index.d.ts",
    exports: {
      ".": local("index"),
      "./density": local("density"),
      "./points": local("points"),
      "./worker": { types: "./worker.d.ts", default: "./worker.js" },
      "./worker-script.js": { types: "./worker-script.d.ts", default: "./worker-script.js" },
      ...Object.fromEntries(MODULES.map((module) => [`./${module}`, `./${module}`])),
      "./package.json": "./package.json",
    },
    files: ["*.js", "*.js.map", "*.wasm", "*.d.ts", ...LICENSES],
    engines: { node: ">=20" },
    sideEffects: ["./worker-script.js", "./node.js", "./*.node.js"],
  };
}

async function assemble(bindings, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundle(bindings, folder);
  for (const module of MODULES) await writeFile(join(folder, module), withoutNames(await readFile(join(bindings, module))));
  for (const [published, source] of Object.entries(TYPES)) await cp(join(HERE, `${source}.d.ts`), join(folder, `${published}.d.ts`));
  for (const file of LICENSES) await cp(join(ROOT, file), join(folder, file));
  await writeFile(join(folder, "README.md"), await readme());
  await writeFile(join(folder, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
}

/** The package's README, with the table of samplers of docs/samplers.md. */
async function readme() {
  const [own, whole] = await Promise.all([README, join(ROOT, "docs/samplers.md")].map((file) => readFile(file, "utf8")));
  const table = whole.match(/^\| sampler \|[\s\S]*?(?=\n\n)/m)[0];
  return own.replace("<!-- samplers -->", () => table);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await assemble(process.argv[2], process.argv[3]);
