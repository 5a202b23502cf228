// A server for dist/ and the system's Chromium, for the page tests and the benchmark.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** The built page. */
export const DIST = join(ROOT, "dist");
/** The shipped checkpoints. */
export const MODELS = join(DIST, "models");
/** The default checkpoint. */
export const MODEL = join(MODELS, "mnist");
export const FIXTURES = join(ROOT, "tests/fixtures");

export const MEDIA_TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".json": "application/json", ".wasm": "application/wasm", ".png": "image/png", ".webp": "image/webp", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json",
};

/** Serves dist/ on a free port like a static host; resolves to `{ url, close }`. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(join(DIST, decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname)));
    try {
      if (!path.startsWith(DIST)) throw new Error("outside of the page");
      const body = await readFile(path);
      response.writeHead(200, { "content-type": MEDIA_TYPES[extname(path)] ?? "application/octet-stream", "content-length": body.length });
      response.end(request.method === "HEAD" ? undefined : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** Options to start the system's Chromium without background network access. */
export const chromiumWith = (...flags) => ({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", ...flags,
  ],
});

/** Enables WebGPU in headless Chromium, where it runs on the CPU. */
export const WEBGPU = "--enable-unsafe-webgpu";
