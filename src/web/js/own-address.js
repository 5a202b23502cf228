import { TweedieError } from "./errors.js";
import { platform } from "./platform.js";

/**
 * The address of a file of the package, which lies beside the script.
 * @param {() => URL} address evaluated here, because a bundle may lack an address of its own
 * @param {string} code of the error
 * @param {string} remedy what gives the address instead
 */
export function ownAddress(address, code, remedy) {
  try {
    // Next.js gives a path without an origin.
    return new URL(address().href, platform.base()).href;
  } catch (cause) {
    throw new TweedieError(
      code,
      `this bundle does not know its own address (its format has no import.meta.url, like esbuild's iife and cjs), so the files of the package cannot be found: copy them beside the page and call ${remedy}`,
      { cause },
    );
  }
}
