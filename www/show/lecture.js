/** Lecture mode: one view in large type, without controls, and keys that go through the scenes. */

import { html } from "../shell/element.js";
import { lectureAddress } from "./scenes.js";

const MOVES = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

/**
 * @param {{ at: number, scenes: string[] }} lecture
 * @param {() => import("../shell/lab.js").Lab} shown  the lab that is shown
 */
export function showLecture({ at, scenes }, shown) {
  const root = document.documentElement;
  root.dataset.present = "";
  const go = (to) => scenes[to] !== undefined && location.assign(lectureAddress(scenes, to));
  const showCode = async () => (await import("./qr.js")).showQr(new URL(shown().link, location.href).href);
  const leave = () => location.assign(shown().link);
  const toggle = () => controls.setAttribute("aria-pressed", String(root.toggleAttribute("data-controls")));
  const button = (words, key, task, attributes = {}) => {
    const element = html("button", { type: "button", class: "quiet", ...attributes }, words, ...(key === "" ? [] : [html("kbd", {}, key)]));
    element.addEventListener("click", task);
    return element;
  };
  const controls = button("Controls", "C", toggle, { "aria-pressed": "false" });
  const ways = scenes.length < 2 ? [] : [
    button("←", "", () => go(at - 1), { "aria-label": "Previous scene", ...(at === 0 && { disabled: "" }) }),
    html("span", { class: "figures" }, `${at + 1} / ${scenes.length}`),
    button("→", "", () => go(at + 1), { "aria-label": "Next scene", ...(at === scenes.length - 1 && { disabled: "" }) }),
  ];
  document.body.append(html("nav", { class: "lecture-bar", "aria-label": "Lecture" }, ...ways, controls, button("QR code", "Q", showCode), button("Leave", "Esc", leave)));
  const tasks = { c: toggle, q: showCode, Escape: leave };
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(":popover-open, dialog[open]") !== null || document.fullscreenElement !== null && key === "Escape") return;
    if (target.closest?.("input:not([type=radio]), textarea, select, [role=application]")) return;
    const task = key in MOVES ? () => go(at + MOVES[key]) : tasks[key];
    if (task === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    task();
  }, { capture: true });
}
