/** The shell: brings the engine up, lists the labs and shows the one that the address names. */

import { mountImages } from "./images.js";
import { showNoDevice } from "./shell/device-badge.js";

/** Each lab has a section of the page under its id; `mount` brings it to life once. */
const labs = [{ id: "images", title: "Images", mount: mountImages }];

const mounted = new Set();

function showLab() {
  const lab = labs.find(({ id }) => `#${id}` === location.hash) ?? labs[0];
  for (const { id } of labs) document.getElementById(id).hidden = id !== lab.id;
  for (const tab of document.querySelectorAll("#tabs a")) {
    tab.toggleAttribute("aria-current", tab.hash === `#${lab.id}`);
  }
  if (mounted.has(lab.id)) return;
  mounted.add(lab.id);
  lab.mount(document.getElementById(lab.id), engine);
}

function listLabs() {
  const tabs = document.querySelector("#tabs");
  tabs.hidden = labs.length < 2;
  const tab = ({ id, title }) => Object.assign(document.createElement("a"), { href: `#${id}`, textContent: title });
  tabs.replaceChildren(...labs.map(tab));
}

/** The engine lives in a worker, so that the page never waits for it. */
const engine = import("./tweedie/client.js").then(async (tweedie) => {
  await tweedie.init();
  return tweedie;
});
engine.catch((error) => showNoDevice(`The engine did not start: ${error.message}`));

listLabs();
showLab();
addEventListener("hashchange", showLab);
