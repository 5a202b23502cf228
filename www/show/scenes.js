/** The scenes of a lecture: links to views of the labs, kept in the browser, and all together in the link of the lecture. */

const NAME = "tweedie-scenes";
/** More scenes make a link that is too long for some programs. */
export const MAX_SCENES = 50;
/** A scene is the query and the hash of a link. */
const SCENE = /^(?:\?[^#]*)?#[a-z]+$/;

/** The scenes kept in this browser. @returns {string[]} */
export function keptScenes() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((scene) => SCENE.test(scene)).slice(0, MAX_SCENES) : [];
  } catch {
    return [];
  }
}

/** @returns {boolean}  whether the browser could keep them */
export function keepScenes(scenes) {
  try {
    localStorage.setItem(NAME, JSON.stringify(scenes));
    return true;
  } catch {
    return false;
  }
}

/** The scene of a link to a lab. */
export const sceneOf = (link) => {
  const { search, hash } = new URL(link);
  return search + hash;
};

/** Scenes as one value of a query, for `readScenes`. */
export const writeScenes = (scenes) => scenes.map((scene) => encodeURIComponent(scene).replaceAll("~", "%7E")).join("~");

/** The scenes of a value that `writeScenes` wrote; what is not a scene is left out. */
export function readScenes(text) {
  return text.split("~").map(decoded).filter((scene) => SCENE.test(scene)).slice(0, MAX_SCENES);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The address of a lecture at one of its scenes, relative to the page. */
export function lectureAddress(scenes, at) {
  const [query, hash] = scenes[at].split("#");
  const others = scenes.length > 1 ? `&scenes=${writeScenes(scenes)}` : "";
  return `${query === "" ? "?" : `${query}&`}present=${at + 1}${others}#${hash}`;
}
