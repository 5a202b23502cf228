/** The start page: what this is, a run that plays by itself, and the way to the labs. It needs no engine. */

import { drawCards } from "./home/cards.js";
import { readRecording } from "./home/recording.js";
import { Replay } from "./home/replay.js";
import { whenIdle } from "./shell/offline.js";

/** One after the other, each once. */
const RUNS = ["digits", "tiles"];
const GAP = 6; // pixels

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {() => Promise<object>} startEngine  fetches it, so that the first lab opens sooner
 */
export async function mountHome(lab, startEngine) {
  const part = (id) => lab.section.querySelector(`#home-${id}`);
  drawCards(lab.section);
  const [button, bar, words] = [part("play"), part("progress"), part("step")];
  const replay = new Replay(part("replay"), {
    gap: GAP,
    onFrame(step, steps) {
      bar.value = step / steps;
      words.textContent = `Recorded run · step ${step} of ${steps}`;
    },
  });
  const recordings = RUNS.map((name) => readRecording(name));
  const play = async () => {
    showPlaying(button, true);
    let wasStopped = false;
    button.onclick = () => {
      wasStopped = true;
      replay.stop();
    };
    for (const recording of recordings) if (!wasStopped && lab.shown) await replay.play(await recording);
    button.onclick = play;
    showPlaying(button, false);
  };
  lab.addEventListener("hide", () => replay.stop());
  try {
    const [first] = await Promise.all(recordings);
    button.disabled = false;
    button.onclick = play;
    // Who reads on is likely to open a lab.
    if (!navigator.connection?.saveData) whenIdle(startEngine);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) replay.show(first, first.steps);
    else await play();
  } catch {
    part("replay").closest("figure").hidden = true;
  }
}

function showPlaying(button, isPlaying) {
  button.classList.toggle("playing", isPlaying);
  button.setAttribute("aria-label", isPlaying ? "Stop the recorded run" : "Play the recorded run");
}
