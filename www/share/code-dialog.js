/** A dialog with the code that computes what a lab shows, in several languages. */

import { html } from "../shell/element.js";

const TITLES = { javascript: "JavaScript", python: "Python", rust: "Rust" };
const COPIED = 2000; // milliseconds

/**
 * @typedef {object} Snippet
 * @property {string} code
 * @property {string} install  what must be installed first, as a command or a sentence
 * @property {string} [note]  what the code does not contain
 */

export class CodeDialog {
  #snippets;
  #current = {};
  #language = "javascript";
  #tabs = html("div", { role: "tablist", "aria-label": "Language", class: "segments" });
  #install = html("p", { class: "hint install" });
  #code = html("code", {});
  #text;
  #note = html("p", { class: "hint" });
  #copy = html("button", { type: "button", class: "primary" }, "Copy");
  #panel;
  #dialog;

  /**
   * @param {import("../shell/lab.js").Lab} lab
   * @param {() => Record<string, Snippet | string>} snippets  by language; a sentence says why there is none
   */
  constructor(lab, snippets) {
    this.#snippets = snippets;
    const id = `${lab.id}-code`;
    this.#text = html("pre", { tabindex: "0", "aria-label": "Code" }, this.#code);
    this.#panel = html("div", { id: `${id}-panel`, role: "tabpanel" }, this.#install, this.#text, this.#note);
    const close = html("button", { type: "button", class: "secondary" }, "Close");
    this.#dialog = html("dialog", { class: "code-dialog", "aria-labelledby": `${id}-title` },
      html("h2", { id: `${id}-title` }, "Code for this"), this.#tabs, this.#panel, html("div", { class: "beside" }, this.#copy, close));
    lab.section.append(this.#dialog);
    close.addEventListener("click", () => this.#dialog.close());
    this.#copy.addEventListener("click", () => this.#copyCode());
    this.#tabs.addEventListener("keydown", (event) => this.#moveTab(event));
    // Escape closes the dialog only: in the lab it cancels a run.
    this.#dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    // A click outside of the dialog's box has the dialog as its target.
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  /** @param {HTMLElement} opener  gets the focus back */
  show(opener) {
    this.#current = this.#snippets();
    if (!(this.#language in this.#current)) [this.#language] = Object.keys(this.#current);
    this.#tabs.replaceChildren(...Object.keys(this.#current).map((language) => {
      const id = `${this.#panel.id}-${language}`;
      const tab = html("button", { id, type: "button", role: "tab", "aria-controls": this.#panel.id, "data-language": language }, TITLES[language]);
      tab.addEventListener("click", () => this.#choose(language));
      return tab;
    }));
    this.#choose(this.#language);
    this.#dialog.showModal();
    this.#dialog.addEventListener("close", () => opener.focus(), { once: true });
  }

  #choose(language) {
    this.#language = language;
    for (const tab of this.#tabs.children) {
      const isChosen = tab.dataset.language === language;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) this.#panel.setAttribute("aria-labelledby", tab.id);
    }
    const snippet = this.#current[language];
    const isThere = typeof snippet !== "string";
    this.#code.textContent = isThere ? snippet.code : "";
    this.#install.textContent = isThere ? snippet.install : "";
    this.#note.textContent = isThere ? (snippet.note ?? "") : snippet;
    for (const part of [this.#install, this.#text, this.#copy]) part.hidden = !isThere;
    this.#text.scrollTop = 0;
  }

  #moveTab({ key }) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    const tabs = [...this.#tabs.children];
    const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
    next.focus();
    this.#choose(next.dataset.language);
  }

  async #copyCode() {
    try {
      await navigator.clipboard.writeText(this.#code.textContent);
      this.#copy.textContent = "Copied";
    } catch {
      this.#copy.textContent = "Cannot copy here";
    }
    setTimeout(() => (this.#copy.textContent = "Copy"), COPIED);
  }
}
