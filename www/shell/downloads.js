/** What a first visit downloads: the engine's module and the model that the page opens with, side by side, counted together. */

/** Bytes of each file by its address in the page, which a server that compresses on the way does not tell. */
const SIZES = JSON.parse(document.querySelector("#sizes").textContent);

/** Dispatches "change" while something arrives, and once all that was begun is there or has failed. */
class Downloads extends EventTarget {
  #files = new Map();

  /** Bytes that have arrived, and bytes in all, 0 where that is not known; null when nothing is on its way. */
  get state() {
    const files = [...this.#files.values()];
    if (files.length === 0) return null;
    const total = files.every((file) => file.total > 0) ? files.reduce((sum, file) => sum + file.total, 0) : 0;
    return { loaded: files.reduce((sum, file) => sum + file.loaded, 0), total };
  }

  /** Compiles a WebAssembly module while it arrives, or resolves to null where that fails. */
  async module(path) {
    return this.#counted([path], async (report) => {
      const response = await fetchOk(path);
      const counting = count(response.clone(), (loaded) => report(path, loaded));
      const module = await WebAssembly.compileStreaming(response);
      await counting;
      return module;
    });
  }

  /** The bytes of files of a folder by their paths, all fetched at once, or null where one fails. */
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
      // The package downloads it by itself then, and says what is wrong if that fails too.
      return null;
    } finally {
      for (const file of begun.values()) file.isOver = true;
      // What has arrived counts until everything has.
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

/** Reads a response to its end, and tells how far it is. */
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
