// Assembles the npm package: node src/web/js/build.mjs <folder of wasm-bindgen's output> <folder of the package>
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { withoutNames } from "./strip.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../../..");
const ENTRIES = ["index", "client", "worker"];
/** The two builds of the crate: bindings, and module. */
const SCRIPTS = ["tweedie_cpu.js", "tweedie_webgpu.js"];
const MODULES = ["tweedie_cpu_bg.wasm", "tweedie_webgpu_bg.wasm"];
const TYPES = ["index", "client", "worker", "density", "latents", "likelihood", "points", "run", "sampler"].map((name) => `${name}.d.ts`);
const DOCUMENTS = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"];

/** Bundles the entries; the bindings stay a file of their own, which finds its module by its own address. */
export async function bundle(folder) {
  await build({
    entryPoints: ENTRIES.map((name) => join(HERE, `${name}.js`)),
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    external: SCRIPTS.map((script) => `./${script}`),
    legalComments: "inline", // Comlink's notice
    logLevel: "warning",
  });
}

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
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./worker": { types: "./client.d.ts", default: "./client.js" },
      "./worker.js": { types: "./worker.d.ts", default: "./worker.js" },
      ...Object.fromEntries(MODULES.map((module) => [`./${module}`, `./${module}`])),
      "./package.json": "./package.json",
    },
    files: [...ENTRIES.map((entry) => `${entry}.js`), ...SCRIPTS, ...MODULES, ...TYPES, ...DOCUMENTS],
    sideEffects: ["./worker.js"],
  };
}

async function assemble(bindings, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundle(folder);
  for (const script of SCRIPTS) await cp(join(bindings, script), join(folder, script));
  for (const module of MODULES) await writeFile(join(folder, module), withoutNames(await readFile(join(bindings, module))));
  for (const file of TYPES) await cp(join(HERE, file), join(folder, file));
  for (const file of DOCUMENTS) await cp(join(ROOT, file), join(folder, file));
  // The pictures are not part of the package, and the types lie beside it.
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  await writeFile(join(folder, "README.md"), readme.replace(/^!\[.*\n\n/gm, "").replaceAll("src/web/js/", ""));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await assemble(process.argv[2], process.argv[3]);
