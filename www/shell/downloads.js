/** Downloads of a first visit: the engine's module and the first model, fetched in parallel and counted together. */

/** Uncompressed size of each file, in bytes; a server that compresses files does not report it. */
const SIZES = JSON.parse(document.querySelector("#sizes").textContent);

/** Dispatches "change" on progress, and when all downloads have ended. */
class Downloads extends EventTarget {
  #files = new Map();

  /** Bytes received and in total (0 if unknown), or null when nothing is downloading. */
  get state() {
    const files = [...this.#files.values()];
    if (files.length === 0) return null;
    const total = files.every((file) => file.total > 0) ? files.reduce((sum, file) => sum + file.total, 0) : 0;
    return { loaded: files.reduce((sum, file) => sum + file.loaded, 0), total };
  }

  /** Compiles a WebAssembly module while it downloads; resolves to null on failure. */
  async module(path) {
    return this.#counted([path], async (report) => {
      const response = await fetchOk(path);
      const counting = count(response.clone(), (loaded) => report(path, loaded));
      const module = await WebAssembly.compileStreaming(response);
      await counting;
      return module;
    });
  }

  /** Fetches files of a folder in parallel; resolves to their bytes by path, or to null if one fails. */
  async folder(folder, paths) {
    const addresses = paths.map((path) => `${folder}/${path}`.replace(/^\.\//, ""));
    return this.#counted(addresses, async (report) => {
      const contents = await Promise.all(addresses.map(async (address) => read(await fetchOk(address), (loaded) => report(address, loaded))));
      return Object.fromEntries(paths.map((path, index) => [path, contents[index]]));
    });
  }

  async #counted(addresses, task) {
    const begun = new Map(addresses.map((address) => [address, { loaded: 0, total: SIZES[address] ?? 0, isOver: false }]));
    for (const [address, file] of begun) this.#files.set(address, file);
    this.#changed();
    try {
      return await task((address, loaded) => {
        begun.get(address).loaded = loaded;
        this.#changed();
      });
    } catch {
      // The package then downloads it itself, and reports the error if that fails too.
      return null;
    } finally {
      for (const file of begun.values()) file.isOver = true;
      // Finished files are counted until all have finished.
      if ([...this.#files.values()].every((file) => file.isOver)) this.#files.clear();
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const downloads = new Downloads();

async function fetchOk(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  return response;
}

/** Reads a response to its end and reports the number of bytes read so far. */
async function count(response, report) {
  let loaded = 0;
  const reader = response.body.getReader();
  for (let chunk; (chunk = (await reader.read()).value) !== undefined; ) report((loaded += chunk.length));
}

async function read(response, report) {
  const counting = count(response.clone(), report);
  const bytes = new Uint8Array(await response.arrayBuffer());
  await counting;
  return bytes;
}
