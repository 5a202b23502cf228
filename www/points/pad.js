/** The overlay of the stage: receives pointer and key events for the brush or the draggable point. */

const WORDS = {
  brush: ["Drawing area", "Arrow keys move the brush, and Shift moves it further. Space paints points."],
  probe: ["Point in the flow", "Arrow keys move the point, and Shift moves it further."],
};

export class Pad {
  #pad;
  #hint;
  #stage;
  #tool = null;
  /** Whether the pressed pointer controls the tool; other fingers may scroll the page. */
  #isHeld = false;

  /**
   * @param {HTMLElement} root
   * @param {import("./stage.js").Stage} stage
   * @param {{ brush: import("./brush.js").Brush, probe: import("./probe.js").Probe }} tools
   */
  constructor(root, stage, { brush, probe }) {
    this.#pad = root.querySelector("#points-pad");
    this.#hint = root.querySelector("#points-pad-hint");
    this.#stage = stage;
    this.#connect({ brush, probe });
  }

  /** Offers a tool: "brush", "probe" or null. */
  offer(tool) {
    this.#tool = tool;
    this.#pad.hidden = tool === null;
    if (tool === null) return;
    const [label, hint] = WORDS[tool];
    this.#pad.setAttribute("aria-label", label);
    this.#pad.dataset.tool = tool;
    this.#hint.textContent = hint;
  }

  #connect({ brush, probe }) {
    const pad = this.#pad;
    pad.addEventListener("pointerdown", (event) => {
      this.#isHeld = event.button === 0 && (this.#tool === "brush" || event.pointerType !== "touch" || probe.isNear(event));
      if (!this.#isHeld) return;
      pad.setPointerCapture(event.pointerId);
      if (this.#tool === "brush") brush.down(event);
      else probe.drag(event);
    });
    pad.addEventListener("touchstart", (event) => this.#isHeld && event.preventDefault(), { passive: false });
    // A tap elsewhere moves the point there.
    pad.addEventListener("click", (event) => this.#tool === "probe" && !this.#isHeld && probe.drag(event));
    pad.addEventListener("pointermove", (event) => {
      if (!this.#isHeld || !pad.hasPointerCapture(event.pointerId)) return;
      if (this.#tool === "probe") return probe.drag(event);
      // A fast pointer has several positions per frame.
      for (const part of event.getCoalescedEvents?.() ?? [event]) brush.move(part);
    });
    for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => this.#tool === "brush" && brush.up());
    pad.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if ((this.#tool === "brush" ? brush : probe).key(event)) event.preventDefault();
    });
    for (const change of ["focus", "blur"]) pad.addEventListener(change, () => this.#stage.redraw());
  }
}
