/** A QR code of a link, in a dialog. The encoder is loaded when it is first needed. */

import { html, svg } from "../shell/element.js";

/** Version 40 with the lowest error correction holds this many bytes (ISO/IEC 18004). */
export const MAX_LENGTH = 2953;
/** Width of the light border around the code, in modules (ISO/IEC 18004: 4). */
const BORDER = 4;

/** Shows a link and its code until the dialog is closed. */
export async function showQr(link) {
  const close = html("button", { type: "button", class: "secondary" }, "Close");
  const address = html("a", { href: link, class: "address" }, decodeURI(link));
  const dialog = html("dialog", { class: "qr-dialog", "aria-label": "QR code of the link" }, await pictureOf(link), address, close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  // Escape closes the dialog only.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
}

async function pictureOf(link) {
  if (link.length > MAX_LENGTH) {
    return html("p", { class: "hint" }, `This link has ${link.length.toLocaleString("en")} characters. A QR code holds at most ${MAX_LENGTH.toLocaleString("en")}.`);
  }
  const { default: qrcode } = await import("qrcode-generator");
  const code = qrcode(0, "L");
  code.addData(link);
  code.make();
  const size = code.getModuleCount();
  const dark = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) if (code.isDark(row, column)) dark.push(`M${column} ${row}h1v1h-1z`);
  }
  const whole = size + 2 * BORDER;
  return svg("svg", { viewBox: `${-BORDER} ${-BORDER} ${whole} ${whole}`, role: "img", "aria-label": "QR code of the link" },
    svg("rect", { x: -BORDER, y: -BORDER, width: whole, height: whole, fill: "#fff" }), svg("path", { d: dark.join(""), fill: "#000" }));
}
