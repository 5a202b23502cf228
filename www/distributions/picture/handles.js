/** What of the picture can be dragged: the envelope of rejection, and u along its axis. */

import { envelopeAt } from "./rejection.js";

/** A pointer takes hold of the envelope so many pixels from it, and of the axis of u so many pixels to its right. */
const REACH = 14;
const BESIDE = 24;

/** The c that brings the envelope to each later place of a pointer, if it takes hold of the envelope at this one; else null. */
export function envelopeHandle(scene, { upper, x: axis, top, middle }, { x, y }) {
  if (scene.envelope === null || y < top - REACH || y > middle) return null;
  const height = envelopeAt(scene, axis.valueAt(x));
  if (!(height > 0) || Math.abs(upper.at(height) - y) > REACH) return null;
  const perHeight = scene.envelope.c / height;
  return (place) => perHeight * Math.max(0, upper.valueAt(place.y));
}

/** The u at each later place of a pointer, if it takes hold of the axis of u at this one; else null. */
export function uniformHandle({ upper, left, top, middle }, { x, y }) {
  const isBeside = x < left + BESIDE && y > top - REACH && y < middle + REACH;
  return isBeside ? (place) => upper.clampedAt(place.y) : null;
}

/**
 * Follows a pointer from where it takes hold of something until it lets go.
 * @param {HTMLElement} element
 * @param {(event: PointerEvent) => ((event: PointerEvent) => void) | null} grabbed  returns what follows it
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
  // A finger that holds something does not scroll the page.
  element.addEventListener("touchstart", (event) => follow !== null && event.preventDefault(), { passive: false });
  element.addEventListener("lostpointercapture", () => (follow = null));
}
