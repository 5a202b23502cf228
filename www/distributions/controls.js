/** The buttons under the picture. */

import { copyLink, offerFullScreen } from "../shell/actions.js";

export class Controls {
  #part;
  #player;

  /**
   * @param {(id: string) => HTMLElement} part  of the page, by the end of its id
   * @param {import("./player.js").Player} player
   * @param {() => void} writeAddress  brings the page's address up to date
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

  /** Shows whether the player plays. */
  show() {
    const { playing } = this.#player;
    const play = this.#part("play");
    if (play.classList.contains("playing") === playing) return;
    play.classList.toggle("playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
}
