import { invalidOption, TweedieError } from "./errors.js";
import { checkMemory, isA } from "./plain.js";

/**
 * Decodes a text file by its byte-order mark. Without one it is UTF-8, or UTF-16 where one of the first two bytes is 0.
 * @param {Uint8Array} bytes
 */
export function decodeText(bytes) {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf([first, second]) {
  if ((first === 0xff && second === 0xfe) || second === 0) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || first === 0) return "utf-16be";
  return "utf-8";
}

/** Text, or the contents of a text file, as text. */
export async function textOf(name, source) {
  if (typeof source === "string") return source;
  if (isA(source, Blob)) return decodeText(new Uint8Array(await contentOf(name, source)));
  if (![ArrayBuffer, Uint8Array].some((Kind) => isA(source, Kind))) throw invalidOption(name, "a string, a File, an ArrayBuffer or a Uint8Array", source);
  checkMemory(name, source.buffer ?? source);
  return decodeText(new Uint8Array(source));
}

/** The bytes of a file, which may have changed or disappeared since it was selected. */
export async function contentOf(path, blob) {
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    throw new TweedieError("malformed-file", `${path} cannot be read: ${cause.message}`, { cause });
  }
}
