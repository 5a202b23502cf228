/** Stores the state of a tab in the browser: its last training, and its drawn or pasted points. */

const DATABASE = "tweedie-points";
const TABS = "tabs";
/** The state of a tab is deleted after this time. */
const KEPT = 30 * 24 * 3600 * 1000; // milliseconds
const NAME = "tweedie-points-tab";

/** @typedef {{ run?: object, own?: object }} Kept */

export class Store {
  #database;
  #tab;
  /** The latest state. Writes are sequential, and each writes the latest state. */
  #kept = {};
  #writing = null;

  /** @returns {Promise<Store>}  a store that keeps nothing if the browser does not allow it */
  static async open() {
    const store = new Store();
    try {
      store.#database = await openDatabase();
      store.#tab = await tabName();
      store.#kept = (await store.#read(store.#tab.before)) ?? {};
      store.#forgetOld().catch(() => {});
    } catch {
      store.#database = null;
    }
    return store;
  }

  /** The stored state of this tab. @returns {Kept} */
  get kept() {
    return this.#kept;
  }

  /** Whether the browser allows storage. */
  get works() {
    return this.#database !== null;
  }

  /** Updates part of the state; resolves when it is written. */
  async keep(part) {
    this.#kept = { ...this.#kept, ...part };
    if (!this.works) return;
    // Changes during a write are written by the next one.
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    await this.#writing;
  }

  async #write() {
    let written;
    do {
      written = this.#kept;
      await this.#transact("readwrite", (tabs) => tabs.put({ ...written, seen: Date.now() }, this.#tab.name)).catch(() => {});
    } while (written !== this.#kept);
  }

  async #read(name) {
    const kept = await this.#transact("readonly", (tabs) => tabs.get(name));
    return kept && { run: kept.run, own: kept.own };
  }

  async #forgetOld() {
    await this.#transact("readwrite", (tabs) => {
      const cursor = tabs.openCursor();
      cursor.addEventListener("success", () => {
        const { result } = cursor;
        if (result === null) return;
        if (result.value.seen < Date.now() - KEPT) result.delete();
        result.continue();
      });
      return cursor;
    });
  }

  /** Resolves to the result of a request, once its transaction is complete. */
  #transact(mode, ask) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(TABS, mode);
      const request = ask(transaction.objectStore(TABS));
      transaction.addEventListener("complete", () => resolve(request.result));
      transaction.addEventListener("error", () => reject(transaction.error));
      transaction.addEventListener("abort", () => reject(transaction.error));
    });
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(TABS));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
    request.addEventListener("blocked", () => reject(new Error("another version of the page is open")));
  });
}

/**
 * A name for this tab that persists across reloads. A duplicated tab inherits the session storage of its original, so it starts with a
 * copy of that state, under a new name.
 * @returns {Promise<{ name: string, before: string }>}
 */
async function tabName() {
  const before = sessionStorage.getItem(NAME) ?? crypto.randomUUID();
  const name = (await claims(before)) ? before : crypto.randomUUID();
  if (name !== before) await claims(name);
  sessionStorage.setItem(NAME, name);
  return { name, before };
}

/** Claims a name until the tab is closed. Resolves to false if another open tab has it. */
function claims(name) {
  if (navigator.locks === undefined) return true;
  return new Promise((resolve) => {
    navigator.locks.request(`${NAME} ${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    });
  });
}
