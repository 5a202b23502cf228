/** The Share button of a lab and its menu: the link, a picture, an animation, the data, the code, and the code of an embed. */

import { html } from "../shell/element.js";
import { keepScenes, keptScenes, lectureAddress, MAX_SCENES, sceneOf } from "../show/scenes.js";
import { saveFile } from "../shell/save.js";
import { CodeDialog } from "./code-dialog.js";
import { encodeCsv } from "./csv.js";
import { iframeFor } from "./embed.js";
import { Film } from "./film.js";
import { encodeGif } from "./gif.js";
import { captioned } from "./sheet.js";
import { canRecord, recordWebm } from "./webm.js";

/** Pixels of a picture file per CSS pixel. */
const PICTURE_SCALE = 2;
const COPIED = 2000; // milliseconds
/** Distance of the menu from the edges of the window and from its button, in CSS pixels. */
const EDGE = 8;

/**
 * What a lab shares. A sentence instead of a value says why there is none.
 * @typedef {object} Content
 * @property {() => { name: string, caption: string, link: string, missing?: string }} describe  for file names and captions; `missing` is what
 *   the link does not contain
 * @property {() => { width: number, height: number, draw: (scale: number) => CanvasImageSource | Promise<CanvasImageSource> } | string} picture
 *   `width` and `height` in CSS pixels
 * @property {() => (import("./film.js").Animation | string | ((signal: AbortSignal) => Promise<import("./film.js").Animation>))} [animation]
 *   a function computes it
 * @property {() => (import("./csv.js").Table[] | string)} tables
 * @property {() => Record<string, import("./code-dialog.js").Snippet | string>} [snippets]  by language
 */

/**
 * Adds a Share button beside a button, if the browser has popovers.
 * @param {import("../shell/lab.js").Lab} lab
 * @param {HTMLButtonElement} beside  the button that copies the link
 * @param {Content} content
 * @returns {ShareMenu | null}
 */
export function offerShare(lab, beside, content) {
  return "popover" in HTMLElement.prototype ? new ShareMenu(lab, beside, content) : null;
}

class ShareMenu {
  #lab;
  #content;
  #button;
  #menu;
  #list = html("div", { class: "list" });
  #making;
  #progress = html("progress", { max: "1", value: "0", "aria-label": "Progress of the file" });
  #status = html("p", { class: "hint", role: "status" });
  #dialog;
  /** Aborts the file that is being made, or null. */
  #controller = null;

  constructor(lab, beside, content) {
    this.#lab = lab;
    this.#content = content;
    const id = `${lab.id}-share`;
    this.#button = html("button", { id: `${id}-button`, type: "button", class: "quiet share", popovertarget: `${id}-menu`, "aria-haspopup": "dialog" }, "Share");
    const cancel = html("button", { type: "button", class: "secondary" }, "Cancel");
    this.#making = html("div", { class: "making", hidden: "" }, this.#progress, cancel);
    this.#menu = html("div", { id: `${id}-menu`, class: "share-menu", popover: "", role: "dialog", "aria-label": "Share", tabindex: "-1" }, this.#list, this.#making, this.#status);
    beside.after(this.#button, this.#menu);
    if (content.snippets !== undefined) this.#dialog = new CodeDialog(lab, () => content.snippets());
    cancel.addEventListener("click", () => this.#controller?.abort());
    this.#menu.addEventListener("beforetoggle", ({ newState }) => newState === "open" && this.#build());
    this.#menu.addEventListener("toggle", ({ newState }) => newState === "open" && this.#opened());
    // Escape closes the menu only: in the lab it cancels a run.
    this.#menu.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    this.#menu.addEventListener("keydown", (event) => this.#moveFocus(event));
    for (const event of ["scroll", "resize"]) addEventListener(event, () => this.#isOpen && this.#place(), { passive: true });
    lab.addEventListener("hide", () => {
      this.#controller?.abort();
      this.#menu.hidePopover();
    });
  }

  /** Opens the menu and saves the animation of what is shown, if there is one. */
  saveAnimation() {
    if (!this.#isOpen) this.#menu.showPopover();
    const moving = this.#content.animation();
    if (typeof moving !== "string" && this.#controller === null) this.#saveFilm(moving, "gif", encodeGif);
  }

  get #isOpen() {
    return this.#menu.matches(":popover-open");
  }

  #build() {
    delete this.#menu.dataset.placed;
    const { picture, animation, tables } = this.#content;
    const [still, moving, data] = [picture(), animation?.(), tables()];
    const items = [
      this.#item("Copy link", "", () => this.#copyLink()),
      this.#item("Save picture", "PNG", still, () => this.#savePicture(still)),
    ];
    if (moving !== undefined) {
      items.push(this.#item("Save animation", "GIF", moving, () => this.#saveFilm(moving, "gif", encodeGif)));
      if (canRecord()) items.push(this.#item("Save video", "WebM", moving, () => this.#saveFilm(moving, "webm", recordWebm)));
    }
    if (typeof data === "string") items.push(this.#item("Save data", "CSV", data));
    else items.push(...data.map((table) => this.#item(`Save ${table.title}`, "CSV", table, () => this.#saveTable(table))));
    if (this.#dialog !== undefined) items.push(this.#item("Code for this…", "", () => this.#showCode()));
    items.push(this.#item("Show QR code", "", () => this.#showQr()), ...this.#lectureItems());
    items.push(this.#item("Embed", "", () => this.#embed()));
    items.push(html("p", { class: "hint" }, "Embed copies the HTML of a frame that shows only this view, for your own page."));
    this.#list.replaceChildren(...items);
    this.#status.textContent = "";
  }

  /**
   * A button of the menu.
   * @param {string} words
   * @param {string} kind  of the file, or ""
   * @param {unknown} what  a sentence if it cannot be had; may be left out
   * @param {() => void} task
   */
  #item(words, kind, what, task = what) {
    const button = html("button", { type: "button", class: "item" }, html("span", {}, words));
    if (kind !== "") button.append(" ", html("span", { class: "kind" }, kind));
    if (typeof what === "string") {
      button.setAttribute("aria-disabled", "true");
      button.append(" ", html("span", { class: "reason" }, what));
    } else {
      button.addEventListener("click", () => this.#controller === null && task());
    }
    return button;
  }

  #opened() {
    this.#place();
    this.#menu.dataset.placed = "";
    this.#list.querySelector("button").focus();
  }

  /** Arrow keys move through the menu, as Tab does. */
  #moveFocus(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const items = [...this.#list.querySelectorAll("button")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  }

  /** Above or below the button, within the window. */
  #place() {
    const button = this.#button.getBoundingClientRect();
    const { width, height } = this.#menu.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const below = button.bottom + EDGE;
    const isBelow = below + height + EDGE <= clientHeight || button.top < clientHeight - button.bottom;
    const top = isBelow ? below : button.top - EDGE - height;
    this.#menu.style.left = `${Math.max(EDGE, Math.min(button.right - width, clientWidth - width - EDGE))}px`;
    this.#menu.style.top = `${Math.max(EDGE, Math.min(top, clientHeight - height - EDGE))}px`;
  }

  // What the items do.

  async #copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(done);
    } catch {
      this.#say("The browser does not allow copying here.");
    }
  }

  #copyLink() {
    const { link, missing } = this.#content.describe();
    this.#copy(link, `Link copied${without(missing)}.`);
  }

  #embed() {
    const { caption, link, missing } = this.#content.describe();
    this.#copy(iframeFor(link, caption), `HTML of the frame copied${without(missing)}.`);
  }

  async #showQr() {
    this.#menu.hidePopover();
    const { showQr } = await import("../show/qr.js");
    await showQr(new URL(this.#content.describe().link, location.href).href);
  }

  #lectureItems() {
    const scenes = keptScenes();
    const add = this.#item("Add to lecture", `scene ${scenes.length + 1}`, scenes.length < MAX_SCENES ? () => this.#addScene() : `A lecture has at most ${MAX_SCENES} scenes.`);
    if (scenes.length === 0) return [add];
    return [
      add,
      this.#item("Present lecture", `${scenes.length} ${scenes.length === 1 ? "scene" : "scenes"}`, () => location.assign(lectureAddress(scenes, 0))),
      this.#item("Empty the lecture", "", () => this.#changeScenes([], "The lecture is empty.")),
    ];
  }

  #addScene() {
    const { link, missing } = this.#content.describe();
    const scenes = [...keptScenes(), sceneOf(new URL(link, location.href).href)];
    this.#changeScenes(scenes, `Scene ${scenes.length} added${without(missing)}.`);
  }

  #changeScenes(scenes, done) {
    const isKept = keepScenes(scenes);
    this.#build();
    this.#opened();
    this.#say(isKept ? done : "The browser does not allow the page to store data.");
  }

  #showCode() {
    this.#menu.hidePopover();
    this.#dialog.show(this.#button);
  }

  #savePicture({ width, height, draw }) {
    this.#make("png", async ({ signal }) => {
      const sheet = captioned({ width, height, scale: PICTURE_SCALE, lines: this.#lines() });
      sheet.draw(await draw(PICTURE_SCALE));
      signal.throwIfAborted();
      return new Promise((resolve) => sheet.canvas.toBlob(resolve, "image/png"));
    });
  }

  #saveFilm(animation, extension, encode) {
    this.#make(extension, async (control) => {
      const lines = this.#lines();
      const computed = typeof animation === "function" ? await animation(control.signal) : animation;
      return encode(new Film(computed, lines), control);
    });
  }

  #saveTable(table) {
    this.#make("csv", (control) => encodeCsv(table, control), table.name);
  }

  /** The lines of a caption: what is shown, and the link without its protocol. */
  #lines() {
    const { caption, link } = this.#content.describe();
    return [caption, decodeURI(link).replace(/^https?:\/\//, "")];
  }

  /** Makes a file with progress and a way to cancel, and saves it. */
  async #make(extension, task, part) {
    const { name } = this.#content.describe();
    const file = `${["tweedie", name, part].filter(Boolean).join("-")}.${extension}`;
    const controller = (this.#controller = new AbortController());
    this.#showMaking(true);
    this.#status.textContent = `Making ${file}…`;
    try {
      const onProgress = (share) => (this.#progress.value = share);
      const blob = await task({ signal: controller.signal, onProgress });
      saveFile(blob, file);
      this.#status.textContent = `Saved ${file}.`;
    } catch (error) {
      this.#status.textContent = controller.signal.aborted ? "Cancelled." : error.message;
    } finally {
      this.#controller = null;
      this.#showMaking(false);
    }
  }

  #showMaking(isMaking) {
    this.#progress.value = 0;
    // A hidden button would lose the focus.
    if (!isMaking && this.#making.contains(document.activeElement)) this.#list.querySelector("button").focus();
    this.#making.hidden = !isMaking;
    this.#list.classList.toggle("waiting", isMaking);
    if (this.#isOpen) this.#place();
  }

  #say(sentence) {
    this.#status.textContent = sentence;
    setTimeout(() => this.#status.textContent === sentence && (this.#status.textContent = ""), COPIED);
  }
}

const without = (missing) => (missing === undefined ? "" : `, without ${missing}`);
