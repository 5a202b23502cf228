/* global TWEEDIE_VERSION -- build.mjs fills it in */
/** The version of the package. */
export const version = TWEEDIE_VERSION;
