/** A lab's view alone, for a frame in another page: `?embed` in the link. */

import { html } from "../shell/element.js";

const PARAMETER = "embed";
const SIZE = { width: 720, height: 640 }; // CSS pixels

/** Whether the page is embedded, and its query without the parameter that says so. */
export function readEmbed(search) {
  const parameters = search.replace(/^\?/, "").split("&").filter((part) => part !== "");
  const others = parameters.filter((part) => part.split("=")[0] !== PARAMETER);
  return { isEmbedded: others.length < parameters.length, query: others.length === 0 ? "" : `?${others.join("&")}` };
}

/** The query that embeds a lab with these settings. */
export const embeddedQuery = (query) => (query === "" ? `?${PARAMETER}` : `?${PARAMETER}&${query.slice(1)}`);

/** The HTML of a frame that shows a lab's view. */
export function iframeFor(link, title) {
  const address = new URL(link);
  address.search = embeddedQuery(address.search);
  const attributes = { src: address.href, title, width: SIZE.width, height: SIZE.height, style: "border: 0; max-width: 100%", loading: "lazy", allow: "fullscreen" };
  return `<iframe ${Object.entries(attributes).map(([name, value]) => `${name}="${escaped(value)}"`).join(" ")}></iframe>`;
}

const escaped = (value) => String(value).replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/**
 * Shows only the lab's view, with a link to the page.
 * @param {import("../shell/lab.js").Lab[]} labs
 */
export function showEmbedded(labs) {
  document.documentElement.dataset.embed = "";
  const link = html("a", { class: "open-in-tweedie", target: "_blank", rel: "noopener" }, "Open in Tweedie");
  const follow = () => (link.href = labs.find(({ shown }) => shown).link);
  for (const event of ["pointerdown", "focus"]) link.addEventListener(event, follow);
  follow();
  document.body.append(link);
}
