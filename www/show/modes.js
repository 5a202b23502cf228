/**
 * What a link says about the page rather than about a lab: `tour=3` for a step of the guided tour, `present=2` for a scene of a lecture, and
 * `scenes` for the links of that lecture.
 */

import { readScenes } from "./scenes.js";
import { TOUR } from "./tour-steps.js";

const NAMES = ["tour", "present", "scenes"];

/**
 * @typedef {object} Modes
 * @property {string} query  the query without them
 * @property {number | null} tour  step of the tour, from 1
 * @property {{ at: number, scenes: string[] } | null} lecture  the scene that is shown, from 0, and all links; without scenes there is only the view
 * @property {(query: string) => string} keep  adds them to the query of a lab
 */

/** @returns {Modes} */
export function readModes(search) {
  const parts = search.replace(/^\?/, "").split("&").filter((part) => part !== "");
  const nameOf = (part) => part.split("=")[0];
  const kept = parts.filter((part) => NAMES.includes(nameOf(part)));
  const own = parts.filter((part) => !NAMES.includes(nameOf(part)));
  const values = Object.fromEntries(kept.map((part) => [nameOf(part), part.slice(nameOf(part).length + 1)]));
  const step = Number(values.tour);
  const isStep = Number.isInteger(step) && step >= 1 && step <= TOUR.length;
  return {
    query: joined(own),
    tour: isStep ? step : null,
    lecture: "present" in values && !isStep ? lectureOf(values) : null,
    keep: (query) => joined([...query.replace(/^\?/, "").split("&"), ...kept].filter((part) => part !== "")),
  };
}

const joined = (parts) => (parts.length === 0 ? "" : `?${parts.join("&")}`);

function lectureOf({ present, scenes = "" }) {
  const all = readScenes(scenes);
  const at = Number(present || 1) - 1;
  return { scenes: all, at: Number.isInteger(at) && at >= 0 && at < all.length ? at : 0 };
}
