/** Settings of the lab on memorisation and their form. */

import { DATASETS } from "../family/settings.js";
import { choice, integer } from "../shell/address.js";

export const [MIN_POINTS, MAX_POINTS] = [5, 2000];
/** Numbers of training points that the lab tries in turn. */
export const SIZES = [5, 10, 20, 50, 100, 200, 500, 1000, 2000];

export const schema = {
  data: choice("two-moons", DATASETS),
  points: integer(20, MIN_POINTS, MAX_POINTS),
  steps: integer(1000, 1, 100_000),
  seed: integer(0, 0, 2 ** 32 - 1),
};

/** The slider goes from 0 to 1; equal parts of it are equal factors of the number of points. */
export const sliderOf = (points) => Math.log(points / MIN_POINTS) / Math.log(MAX_POINTS / MIN_POINTS);
export const pointsAt = (position) => Math.round(MIN_POINTS * (MAX_POINTS / MIN_POINTS) ** position);

/** Shows the settings in the form. */
export function fillForm(form, settings) {
  for (const name of ["data", "steps", "seed"]) {
    const control = form.elements.namedItem(name);
    if (control !== null) control.value = settings[name];
  }
  const slider = form.elements.points;
  slider.value = sliderOf(settings.points);
  slider.style.setProperty("--filled", `${100 * sliderOf(settings.points)}%`);
  slider.setAttribute("aria-valuetext", `${settings.points} training points`);
  form.querySelector('output[for="memorise-points"]').value = settings.points.toLocaleString("en");
}

/**
 * Reads one control into `settings`. An invalid value leaves its setting unchanged.
 * @returns {string}  an error message, or ""
 */
export function readControl(form, settings, name) {
  const { value: written, valueAsNumber } = form.elements[name];
  const value = schema[name].read(name === "points" ? pointsAt(valueAsNumber) : written);
  if (value === undefined) return `This must be ${schema[name].expects}.`;
  settings[name] = value;
  return "";
}
