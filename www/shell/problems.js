/** Problems, each a sentence beside the control that caused it. */

/** Options of the engine that have another name on the page. */
const CONTROL_OF_OPTION = {
  batch: "count", classLabels: "class", guidanceScale: "guidance", "start.images": "startPicture", "start.strength": "strength",
};
/** How the engine's messages about an option begin. */
const OPTION = /^([\w.]+) (?:must be|=)/;

/** An error with the name of the control that it is shown beside. */
export class PlacedError extends Error {
  constructor(place, cause) {
    super(cause.message, { cause });
    this.place = place;
  }
}

export class Problems {
  #root;
  #prefix;

  /**
   * @param {HTMLElement} root  holds a line `#<prefix><place>-error` for each place
   * @param {string} prefix  of the lab's ids
   */
  constructor(root, prefix = "") {
    this.#root = root;
    this.#prefix = prefix;
  }

  /** Shows the sentence that each of the `places` has, and clears the places that have none. */
  showOnly(sentences, places) {
    for (const place of places) this.#write(place, sentences[place] ?? "");
  }

  show(place, sentence) {
    this.#write(place, asSentence(sentence));
  }

  /**
   * Shows what went wrong while something ran, beside the control that the error names, or else beside Start.
   * @param {Error} error
   * @param {Record<string, string>} names  of the controls of options that have others in what ran
   * @returns {string}  the place
   */
  showError(error, names = {}) {
    const option = error.place ?? controlNamedIn(error);
    const named = names[option] ?? option;
    // The option may be one that has no control here.
    const place = this.#lineOf(named) === null ? "run" : named;
    this.show(place, error.message);
    return place;
  }

  clear(...places) {
    for (const place of places) this.#write(place, "");
  }

  #lineOf(place) {
    return this.#root.querySelector(`#${this.#prefix}${place}-error`);
  }

  #write(place, sentence) {
    const line = this.#lineOf(place);
    if (line === null) return;
    line.hidden = sentence === "";
    line.textContent = sentence;
    const fold = sentence === "" ? null : line.closest("details");
    if (fold !== null) fold.open = true;
    this.#root.querySelector(`[aria-describedby~="${line.id}"]`)?.setAttribute("aria-invalid", String(sentence !== ""));
  }
}

function controlNamedIn(error) {
  const named = ["invalid-option", "unsupported"].includes(error.code) ? error.message.match(OPTION)?.[1] : undefined;
  return named === undefined ? "run" : CONTROL_OF_OPTION[named] ?? named;
}

/** An address, a path or the name of a file. */
const ADDRESS = /^\S*([/\\]|\w\.\w)/;

/** The engine's messages follow the habit of error messages: no capital letter, no full stop. What begins with an address keeps its first letter. */
export function asSentence(message) {
  const begin = ADDRESS.test(message) ? message.charAt(0) : message.charAt(0).toUpperCase();
  return begin + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
}
