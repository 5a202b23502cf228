/** Editors of targets that need more than fixed sliders: mixture, drawing and bars. */

import { Columns } from "./columns.js";
import { Components } from "./components.js";
import { Pad } from "./pad.js";
import { OUTCOMES, schema } from "./settings.js";
import { KNOTS } from "./targets.js";
import { writeComponents, writeHeights } from "./written.js";

export class Editors {
  /**
   * @param {(id: string) => HTMLElement} part  returns an element by the end of its id
   * @param {object} settings  settings that the editors show and change
   * @param {(name: string) => void} onChange  called with the name of the changed setting
   */
  constructor(part, settings, onChange) {
    const edits = (name, write) => () => {
      settings[name] = write();
      onChange(name);
    };
    const components = new Components(part("components"), part("add-component"), edits("components", () => writeComponents(components.value)));
    const pad = new Pad(part("pad"), KNOTS, edits("drawing", () => writeHeights(pad.value)));
    const columns = new Columns(part("weights"), {
      add: part("add-outcome"), drop: part("drop-outcome"), limits: OUTCOMES, onChange: edits("weights", () => columns.value.join(",")),
    });
    components.value = schema.components.parse(settings.components);
    pad.value = schema.drawing.parse(settings.drawing);
    columns.value = schema.weights.parse(settings.weights);
    part("smooth").addEventListener("click", () => pad.smooth());
    part("clear").addEventListener("click", () => pad.clear());
  }
}
