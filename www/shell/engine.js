/** The engine: the package in its worker, started when the first lab needs it, and what all labs share of it. */

import { PointModels } from "../points/models.js";
import { showNoDevice } from "./device-badge.js";
import { downloads } from "./downloads.js";
import { Models } from "./models.js";
import { keepOffline } from "./offline.js";
import { ShippedFiles } from "./shipped-files.js";

/** The package is no part of the page's own scripts, which are bundled. */
const PACKAGE = new URL("tweedie/worker.js", document.baseURI).href;
const MODULE = "tweedie/tweedie_cpu_bg.wasm";

const files = new ShippedFiles(downloads);
let started = null;

/** @returns {Promise<{ tweedie: object, models: Models, points: PointModels }>}  the same one each time */
export function startEngine() {
  if (started === null) {
    started = start();
    started.catch((error) => showNoDevice(`The engine did not start: ${error.message}`));
  }
  return started;
}

/** Fetches a shipped model while the engine starts. */
export const fetchModel = (name) => files.begin(name);

async function start() {
  // The module arrives while the package and its worker do; where it does not, the worker fetches it by itself.
  const module = downloads.module(MODULE);
  const tweedie = await import(PACKAGE);
  await tweedie.init({ modules: { cpu: module.then((compiled) => compiled ?? new URL(MODULE, document.baseURI)) } });
  keepOffline();
  return { tweedie, models: new Models(tweedie, files), points: new PointModels(tweedie) };
}
