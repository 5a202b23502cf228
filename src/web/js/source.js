import { FOLDER, folderAddress } from "./address.js";
import { openCache } from "./cache.js";
import { contentsByPath, localSource } from "./contents.js";
import { download, exists } from "./download.js";
import { invalidOption } from "./errors.js";

/**
 * Opens a checkpoint wherever it lies. The result reads files by their path inside the checkpoint.
 *
 * @param source Hub id, address of a folder, files, or contents by path
 * @param {{ revision?: string, endpoint?: string, cache?: boolean | string, signal?: AbortSignal, onProgress?: Function }} [options]
 */
export async function openSource(
  source,
  {
    revision = "main",
    endpoint = "https://huggingface.co",
    cache = true,
    signal,
    onProgress = () => {},
  } = {},
) {
  checkOptions({ revision, endpoint, cache });
  if (typeof source === "string" || source instanceof URL) {
    const folder = folderAddress(String(source), { revision, endpoint });
    return networkSource(folder, { cache: await openCache(cache), signal, onProgress });
  }
  return localSource(contentsByPath(source), { signal, onProgress });
}

function networkSource(folder, { cache, signal, onProgress }) {
  let sawHtml = false;
  const address = (path) => {
    const url = new URL(path, folder);
    url.search = folder.search; // a signed address keeps its signature
    return url.href;
  };
  return {
    name: folder.href,
    async read(path) {
      const answer = await download(address(path), { file: path, cache, signal, onProgress });
      sawHtml ||= answer.absent === "html";
      return answer.bytes;
    },
    has: (path) => exists(address(path), signal),
    hint: () => (sawHtml ? "; the server answered with an HTML page instead: is the address right?" : ""),
  };
}

function checkOptions({ revision, endpoint, cache }) {
  if (typeof revision !== "string" || revision === "")
    throw invalidOption("revision", "a branch, tag or commit", revision);
  if (!(typeof endpoint === "string" && FOLDER.test(endpoint)))
    throw invalidOption("endpoint", "the address of a Hub", endpoint);
  if (typeof cache !== "boolean" && (typeof cache !== "string" || cache === ""))
    throw invalidOption("cache", "true, false or a name", cache);
}
