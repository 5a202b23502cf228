/** The shell: lists the labs, shows the one in the address, and loads each lab when it is first opened. */

import { mountHome } from "./home.js";
import { playUntilDrawn } from "./home/replay.js";
import { showArrival } from "./shell/arrival.js";
import { embeddedQuery, readEmbed, showEmbedded } from "./share/embed.js";
import { fetchModel, startEngine } from "./shell/engine.js";
import { fitFormulas } from "./shell/fit-formulas.js";
import { explainTerms } from "./shell/glossary.js";
import { Lab } from "./shell/lab.js";
import { SHIPPED_MODELS } from "./shell/shipped-models.js";
import { readModes } from "./show/modes.js";
import { showLecture } from "./show/lecture.js";
import { Tour, tourAddress } from "./show/tour.js";

/** Each lab has a section of the page with its id. A new lab needs a line here, a section and a module. */
const LABS = [
  { id: "images", title: "Images", mount: async (lab, engine) => (await import("./images.js")).mountImages(lab, engine), showsModel: true, meanwhile: playUntilDrawn },
  { id: "compare", title: "Compare", mount: async (lab, engine) => (await import("./compare.js")).mountCompare(lab, engine), showsModel: true },
  { id: "restore", title: "Restore", mount: async (lab, engine) => (await import("./restore.js")).mountRestore(lab, engine), showsModel: true },
  { id: "distributions", title: "Distributions", mount: async (lab, engine) => (await import("./distributions.js")).mountDistributions(lab, engine) },
  { id: "points", title: "Diffusion in 2-D", mount: async (lab, engine) => (await import("./points.js")).mountPoints(lab, engine) },
  { id: "memorise", title: "Memorise", mount: async (lab, engine) => (await import("./memorise.js")).mountMemorise(lab, engine) },
  { id: "family", title: "Models", mount: async (lab, engine) => (await import("./family.js")).mountFamily(lab, engine) },
];

const HOME = { id: "home", hash: "", title: "Tweedie: diffusion models in your browser", mount: (lab) => mountHome(lab, startEngine) };

/** The section that the address names. Old links with a query but no hash open the images lab, once the only lab. */
function named(sections) {
  const { hash, search } = location;
  return sections.find(({ id }) => `#${id}` === hash) ?? sections.find(({ id }) => id === (search === "" ? "home" : "images"));
}

/** The query belongs to the lab in the address; the other labs start with their defaults. */
const sections = [HOME, ...LABS.map((lab) => ({ ...lab, mount: mounting(lab) }))];
const { isEmbedded, query: outer } = readEmbed(location.search);
const asked = readModes(outer);
// A step of the tour is always the same view.
if (asked.tour !== null) history.replaceState(null, "", location.pathname + tourAddress(asked.tour));
const { query, tour, lecture, keep } = asked.tour === null ? asked : readModes(location.search);
const labs = sections.map((section) => new Lab({ ...section, keep: isEmbedded ? embeddedQuery : keep }, section === named(sections) ? query : ""));

/** Sets up a lab when it is first opened, and fetches everything it needs in parallel. */
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
  // On narrow screens not all tabs fit.
  document.querySelector("#tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function listLabs() {
  const tabs = document.querySelector("#tabs");
  tabs.hidden = false;
  const tab = ({ id, title }) => Object.assign(document.createElement("a"), { href: `#${id}`, textContent: title });
  tabs.replaceChildren(...LABS.map(tab));
}

function navigated() {
  // Another lab than that of the step.
  openTour?.end();
  showNamed();
  scrollTo(0, 0);
}

function endTour() {
  openTour = null;
  for (const lab of labs) lab.keep = (query) => query;
}

const content = document.querySelector("main");
explainTerms(content);
fitFormulas(content);
listLabs();
showNamed();
if (isEmbedded) showEmbedded(labs);
if (lecture !== null) showLecture(lecture, () => labs.find(({ shown }) => shown));
let openTour = tour === null ? null : new Tour(tour, endTour);
addEventListener("hashchange", navigated);
// Back and forward can change the query without changing the hash.
addEventListener("popstate", showNamed);
