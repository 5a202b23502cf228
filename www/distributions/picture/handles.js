/** Draggable parts of the plot: the envelope, and u along its axis. */

import { envelopeAt } from "./rejection.js";

/** Distance in pixels at which a pointer grabs the envelope, and to the right of the u axis. */
const REACH = 14;
const BESIDE = 24;

/** If the pointer grabs the envelope here, returns a function from later positions to c; else null. */
export function envelopeHandle(scene, { upper, x: axis, top, middle }, { x, y }) {
  if (scene.envelope === null || y < top - REACH || y > middle) return null;
  const height = envelopeAt(scene, axis.valueAt(x));
  if (!(height > 0) || Math.abs(upper.at(height) - y) > REACH) return null;
  const perHeight = scene.envelope.c / height;
  return (place) => perHeight * Math.max(0, upper.valueAt(place.y));
}

/** If the pointer grabs the u axis here, returns a function from later positions to u; else null. */
export function uniformHandle({ upper, left, top, middle }, { x, y }) {
  const isBeside = x < left + BESIDE && y > top - REACH && y < middle + REACH;
  return isBeside ? (place) => upper.clampedAt(place.y) : null;
}

/**
 * Tracks a pointer from grab to release.
 * @param {HTMLElement} element
 * @param {(event: PointerEvent) => ((event: PointerEvent) => void) | null} grabbed  returns the function that handles its moves
 */
export function dragged(element, grabbed) {
  let follow = null;
  element.addEventListener("pointerdown", (event) => {
    follow = event.button === 0 ? grabbed(event) : null;
    if (follow === null) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    follow(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (follow !== null) follow(event);
    else element.style.cursor = grabbed(event) === null ? "" : "ns-resize";
  });
  // A finger that drags something must not scroll the page.
  element.addEventListener("touchstart", (event) => follow !== null && event.preventDefault(), { passive: false });
  element.addEventListener("lostpointercapture", () => (follow = null));
}
