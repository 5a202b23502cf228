/** Names of files, and which frames of a recording an animation shows. */

/** A file name without its extension, of lower-case words. */
export function fileName(...parts) {
  const words = parts.filter((part) => part !== undefined && part !== "").join("-").toLowerCase();
  return words.replaceAll("++", "pp").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

/** At most `most` indices from 0 to `count` − 1, evenly spaced, the first and the last included. */
export function evenly(count, most) {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, index) => Math.round((index * (count - 1)) / Math.max(1, length - 1)));
}
