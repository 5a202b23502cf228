import { invalidOption } from "./errors.js";

/** Starts with "/", "./", "../" or "scheme://": the address of a folder. */
export const FOLDER = /^(\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/)/i;
/** Exactly "owner/name": a model on the Hub. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** Makes a relative address independent of the script that uses it: a worker would resolve it against its own. */
export function absoluteAddress(address) {
  return typeof address === "string" && FOLDER.test(address) ? absolute(address).href : address;
}

/** The URL of a checkpoint's folder, ending in "/". */
export function folderAddress(source, { revision, endpoint }) {
  if (FOLDER.test(source)) return withSlash(absolute(source));
  if (HUB_ID.test(source))
    return new URL(
      `${source}/resolve/${encodeURIComponent(revision)}/`,
      withSlash(absolute(endpoint, "endpoint")),
    );
  throw invalidOption(
    "source",
    'a Hub id "owner/name", or a folder\'s address that starts with "./", "../", "/" or "https://"',
    source,
  );
}

/** The URL of an address, relative to the page. */
export function absolute(address, option = "source") {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(address, base);
  } catch {
    throw invalidOption(option, "a valid address", address);
  }
}

function withSlash(url) {
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.hash = "";
  return url;
}
