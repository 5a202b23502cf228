/** Reproducible random numbers for pictures; the engine has its own generator. */

/**
 * Mulberry32 of Tommy Ettinger.
 * @param {number} seed
 * @returns {() => number}  uniform in [0, 1)
 */
export function randomsFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
