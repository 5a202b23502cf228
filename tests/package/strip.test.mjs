// Removal of names from the module when the package is built.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNames } from "../../src/web/js/strip.mjs";

const section = (id, ...contents) => [id, contents.length, ...contents];
const text = (value) => [value.length, ...Buffer.from(value)];
const HEADER = [...Buffer.from("\0asm"), 1, 0, 0, 0];
const TYPES = section(1, 1, 0x60, 0, 0);
const FUNCTIONS = section(3, 1, 0);
const EXPORTS = section(7, 1, ...text("f"), 0, 0);
const CODE = section(10, 1, 2, 0, 0x0b);
const OTHER = section(0, ...text("producers"), ...Array(120).fill(7)); // its length takes two bytes
OTHER.splice(1, 1, (130 % 128) + 128, 1);
const NAMES = section(0, ...text("name"), 1, 4, 1, 0, ...text("f"));

test("the names are removed, and everything else is byte-identical", () => {
  const named = Buffer.from([HEADER, TYPES, FUNCTIONS, EXPORTS, CODE, NAMES, OTHER].flat());
  const bare = Buffer.from([HEADER, TYPES, FUNCTIONS, EXPORTS, CODE, OTHER].flat());
  assert.equal(WebAssembly.Module.customSections(new WebAssembly.Module(named), "name").length, 1);
  assert.deepEqual(withoutNames(named), bare);
  assert.deepEqual(withoutNames(bare), bare);
  assert.equal(typeof new WebAssembly.Instance(new WebAssembly.Module(bare)).exports.f, "function");
});
