/** Colour maps with monotonic lightness, so that values can be distinguished without hues. */

/** Number of colours in a map. */
export const SHADES = 256;

/**
 * A perceptually even ramp through colours, interpolated in OKLab.
 * @param {string[]} colors  in the format of `getComputedStyle`: `rgb(…)`
 * @returns {Uint32Array}  `SHADES` opaque pixels in the memory layout of `ImageData`
 */
export function rampOf(colors) {
  const stops = colors.map((color) => labOf(channelsOf(color)));
  return Uint32Array.from({ length: SHADES }, (_, index) => {
    const at = ((stops.length - 1) * index) / (SHADES - 1);
    const below = Math.min(Math.floor(at), stops.length - 2);
    const [from, to] = [stops[below], stops[below + 1]];
    const [red, green, blue] = rgbOf(from.map((value, axis) => value + (to[axis] - value) * (at - below)));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** Red, green and blue of `rgb(…)` or `rgba(…)`, from 0 to 255. */
export function channelsOf(color) {
  return color.match(/[\d.]+/g).slice(0, 3).map(Number);
}

/** Perceived lightness of a colour, from 0 to 1. */
export const lightnessOf = (channels) => labOf(channels)[0];

// The matrices of OKLab: Björn Ottosson, "A perceptual color space for image processing", 2020.

/** OKLab of red, green and blue. */
function labOf(channels) {
  const [red, green, blue] = channels.map((value) => linear(value / 255));
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

/** Red, green and blue of an OKLab colour, as integers from 0 to 255. */
function rgbOf([lightness, a, b]) {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ].map((value) => Math.round(255 * encoded(Math.min(1, Math.max(0, value)))));
}

// IEC 61966-2-1, sRGB.
const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const encoded = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
