// Creates the downloads of the page: the npm package as an archive for `npm install`, and the source.
import { execFile } from "node:child_process";
import { readFile, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./root.mjs";

const run = promisify(execFile);
const PACKAGE = "tweedie.tgz";
const SOURCE = "tweedie-source.tgz";

/** Writes the archives to the page's folder. */
export async function writeDownloads(packageFolder, folder) {
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", resolve(folder)], { cwd: packageFolder });
  await rename(join(folder, stdout.trim().split("\n").at(-1)), join(folder, PACKAGE));
  if ((await repository()) === undefined) await archive(join(resolve(folder), SOURCE)).catch(() => undefined);
}

const archive = (path) => run("git", ["archive", "--format=tar.gz", "--prefix=tweedie/", "-o", path, "HEAD"], { cwd: ROOT });

/** The address of the public repository, if Cargo.toml has one. */
async function repository() {
  return (await readFile(join(ROOT, "Cargo.toml"), "utf8")).match(/^repository = "(.*)"$/m)?.[1];
}

/** Links to the source point to the repository or to the archive; without either they are removed. */
export async function withSourceLinks(html, paths) {
  const address = await repository();
  if (address !== undefined) return html.replaceAll(`href="${SOURCE}"`, `href="${address}"`);
  return paths.includes(SOURCE) ? html : html.replace(new RegExp(`<a [^>]*href="${SOURCE}"[^>]*>.*?</a>`, "gs"), "");
}
