/** Makes formulas as large as they fit: on a narrow screen a long one is set smaller, so that nothing of it is cut off. */

const MIN_SCALE = 0.55;

/** Fits the formulas below `root`, by now and whenever they or the room for them change. */
export function fitFormulas(root) {
  const rooms = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
  const watch = () => {
    for (const math of root.querySelectorAll('math[display="block"]')) rooms.observe(math.parentElement);
  };
  watch();
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.nodeName === "math" || node.querySelector?.("math")))) watch();
  }).observe(root, { childList: true, subtree: true });
  // They are wider or narrower once their font is there.
  document.fonts?.addEventListener("loadingdone", () => root.querySelectorAll('math[display="block"]').forEach((math) => fit(math.parentElement)));
}

function fit(room) {
  const style = getComputedStyle(room);
  const width = room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  for (const math of room.querySelectorAll(':scope > math[display="block"]')) {
    math.style.fontSize = "";
    const size = math.getBoundingClientRect().width;
    if (size <= width || size === 0 || width <= 0) continue;
    // Rounding must not make it too wide again.
    const share = Math.max(MIN_SCALE, (0.985 * width) / size);
    math.style.fontSize = `${share * parseFloat(getComputedStyle(math).fontSize)}px`;
  }
}
