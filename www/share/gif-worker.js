/** A worker that encodes the frames of an animation as a GIF, one message per frame. */

import { applyPalette, GIFEncoder, quantize } from "gifenc";

/** Colours of the palette; one more index stands for pixels that are the same as in the previous frame. */
const COLORS = 255;
const UNCHANGED = 255;

let encoder = null;
let palette = null;
let previous = null;

const TASKS = {
  /** Chooses one palette for all frames, from the pixels of some of them. */
  begin({ pixels }) {
    encoder = GIFEncoder();
    // The table needs an entry for the index of unchanged pixels.
    palette = quantize(pixels, COLORS).slice(0, COLORS);
    while (palette.length < COLORS + 1) palette.push([0, 0, 0]);
    previous = null;
  },

  frame({ pixels, width, height, delay }) {
    const colors = applyPalette(pixels, palette.slice(0, COLORS));
    const changes = previous === null ? colors : colors.map((color, index) => (color === previous[index] ? UNCHANGED : color));
    encoder.writeFrame(changes, width, height, {
      delay, dispose: 1, transparent: previous !== null, transparentIndex: UNCHANGED, ...(previous === null && { palette }),
    });
    previous = colors;
  },

  end() {
    encoder.finish();
    return encoder.bytes();
  },
};

addEventListener("message", ({ data: { task, ...values } }) => {
  const bytes = TASKS[task](values);
  postMessage(bytes ?? null, bytes === undefined ? [] : [bytes.buffer]);
});
