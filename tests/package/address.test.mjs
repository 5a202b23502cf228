// Addresses of the package's files, as bundlers write them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownAddress } from "../../src/web/js/own-address.js";

const address = (make) => ownAddress(make, "module", "init({ modules: { cpu: address } })");

test("an address next to the script is used unchanged", () => {
  assert.equal(address(() => new URL("./x.wasm", "https://cdn.example/tweedie/index.js")), "https://cdn.example/tweedie/x.wasm");
});

test("a path without an origin, as in Next.js, refers to the page", (t) => {
  globalThis.document = { baseURI: "https://app.example/page" };
  t.after(() => delete globalThis.document);
  assert.equal(address(() => ({ href: "/_next/static/media/x.wasm" })), "https://app.example/_next/static/media/x.wasm");
});

test("a bundle that does not know its address reports a remedy", () => {
  const make = () => new URL("./x.wasm", undefined);
  assert.throws(() => address(make), { name: "TweedieError", code: "module", message: /no import\.meta\.url, like esbuild's iife and cjs\).*call init\(\{ modules/ });
});
