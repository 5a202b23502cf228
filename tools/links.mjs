// Finds dead links of a static site: node tools/links.mjs <folder>
import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The links of the pages of a folder that lead to no file, or to no anchor of one, each as `page: link`. Links out of the folder are not followed.
 * @param {string} folder
 * @param {(page: string) => boolean} [isChecked]  selects the pages; the default is all
 * @returns {Promise<string[]>}
 */
export async function deadLinks(folder, isChecked = () => true) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const anchors = new Map();
  const hasAnchor = async (path, id) => {
    if (!anchors.has(path)) anchors.set(path, new Set(valuesOf("id", await readFile(join(folder, path), "utf8"))));
    return anchors.get(path).has(id);
  };
  const dead = [];
  for (const page of paths.filter((path) => path.endsWith(".html") && isChecked(path))) {
    for (const link of new Set(valuesOf("href|src", await readFile(join(folder, page), "utf8")))) {
      if (/^[a-z]+:/i.test(link)) continue;
      const [address, fragment = ""] = link.split("#");
      const path = address === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(address.split("?")[0]));
      if (path.startsWith("..")) continue;
      const file = path.endsWith("/") ? `${path}index.html` : path;
      const isThere = await stat(join(folder, file)).then((found) => found.isFile(), () => false);
      if (!isThere || (fragment !== "" && !(await hasAnchor(file, decodeURIComponent(fragment))))) dead.push(`${page}: ${link}`);
    }
  }
  return dead;
}

/** The values of the attributes of that name. */
function valuesOf(name, html) {
  const decoded = (text) => text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return [...html.matchAll(new RegExp(`\\s(?:${name})="([^"]*)"`, "g"))].map(([, value]) => decoded(value));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The references of both languages check their own links.
  const dead = await deadLinks(process.argv[2], (page) => !page.includes("/"));
  for (const link of dead) console.error(`dead link: ${link}`);
  process.exitCode = dead.length === 0 ? 0 : 1;
}
