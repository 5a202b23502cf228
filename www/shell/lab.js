/** A section of the page that is shown or hidden, with its own address. Only the visible lab computes. */

import { queryOf, readAddress } from "./address.js";

/** Dispatches "show" and "hide". */
export class Lab extends EventTarget {
  #mount;
  #hash;
  #query;
  #keep;
  #shown = false;

  /**
   * @param {object} lab
   * @param {string} lab.id  id of its section, used in the address
   * @param {string} lab.title
   * @param {(lab: Lab) => void} lab.mount  sets up the section when it is first shown
   * @param {string} [lab.hash]  its hash in the address
   * @param {(query: string) => string} [lab.keep]  adds to its query what the address says about the page
   * @param {string} query  query of the link that opened it, or ""
   */
  constructor({ id, title, mount, hash = `#${id}`, keep = (query) => query }, query) {
    super();
    this.#hash = hash;
    this.#keep = keep;
    this.id = id;
    this.title = title;
    this.section = document.getElementById(id);
    this.#mount = mount;
    this.#query = query;
  }

  get shown() {
    return this.#shown;
  }

  /** Parses the lab's link with `readAddress`. */
  read(schema) {
    return readAddress(schema, this.#query);
  }

  /** Whether the lab's link has a parameter of this name. */
  names(name) {
    return new URLSearchParams(this.#query).has(name);
  }

  /** Whether the lab's link has no parameters. */
  get isDefault() {
    return this.#query === "";
  }

  /** The text of a parameter of the lab's link, or null. */
  parameter(name) {
    return new URLSearchParams(this.#query).get(name);
  }

  /** Writes `settings` to the lab's link, and to the page's address if the lab is shown. */
  write(schema, settings) {
    this.#query = queryOf(schema, settings);
    if (this.#shown) this.#writeAddress();
  }

  /** The link that opens the lab as it was written last. */
  get link() {
    return this.#addressOf(this.#query);
  }

  /** The link that opens the lab with these settings. */
  linkTo(schema, settings) {
    return new URL(this.#addressOf(queryOf(schema, settings)), location.href).href;
  }

  /** Sets what the address says about the page. */
  set keep(keep) {
    this.#keep = keep;
    if (this.#shown) this.#writeAddress();
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
   * Waits until the lab is shown or `signal` aborts; labs share one device, so only the visible lab computes.
   * Resolves to the waiting time in milliseconds.
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
    // Replaces the history entry and the query of any other lab.
    history.replaceState(null, "", this.#addressOf(this.#keep(this.#query)));
  }

  /** The full URL of the lab with this query. */
  #addressOf(query) {
    // The origin is needed because a path that starts with two slashes would be parsed as a host.
    return location.origin + location.pathname + query + this.#hash;
  }
}
