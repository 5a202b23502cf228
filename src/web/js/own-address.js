import { TweedieError } from "./errors.js";
import { platform } from "./platform.js";

/**
 * The address of a file of the package, next to the script.
 * @param {() => URL} address evaluated here, because a bundle may not know its own address
 * @param {string} code error code
 * @param {string} remedy call that sets the address
 */
export function ownAddress(address, code, remedy) {
  try {
    // Next.js returns a path without an origin.
    return new URL(address().href, platform.base()).href;
  } catch (cause) {
    throw new TweedieError(
      code,
      `this bundle does not know its own address (its format has no import.meta.url, like esbuild's iife and cjs), so the files of the package cannot be found: copy them next to the page and call ${remedy}`,
      { cause },
    );
  }
}
