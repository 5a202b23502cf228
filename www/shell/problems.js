/** Problems, each a sentence beside the control that caused it. */

/** Options of the engine that have another name on the page. */
const CONTROL_OF_OPTION = { batch: "count", classLabels: "class", guidanceScale: "guidance", useClippedModelOutput: "guidance" };
const OPTION = /\b(batch|classLabels|eta|guidanceScale|sampler|seed|solver|steps|useClippedModelOutput)\b/;

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

  /** Shows what went wrong while something ran, beside the control that the error names, or else beside Start. */
  showError(error) {
    this.show(error.place ?? controlNamedIn(error), error.message);
  }

  clear(...places) {
    for (const place of places) this.#write(place, "");
  }

  #write(place, sentence) {
    const id = `${this.#prefix}${place}-error`;
    const line = this.#root.querySelector(`#${id}`);
    if (line === null) return;
    line.hidden = sentence === "";
    line.textContent = sentence;
    this.#root.querySelector(`[aria-describedby~="${id}"]`)?.setAttribute("aria-invalid", String(sentence !== ""));
  }
}

function controlNamedIn(error) {
  const named = error.code === "invalid-option" ? error.message.match(OPTION)?.[1] : undefined;
  return named === undefined ? "run" : CONTROL_OF_OPTION[named] ?? named;
}

/** The engine's messages follow the habit of error messages: no capital letter, no full stop. */
export function asSentence(message) {
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
}
