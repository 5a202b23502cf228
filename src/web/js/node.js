// Node.js, Deno and Bun: reads files from disk. The entries with the export condition "node" import this file first.
import { readFile } from "node:fs/promises";
import { cwd } from "node:process";
import { pathToFileURL } from "node:url";
import { platform } from "./platform.js";

const ABSENT = ["ENOENT", "ENOTDIR", "EISDIR"];

platform.base = () => pathToFileURL(`${cwd()}/`).href;

const { fetch } = platform;
platform.fetch = (target, init) => {
  const url = new URL(target instanceof Request ? target.url : target);
  return url.protocol === "file:" ? fetchFile(url, init) : fetch(target, init);
};

/** The response that a server would send. */
async function fetchFile(url, { signal } = {}) {
  try {
    const bytes = await readFile(url, { signal });
    return new Response(bytes, { headers: { "content-length": String(bytes.byteLength) } });
  } catch (error) {
    if (ABSENT.includes(error.code)) return new Response(null, { status: 404 });
    throw error;
  }
}
