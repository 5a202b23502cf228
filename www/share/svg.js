/** An SVG of the page as an image, with the styles that it has there. */

/** Properties that the plots use. */
const PROPERTIES = [
  "display", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity", "paint-order",
  "font-family", "font-size", "font-style", "font-weight", "text-anchor", "dominant-baseline", "visibility",
];

/**
 * @param {SVGSVGElement} element  as it is shown
 * @param {number} scale  pixels of the image per CSS pixel
 * @returns {Promise<HTMLImageElement>}
 */
export async function svgAsImage(element, scale) {
  const copy = element.cloneNode(true);
  const [originals, copies] = [element, copy].map((svg) => [svg, ...svg.querySelectorAll("*")]);
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    // Attributes, because the page's policy forbids inline styles.
    for (const property of PROPERTIES) copies[index].setAttribute(property, style.getPropertyValue(property));
    copies[index].removeAttribute("style");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", element.clientWidth * scale);
  copy.setAttribute("height", element.clientHeight * scale);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
