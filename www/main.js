/** The shell: brings the engine up, lists the labs and shows the one that the address names. */

import { mountCompare } from "./compare.js";
import { mountDistributions } from "./distributions.js";
import { mountImages } from "./images.js";
import { mountPoints } from "./points.js";
import { PointModels } from "./points/models.js";
import { showNoDevice } from "./shell/device-badge.js";
import { Lab } from "./shell/lab.js";
import { Models } from "./shell/models.js";

/** The engine lives in a worker, so that the page never waits for it. */
const engine = import("./tweedie/worker.js").then(async (tweedie) => {
  await tweedie.init();
  return { tweedie, models: new Models(tweedie), points: new PointModels(tweedie) };
});
engine.catch((error) => showNoDevice(`The engine did not start: ${error.message}`));

/** Each lab has a section of the page under its id. */
const LABS = [
  { id: "images", title: "Images", mount: (lab) => mountImages(lab, engine) },
  { id: "compare", title: "Compare", mount: (lab) => mountCompare(lab, engine) },
  { id: "distributions", title: "Distributions", mount: (lab) => mountDistributions(lab, engine) },
  { id: "points", title: "Diffusion in 2-D", mount: (lab) => mountPoints(lab, engine) },
];

/** The lab that the address names, or the first. */
const named = (labs) => labs.find(({ id }) => `#${id}` === location.hash) ?? labs[0];

/** The query is meant for the lab that the address names; the others begin with their defaults. */
const labs = LABS.map((lab) => new Lab(lab, lab === named(LABS) ? location.search : ""));

function showLab() {
  const shown = named(labs);
  for (const lab of labs) if (lab !== shown) lab.hide();
  shown.show();
  document.title = shown === labs[0] ? "Tweedie" : `${shown.title} · Tweedie`;
  document.querySelector(".skip").hash = shown.id;
  for (const tab of document.querySelectorAll("#tabs a")) {
    if (tab.hash === `#${shown.id}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

function listLabs() {
  const tabs = document.querySelector("#tabs");
  tabs.hidden = labs.length < 2;
  const tab = ({ id, title }) => Object.assign(document.createElement("a"), { href: `#${id}`, textContent: title });
  tabs.replaceChildren(...labs.map(tab));
}

listLabs();
showLab();
addEventListener("hashchange", showLab);
// Back and forward lead to another query too, which is no change of the hash alone.
addEventListener("popstate", showLab);
