// What to do when a file of the package is not where its script looks for it.
import { isHtml } from "./http.js";

/** A development server that bundles dependencies beforehand moves the scripts away from their files. */
const VITE = `With Vite or Astro, set optimizeDeps: { exclude: ["tweedie"] } in its configuration.`;

/**
 * @param {string} where the address that was tried
 * @param {string} file its name in the package
 * @param {string} option of `init`, which takes another address
 */
export function remedy(where, file, option) {
  if (/\/\.vite\/|\/node_modules\//.test(where)) return VITE;
  return `Copy ${file} of the package to that address, or give its own with init({ ${option} }). ${VITE}`;
}

/** What a response has in place of the file; undefined where it may be the file. */
export function mismatch(response, where) {
  if (!response.ok) return `${where} was answered with HTTP ${response.status}.`;
  return isHtml(response) ? `${where} is an HTML page.` : undefined;
}
