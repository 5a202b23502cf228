/** The badge in the header that shows the device in use. */

const NAMES = { webgpu: "WebGPU", cpu: "CPU" };

/** @param {{ kind: "webgpu" | "cpu", description: string }} device */
export function showDevice({ kind, description }) {
  const name = NAMES[kind];
  const rest = description.replace(new RegExp(`^${name}[\\s:·-]*`, "i"), "").replace(/^\((.*)\)$/, "$1");
  badge(kind, rest === "" ? name : `${name} · ${rest}`);
}

export function showNoDevice(sentence) {
  badge("none", sentence);
}

function badge(kind, sentence) {
  const element = document.querySelector("#device-badge");
  element.dataset.kind = kind;
  element.title = sentence;
  document.querySelector("#device-name").textContent = sentence;
}
