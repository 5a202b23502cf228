// Advice for package files that are not at the expected address.
import { isHtml } from "./http.js";

/** A development server that pre-bundles dependencies separates the scripts from their files. */
const VITE = `With Vite or Astro, set optimizeDeps: { exclude: ["tweedie"] } in its configuration.`;

/**
 * @param {string} where the requested address
 * @param {string} file name in the package
 * @param {string} option option of `init` that sets the address
 */
export function remedy(where, file, option) {
  if (/\/\.vite\/|\/node_modules\//.test(where)) return VITE;
  return `Copy ${file} of the package to that address, or set its address with init({ ${option} }). ${VITE}`;
}

/** Describes a response that is not the file; undefined if it may be the file. */
export function mismatch(response, where) {
  if (!response.ok) return `${where} returned HTTP ${response.status}.`;
  return isHtml(response) ? `${where} is an HTML page.` : undefined;
}
