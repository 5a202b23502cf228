/** A lab as the shell sees it: a section of the page that is shown or hidden, with its own address and its turn to work. */

import { queryOf, readAddress } from "./address.js";

/** Dispatches "show" each time the lab comes into view, and "hide" when it leaves it. */
export class Lab extends EventTarget {
  #mount;
  #hash;
  #query;
  #shown = false;

  /**
   * @param {object} lab
   * @param {string} lab.id  of its section and in the address
   * @param {string} lab.title
   * @param {(lab: Lab) => void} lab.mount  brings the section to life, when it is shown for the first time
   * @param {string} [lab.hash]  by which an address names it
   * @param {string} query  the query of the link that opened it, or ""
   */
  constructor({ id, title, mount, hash = `#${id}` }, query) {
    super();
    this.#hash = hash;
    this.id = id;
    this.title = title;
    this.section = document.getElementById(id);
    this.#mount = mount;
    this.#query = query;
  }

  get shown() {
    return this.#shown;
  }

  /** What the lab's link says, as `readAddress` does. */
  read(schema) {
    return readAddress(schema, this.#query);
  }

  /** Whether the lab's link says something of this name. */
  names(name) {
    return new URLSearchParams(this.#query).has(name);
  }

  /** Whether no link chose anything. */
  get isDefault() {
    return this.#query === "";
  }

  /** What the lab's link says under a name, unread, or null. */
  parameter(name) {
    return new URLSearchParams(this.#query).get(name);
  }

  /** Makes `settings` the lab's link; the page's address is that of the lab that is shown. */
  write(schema, settings) {
    this.#query = queryOf(schema, settings);
    if (this.#shown) this.#writeAddress();
  }

  /** The link that opens the lab with these settings. */
  linkTo(schema, settings) {
    return new URL(this.#addressOf(queryOf(schema, settings)), location.href).href;
  }

  show() {
    if (this.#shown) return;
    this.#shown = true;
    this.section.hidden = false;
    this.#mount?.(this);
    this.#mount = null;
    this.#writeAddress();
    this.dispatchEvent(new Event("show"));
  }

  hide() {
    const wasShown = this.#shown;
    this.#shown = false;
    this.section.hidden = true;
    if (wasShown) this.dispatchEvent(new Event("hide"));
  }

  /**
   * Labs share one device, so that only the one that is shown may compute. Resolves at once while it is, else
   * when it is shown again or `signal` aborts; to the milliseconds that this took.
   */
  async turn(signal) {
    if (this.#shown || signal.aborted) return 0;
    const began = performance.now();
    await new Promise((resolve) => {
      this.addEventListener("show", resolve, { once: true, signal });
      signal.addEventListener("abort", resolve, { once: true });
    });
    return performance.now() - began;
  }

  #writeAddress() {
    // Without a new entry in the history, and without what another lab had there.
    history.replaceState(null, "", this.#addressOf(this.#query));
  }

  /** A link without a query names its lab, since it says nothing else. */
  #addressOf(query) {
    // With its origin: a path that begins with two slashes would be taken for another host.
    return location.origin + location.pathname + query + this.#hash;
  }
}
