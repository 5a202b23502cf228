/** What this browser keeps of a tab: its last training, and the points that were drawn or pasted in it. */

const DATABASE = "tweedie-points";
const TABS = "tabs";
/** A tab that was not seen for so long is forgotten. */
const KEPT = 30 * 24 * 3600 * 1000; // milliseconds
const NAME = "tweedie-points-tab";

/** @typedef {{ run?: object, own?: object }} Kept */

export class Store {
  #database;
  #tab;
  /** Writes one after another, each with the newest of what is to be kept. */
  #kept = {};
  #writing = null;

  /** @returns {Promise<Store>}  that keeps nothing where the browser does not let it */
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

  /** What was kept of this tab. @returns {Kept} */
  get kept() {
    return this.#kept;
  }

  /** Whether anything is kept at all. */
  get works() {
    return this.#database !== null;
  }

  /** Keeps a part, in place of what it was before; resolves when it is written. */
  async keep(part) {
    this.#kept = { ...this.#kept, ...part };
    if (!this.works) return;
    // What comes while a write goes on is written by the next one.
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
 * A name for this tab that outlives a reload. A duplicated tab has the session of its original: it begins with what that
 * one has kept, under a name of its own.
 * @returns {Promise<{ name: string, before: string }>}
 */
async function tabName() {
  const before = sessionStorage.getItem(NAME) ?? crypto.randomUUID();
  const name = (await claims(before)) ? before : crypto.randomUUID();
  if (name !== before) await claims(name);
  sessionStorage.setItem(NAME, name);
  return { name, before };
}

/** Whether no other open tab has this name; it is held until the tab is closed. */
function claims(name) {
  if (navigator.locks === undefined) return true;
  return new Promise((resolve) => {
    navigator.locks.request(`${NAME} ${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    });
  });
}
