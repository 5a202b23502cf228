/** Folders that the user drops on the page or selects in a dialog, as `{ path: File }`. */

/**
 * Accepts folders dropped anywhere on the page, and shows `veil` while one hovers over it.
 * @param {(files: Record<string, File>) => void} onFolder
 */
export function acceptDroppedFolders(veil, onFolder) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  // Entering a child leaves its parent, so enters and leaves are counted.
  let depth = 0;
  const hover = (change) => {
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && hover(+1));
  addEventListener("dragleave", (event) => carriesFiles(event) && hover(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    // A lab may have handled the drop already.
    const isTaken = event.defaultPrevented;
    event.preventDefault();
    hover(-depth);
    if (isTaken) return;
    onFolder(await droppedFiles(event.dataTransfer));
  });
}

/** The files of an `<input type="file" webkitdirectory>`. */
export function chosenFiles(input) {
  return Object.fromEntries([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
}

async function droppedFiles(transfer) {
  // Both must be taken before the first await, which empties the transfer.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const loose = [...transfer.files];
  if (entries.length === 0) return Object.fromEntries(loose.map((file) => [file.name, file]));
  const files = {};
  for (const entry of entries) await collect(entry, files);
  return files;
}

async function collect(entry, files) {
  if (entry.isFile) {
    files[entry.fullPath.replace(/^\//, "")] = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return;
  }
  const reader = entry.createReader();
  // A reader returns its entries in batches; an empty batch marks the end.
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return;
    for (const child of portion) await collect(child, files);
  }
}
