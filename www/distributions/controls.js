/** The buttons under the plot. */

import { copyLink, offerFullScreen } from "../shell/actions.js";

export class Controls {
  #part;
  #player;

  /**
   * @param {(id: string) => HTMLElement} part  returns an element by the end of its id
   * @param {import("./player.js").Player} player
   * @param {() => void} writeAddress  updates the page's address
   */
  constructor(part, player, writeAddress) {
    this.#part = part;
    this.#player = player;
    part("play").addEventListener("click", () => (player.playing ? player.pause() : player.play()));
    part("step").addEventListener("click", () => player.step());
    part("restart").addEventListener("click", () => player.restart());
    part("copy").addEventListener("click", () => {
      writeAddress();
      copyLink(part("copy"));
    });
    offerFullScreen(part("enlarge"), part("figure"));
  }

  enable() {
    for (const button of ["play", "step", "restart"]) this.#part(button).disabled = false;
  }

  /** Updates the play button. */
  show() {
    const { playing } = this.#player;
    const play = this.#part("play");
    if (play.classList.contains("playing") === playing) return;
    play.classList.toggle("playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
}
