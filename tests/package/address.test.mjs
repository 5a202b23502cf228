// Where the package's own files are, as bundlers write it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownAddress } from "../../src/web/js/own-address.js";

const address = (make) => ownAddress(make, "module", "init({ modules: { cpu: address } })");

test("an address beside the script is taken as it is", () => {
  assert.equal(address(() => new URL("./x.wasm", "https://cdn.example/tweedie/index.js")), "https://cdn.example/tweedie/x.wasm");
});

test("a path without an origin, as Next.js gives it, belongs to the page", (t) => {
  globalThis.document = { baseURI: "https://app.example/page" };
  t.after(() => delete globalThis.document);
  assert.equal(address(() => ({ href: "/_next/static/media/x.wasm" })), "https://app.example/_next/static/media/x.wasm");
});

test("a bundle without an address of its own says what to do", () => {
  const make = () => new URL("./x.wasm", undefined);
  assert.throws(() => address(make), { name: "TweedieError", code: "module", message: /no import\.meta\.url, like esbuild's iife and cjs\).*call init\(\{ modules/ });
});
