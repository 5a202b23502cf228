import { invalidOption } from "./errors.js";
import { platform } from "./platform.js";

/** Default address of the Hub. */
export const HUB = "https://huggingface.co";
/** Starts with "/", "./", "../" or "scheme://": the address of a folder. */
export const FOLDER = /^(\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/)/i;
/** "owner/name": a model on the Hub. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
/** A Hub address, possibly copied without its scheme. */
const HUB_PAGE = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)(?:\/|$)/i;
/** Hub pages that are not models. */
const OTHER_PAGES = ["api", "blog", "chat", "collections", "datasets", "docs", "join", "login", "models", "papers", "settings", "spaces"];
/** Views of the files of a model. */
const VIEWS = ["tree", "blob", "resolve", "raw", "commit"];

/** Makes a relative address absolute, because a worker would resolve it against its own address. */
export function absoluteAddress(address) {
  return typeof address === "string" && FOLDER.test(address) ? absolute(address).href : address;
}

/**
 * Finds the location of a checkpoint.
 * @param {string} source Hub id, address of a Hub page, or address of a folder
 * @param {{ revision?: string, endpoint: string }} options
 * @returns {{ folder: URL, repository?: string }} the URL of its folder, ending in "/"; for a Hub model also the common prefix of the URLs of its files in all
 *   revisions
 */
export function locate(source, { revision, endpoint }) {
  const hub = withSlash(absolute(endpoint, "endpoint"));
  if (HUB_ID.test(source)) return onHub(hub, source, revision ?? "main");
  const page = pathOnHub(source, hub);
  if (page !== undefined) return fromPage(page, hub, revision, source);
  if (FOLDER.test(source)) return { folder: withSlash(absolute(source)) };
  throw invalidOption("source", 'a Hub id "owner/name", or a folder\'s address that starts with "./", "../", "/" or "https://"', source);
}

function onHub(hub, id, revision, path = "") {
  const repository = new URL(`${id}/resolve/`, hub);
  return { folder: new URL(`${encodeURIComponent(revision)}/${path}`, repository), repository: repository.href };
}

/** The path segments of a Hub page; undefined for other addresses. */
function pathOnHub(source, hub) {
  if (HUB_PAGE.test(source)) return names(source.replace(HUB_PAGE, "").replace(/[?#].*$/, ""));
  if (!/^https?:/i.test(source)) return undefined;
  const { origin, pathname } = absolute(source);
  return origin === hub.origin && pathname.startsWith(hub.pathname) ? names(pathname.slice(hub.pathname.length)) : undefined;
}

const names = (path) => path.split("/").filter(Boolean);

/** `owner/name`, `owner/name/tree/main`, `owner/name/blob/main/unet/config.json` and the like. */
function fromPage([owner, name, view, ...rest], hub, given, source) {
  if (owner === undefined || OTHER_PAGES.includes(owner.toLowerCase()))
    throw invalidOption("source", 'the address of a model on the Hub, like "https://huggingface.co/owner/name"', source);
  // The oldest models have no owner.
  const [id, kind, parts] = VIEWS.includes(name) ? [owner, name, [view, ...rest]] : [[owner, name].filter(Boolean).join("/"), view, rest];
  if (!VIEWS.includes(kind)) return onHub(hub, id, given ?? "main");
  const path = parts.filter(Boolean).map(decoded);
  const length = path[0] === "refs" ? 3 : 1; // refs/pr/1
  const revision = path.slice(0, length).join("/");
  const folders = path.slice(length);
  if (folders.length > 0 && (kind === "blob" || /\.\w+$/.test(folders.at(-1)))) {
    folders.pop();
    if (["unet", "scheduler"].includes(folders.at(-1))) folders.pop();
  }
  return onHub(hub, id, given ?? (revision || "main"), folders.map((folder) => `${encodeURIComponent(folder)}/`).join(""));
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The URL of an address, relative to the page. */
export function absolute(address, option = "source") {
  try {
    return new URL(address, platform.base());
  } catch {
    throw invalidOption(option, "a valid address", address);
  }
}

function withSlash(url) {
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.hash = "";
  return url;
}
