/** A batch of images as a grid of cells on a canvas. */

/**
 * Lays out `count` images of `imageWidth` by `imageHeight` in a box, as large as possible.
 * @returns {{ cellWidth: number, cellHeight: number, cells: { x: number, y: number }[] }}  in whole pixels
 */
export function gridLayout({ count, imageWidth, imageHeight, width, height, gap }) {
  let best = { scale: 0, columns: 1 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const scale = Math.min(
      (width - gap * (columns - 1)) / (columns * imageWidth),
      (height - gap * (rows - 1)) / (rows * imageHeight),
    );
    if (scale >= best.scale) best = { scale, columns };
  }
  const { columns, scale } = best;
  const rows = Math.ceil(count / columns);
  const cellWidth = Math.max(1, Math.floor(scale * imageWidth));
  const cellHeight = Math.max(1, Math.floor(scale * imageHeight));
  const left = Math.floor((width - columns * cellWidth - (columns - 1) * gap) / 2);
  const top = Math.floor((height - rows * cellHeight - (rows - 1) * gap) / 2);
  const cells = Array.from({ length: count }, (_, index) => ({
    x: left + (index % columns) * (cellWidth + gap),
    y: top + Math.floor(index / columns) * (cellHeight + gap),
  }));
  return { cellWidth, cellHeight, cells };
}

/**
 * Draws a batch with rounded corners.
 * @param {CanvasRenderingContext2D} context
 * @param {ReturnType<typeof gridLayout>} layout
 * @param {{ pixels: Uint8ClampedArray, width: number, height: number }} batch  RGBA, [count, height, width, 4]
 * @param {number} radius  corner radius, in pixels of the canvas
 */
export function drawGrid(context, layout, { pixels, width, height }, radius) {
  const { cellWidth, cellHeight, cells } = layout;
  const outline = new Path2D();
  for (const { x, y } of cells) outline.roundRect(x, y, cellWidth, cellHeight, radius);
  const strip = asStrip(pixels, width, height);
  // Enlarged by an integer factor without smoothing, then scaled down smoothly to the cell, so that every pixel of the
  // sample remains a sharp square of uniform width at any cell size.
  const scale = Math.ceil(cellWidth / width);
  const enlarged = new OffscreenCanvas(scale * width, scale * height);
  const enlarging = enlarged.getContext("2d");
  enlarging.imageSmoothingEnabled = false;

  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.save();
  context.clip(outline);
  context.imageSmoothingQuality = "high";
  cells.forEach(({ x, y }, index) => {
    enlarging.drawImage(strip, 0, index * height, width, height, 0, 0, enlarged.width, enlarged.height);
    context.drawImage(enlarged, x, y, cellWidth, cellHeight);
  });
  context.restore();
}

/**
 * Draws a batch as large as possible, at the screen's resolution.
 * @param {HTMLCanvasElement} canvas  sized by CSS; nothing is drawn while its size is 0
 * @param {{ pixels: Uint8ClampedArray, width: number, height: number }} batch
 * @param {number} gap  gap between the images, in CSS pixels
 */
export function drawToFit(canvas, batch, gap) {
  const ratio = Math.min(devicePixelRatio, 3);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * ratio));
  if (width === 0 || height === 0) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const count = batch.pixels.length / (4 * batch.width * batch.height);
  const layout = gridLayout({ count, imageWidth: batch.width, imageHeight: batch.height, width, height, gap: Math.round(gap * ratio) });
  drawGrid(canvas.getContext("2d"), layout, batch, Math.min(8 * ratio, layout.cellWidth / 12));
}

/** The batch as one tall image, without copying. */
function asStrip(pixels, width, height) {
  const strip = new OffscreenCanvas(width, pixels.length / (4 * width));
  strip.getContext("2d").putImageData(new ImageData(pixels, width), 0, 0);
  return strip;
}

/** The batch as a PNG, enlarged by an integer factor to cells of at least `cellSize`. */
export function gridAsPng({ pixels, width, height }, cellSize) {
  const count = pixels.length / (4 * width * height);
  const scale = Math.max(1, Math.ceil(cellSize / Math.max(width, height)));
  const columns = Math.ceil(Math.sqrt(count));
  const gap = 2 * scale;
  const size = (cells, edge) => cells * edge * scale + (cells - 1) * gap;
  const canvas = new OffscreenCanvas(size(columns, width), size(Math.ceil(count / columns), height));
  const layout = gridLayout({ count, imageWidth: width, imageHeight: height, width: canvas.width, height: canvas.height, gap });
  drawGrid(canvas.getContext("2d"), layout, { pixels, width, height }, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** A batch of grey Gaussian noise, like the start of a run. */
export function noiseBatch(count, width, height) {
  const pixels = new Uint8ClampedArray(4 * count * width * height);
  for (let at = 0; at < pixels.length; at += 4) {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    const grey = 127.5 * (1 + radius * Math.cos(2 * Math.PI * Math.random()));
    pixels.set([grey, grey, grey, 255], at);
  }
  return { pixels, width, height };
}
