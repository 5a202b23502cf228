/** Buttons shared by the labs. */

/** Updates the start and cancel buttons for a running or idle lab. */
export function showBusy(busy, { start, cancel }) {
  // A disabled button would lose the focus.
  if (!busy && document.activeElement === cancel) start.focus();
  cancel.disabled = !busy;
}

/** Copies a link, by default the page's address, and confirms it on the button for two seconds. */
export async function copyLink(button, copied = "Copied", link = location.href) {
  const words = "Copy link";
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = copied;
  } catch {
    button.textContent = "Copy the address bar instead";
  }
  setTimeout(() => (button.textContent = words), 2000);
}

/** A random seed of at most six digits, which is easy to read aloud. */
export const drawnSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;

/** Makes a button select "CPU" among the device radio buttons. */
export function offerCpu(button, devices) {
  button.addEventListener("click", () => {
    const cpu = [...devices].find(({ value }) => value === "cpu");
    cpu.checked = true;
    cpu.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Makes a button toggle full screen for a figure, if the browser supports it. */
export function offerFullScreen(button, figure) {
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => (document.fullscreenElement === null ? figure.requestFullscreen() : document.exitFullscreen()));
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement === figure ? "Exit full screen" : "Full screen";
  });
}
