/** Error messages, each shown next to the control that caused it. */

/** Controls whose name differs from the engine's option. */
const CONTROL_OF_OPTION = {
  batch: "count", classLabels: "class", guidanceScale: "guidance", "start.images": "startPicture", "start.strength": "strength",
};
/** An error with the name of the control next to which it is shown. */
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
   * @param {HTMLElement} root  contains an element `#<prefix><place>-error` for each place
   * @param {string} prefix  prefix of the lab's ids
   */
  constructor(root, prefix = "") {
    this.#root = root;
    this.#prefix = prefix;
  }

  /** Shows the message of each of the `places`, and clears those without one. */
  showOnly(sentences, places) {
    for (const place of places) this.#write(place, sentences[place] ?? "");
  }

  show(place, sentence) {
    this.#write(place, asSentence(sentence));
  }

  /**
   * Shows an error of a run next to the control that it names, or next to the start button.
   * @param {Error} error
   * @param {Record<string, string>} names  control names, by option, where this run uses different ones
   * @returns {string}  where the error is shown
   */
  showError(error, names = {}) {
    const option = error.place ?? controlNamedIn(error);
    const named = names[option] ?? option;
    // Some options have no control in this lab.
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
  const { option } = error;
  return option === undefined ? "run" : CONTROL_OF_OPTION[option] ?? option;
}

/** Starts with a URL, a path or a file name. */
const ADDRESS = /^\S*([/\\]|\w\.\w)/;

/** Turns an error message into a sentence: adds a capital letter, unless it starts with an address or a name, and a full stop. */
export function asSentence(message) {
  const begin = ADDRESS.test(message) ? message.charAt(0) : message.charAt(0).toUpperCase();
  return begin + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
}
