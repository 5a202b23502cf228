/** The start page: an introduction, a recorded run and links to the labs. It does not need the engine. */

import { drawCards } from "./home/cards.js";
import { readRecording } from "./home/recording.js";
import { Replay } from "./home/replay.js";
import { whenIdle } from "./shell/offline.js";

/** Recordings, each played once. */
const RUNS = ["digits", "tiles"];
const GAP = 6; // CSS pixels

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {() => Promise<object>} startEngine  fetches the engine, so that the first lab opens sooner
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
    // A visitor who stays on this page is likely to open a lab.
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
