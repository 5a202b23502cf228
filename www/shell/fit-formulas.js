/** Scales formulas down to the available width, so that none is cut off on a narrow screen. */

const MIN_SCALE = 0.55;

/** Fits the formulas below `root`, now and whenever they or their containers change. */
export function fitFormulas(root) {
  const rooms = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
  const watch = () => {
    for (const math of root.querySelectorAll('math[display="block"]')) rooms.observe(math.parentElement);
  };
  watch();
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.nodeName === "math" || node.querySelector?.("math")))) watch();
  }).observe(root, { childList: true, subtree: true });
  // Their width changes when the math font has loaded.
  document.fonts?.addEventListener("loadingdone", () => root.querySelectorAll('math[display="block"]').forEach((math) => fit(math.parentElement)));
}

function fit(room) {
  const style = getComputedStyle(room);
  const width = room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  for (const math of room.querySelectorAll(':scope > math[display="block"]')) {
    math.style.fontSize = "";
    const size = math.getBoundingClientRect().width;
    if (size <= width || size === 0 || width <= 0) continue;
    // The margin of 1.5 % absorbs rounding.
    const scale = Math.max(MIN_SCALE, (0.985 * width) / size);
    math.style.fontSize = `${scale * parseFloat(getComputedStyle(math).fontSize)}px`;
  }
}
