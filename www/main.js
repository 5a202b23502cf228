/** The shell: lists the labs, shows the one that the address names, and fetches each when it is opened for the first time. */

import { mountHome } from "./home.js";
import { playUntilDrawn } from "./home/replay.js";
import { showArrival } from "./shell/arrival.js";
import { fetchModel, startEngine } from "./shell/engine.js";
import { fitFormulas } from "./shell/fit-formulas.js";
import { explainTerms } from "./shell/glossary.js";
import { Lab } from "./shell/lab.js";
import { SHIPPED_MODELS } from "./shell/shipped-models.js";

/** Each lab has a section of the page under its id. A new one is a line here, a section, and a module of its own. */
const LABS = [
  { id: "images", title: "Images", mount: async (lab, engine) => (await import("./images.js")).mountImages(lab, engine), showsModel: true, meanwhile: playUntilDrawn },
  { id: "compare", title: "Compare", mount: async (lab, engine) => (await import("./compare.js")).mountCompare(lab, engine), showsModel: true },
  { id: "distributions", title: "Distributions", mount: async (lab, engine) => (await import("./distributions.js")).mountDistributions(lab, engine) },
  { id: "points", title: "Diffusion in 2-D", mount: async (lab, engine) => (await import("./points.js")).mountPoints(lab, engine) },
];

const HOME = { id: "home", hash: "", title: "Tweedie: diffusion models in your browser", mount: (lab) => mountHome(lab, startEngine) };

/** The section that the address names; a link without one leads to the images, which were all there was when the first links were sent. */
function named(sections) {
  const { hash, search } = location;
  return sections.find(({ id }) => `#${id}` === hash) ?? sections.find(({ id }) => id === (search === "" ? "home" : "images"));
}

/** The query is meant for the lab that the address names; the others begin with their defaults. */
const sections = [HOME, ...LABS.map((lab) => ({ ...lab, mount: mounting(lab) }))];
const labs = sections.map((section) => new Lab(section, section === named(sections) ? location.search : ""));

/** What happens when a lab is opened for the first time: all that it needs is on its way at once. */
function mounting({ mount, showsModel = false, meanwhile = async () => {} }) {
  return async (lab) => {
    const [mounted, isPlaying] = [mount(lab, startEngine()), meanwhile(lab)];
    showArrival(lab.section);
    await isPlaying;
    if (showsModel) fetchModel(lab.parameter("model") ?? SHIPPED_MODELS[0].name);
    await mounted;
  };
}

function showNamed() {
  const shown = named(labs);
  for (const lab of labs) if (lab !== shown) lab.hide();
  shown.show();
  document.title = shown.id === HOME.id ? HOME.title : `${shown.title} · Tweedie`;
  document.querySelector(".skip").hash = shown.id;
  for (const tab of document.querySelectorAll("#tabs a, .brand")) {
    if (tab.hash === `#${shown.id}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  // Where not all tabs fit.
  document.querySelector("#tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function listLabs() {
  const tabs = document.querySelector("#tabs");
  tabs.hidden = false;
  const tab = ({ id, title }) => Object.assign(document.createElement("a"), { href: `#${id}`, textContent: title });
  tabs.replaceChildren(...LABS.map(tab));
}

function navigated() {
  showNamed();
  scrollTo(0, 0);
}

const content = document.querySelector("main");
explainTerms(content);
fitFormulas(content);
listLabs();
showNamed();
addEventListener("hashchange", navigated);
// Back and forward lead to another query too, which is no change of the hash alone.
addEventListener("popstate", showNamed);
