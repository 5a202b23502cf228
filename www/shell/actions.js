/** The buttons that labs have in common. */

/** Tells by the two buttons whether something runs. */
export function showBusy(busy, { start, cancel }) {
  // A disabled button would drop the focus.
  if (!busy && document.activeElement === cancel) start.focus();
  cancel.disabled = !busy;
}

/** Copies a link, by default the page's address; the button says so for a while. */
export async function copyLink(button, copied = "Copied", link = location.href) {
  const words = "Copy link";
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = copied;
  } catch {
    button.textContent = "Copy it from the address bar";
  }
  setTimeout(() => (button.textContent = words), 2000);
}

/** A seed to show in a field: short enough to be read aloud. */
export const drawnSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;

/** Makes a button choose the CPU among the radio buttons of devices, as a click on that one would. */
export function offerCpu(button, devices) {
  button.addEventListener("click", () => {
    const cpu = [...devices].find(({ value }) => value === "cpu");
    cpu.checked = true;
    cpu.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Makes a button show a figure on the whole screen, where the browser can; it leads back too. */
export function offerFullScreen(button, figure) {
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => (document.fullscreenElement === null ? figure.requestFullscreen() : document.exitFullscreen()));
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement === figure ? "Leave full screen" : "Full screen";
  });
}
