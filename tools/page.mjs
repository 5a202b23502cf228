// Builds the page: node tools/page.mjs <folder of the npm package> <folder of the page>
// Bundles the scripts of www/, copies the other files, and adds the package, the fonts, the documentation, the downloads,
// the service worker, and compressed copies.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";
import { build } from "esbuild";
import { compress } from "./compress.mjs";
import { writeDocumentation } from "./docs.mjs";
import { withSourceLinks, writeDownloads } from "./downloads.mjs";
import { writeFonts } from "./fonts.mjs";
import { ROOT } from "./root.mjs";
import { writeServiceWorker } from "./service-worker.mjs";

const WWW = join(ROOT, "www");
/** Files that are copied unchanged; scripts are bundled, and the service worker is written last. */
const COPIED = /\.(?:css|html|json|md|png|safetensors|svg|webmanifest|webp)$/;
/** Files that a first visit downloads. The page needs their sizes to show the progress, because servers that compress do not report them. */
const AWAITED = ["tweedie/tweedie_cpu_bg.wasm", ...["model_index.json", "scheduler/scheduler_config.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"].map((file) => `models/mnist/${file}`)];

/** The paths of all files in a folder, in alphabetical order. */
export async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/**
 * Bundles one script for the shell and one for each lab, which is loaded when the lab is opened. The package is a separate file.
 * @returns {Promise<string[]>}  scripts that the shell imports statically
 */
async function bundle(folder) {
  const { metafile } = await build({
    entryPoints: [{ in: join(WWW, "main.js"), out: "main" }, { in: join(WWW, "share/gif-worker.js"), out: "scripts/gif-worker" }],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    metafile: true,
    chunkNames: "scripts/[name]-[hash]",
    logLevel: "warning",
  });
  const outputs = Object.fromEntries(Object.entries(metafile.outputs).map(([path, output]) => [relative(folder, path), output]));
  return outputs["main.js"].imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => relative(folder, path));
}

/** Writes index.html, with preloads of its scripts, the download sizes and, if `SITE_URL` is set, the absolute address of its preview image. */
async function writeIndex(folder, scripts) {
  const sizes = {};
  for (const path of AWAITED) sizes[path] = (await readFile(join(folder, path))).length;
  const text = await readFile(join(WWW, "index.html"), "utf8");
  const site = process.env.SITE_URL?.replace(/\/?$/, "/");
  const addressed = site === undefined ? text : text.replace('content="preview.png"', `content="${new URL("preview.png", site)}"`);
  const shown = addressed.replace('<script type="application/json" id="sizes">{}</script>', `<script type="application/json" id="sizes">${JSON.stringify(sizes)}</script>`);
  if (shown === addressed) throw new Error("www/index.html has no place for the sizes");
  const preloads = scripts.map((path) => `<link rel="modulepreload" href="${path}">\n  `).join("");
  await writeFile(join(folder, "index.html"), await withSourceLinks(shown.replace('<script type="module"', `${preloads}<script type="module"`), await readdir(folder)));
}

/** The scripts of the package that a script imports statically, including itself. */
async function withImports(folder, path, found = new Set()) {
  found.add(path);
  const text = await readFile(join(folder, path), "utf8");
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) {
    const imported = join(dirname(path), name);
    if (!found.has(imported)) await withImports(folder, imported, found);
  }
  return [...found];
}

/** The comment at the head of a script, which states its licence. */
async function headOf(path) {
  const lines = (await readFile(join(ROOT, path), "utf8")).split("\n");
  return lines.slice(0, lines.findIndex((line) => !line.startsWith("//"))).map((line) => line.replace(/^\/+ ?-*/, "")).join("\n");
}

async function assemble(packageFolder, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "tweedie"), { recursive: true });
  for (const path of await filesOf(WWW)) {
    if (COPIED.test(path)) await cp(join(WWW, path), join(folder, path));
  }
  for (const name of await readdir(packageFolder)) {
    if ([".js", ".map", ".wasm"].includes(extname(name))) await cp(join(packageFolder, name), join(folder, "tweedie", name));
  }
  const scripts = [...await withImports(folder, "tweedie/worker.js"), ...await bundle(folder)];
  await cp(join(ROOT, "node_modules/gifenc/LICENSE.md"), join(folder, "scripts/gif-worker.LICENSE.md"));
  await writeFile(join(folder, "scripts/qrcode-generator.LICENSE.md"), await headOf("node_modules/qrcode-generator/dist/qrcode.mjs"));
  await writeFonts(join(folder, "fonts"));
  await writeDownloads(packageFolder, folder);
  await writeIndex(folder, scripts);
  await writeDocumentation(join(folder, "docs"));
  await writeServiceWorker(folder, await filesOf(folder));
  await compress(folder, await filesOf(folder));
}

await assemble(process.argv[2], process.argv[3]);
