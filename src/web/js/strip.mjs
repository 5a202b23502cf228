/** Removes the function names from a WebAssembly module: a third of its bytes, which only debuggers need. */

const HEADER = 8;
const CUSTOM = 0;

/**
 * The module without its "name" section. The `strip` option of rustc would also remove the section that tells wasm-bindgen
 * which features it may use.
 * @param {Buffer} module
 */
export function withoutNames(module) {
  const kept = [module.subarray(0, HEADER)];
  for (let start = HEADER; start < module.length; ) {
    const [size, contents] = readNumber(module, start + 1);
    const end = contents + size;
    if (module[start] !== CUSTOM || readText(module, contents) !== "name") kept.push(module.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}

/** An unsigned LEB128 number and the position after it. */
function readNumber(bytes, position) {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[position++];
    value += (byte % 128) * scale;
    if (byte < 128) return [value, position];
  }
}

function readText(bytes, position) {
  const [length, start] = readNumber(bytes, position);
  return bytes.toString("utf8", start, start + length);
}
