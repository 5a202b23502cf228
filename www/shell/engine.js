/** The engine: the package in its worker, started when the first lab needs it, and the models that the labs share. */

import { PointModels } from "../points/models.js";
import { showNoDevice } from "./device-badge.js";
import { downloads } from "./downloads.js";
import { Models } from "./models.js";
import { keepOffline } from "./offline.js";
import { ShippedFiles } from "./shipped-files.js";

/** The package is not bundled with the page's scripts. */
const PACKAGE = new URL("tweedie/worker.js", document.baseURI).href;
const MODULE = "tweedie/tweedie_cpu_bg.wasm";

const files = new ShippedFiles(downloads);
let started = null;

/** @returns {Promise<{ tweedie: object, models: Models, points: PointModels }>}  the same promise on every call */
export function startEngine() {
  if (started === null) {
    started = start();
    started.catch((error) => showNoDevice(`The engine did not start: ${error.message}`));
  }
  return started;
}

/** Fetches a shipped model in parallel with the engine. */
export const fetchModel = (name) => files.begin(name);

async function start() {
  // The module downloads in parallel with the package and its worker. If that fails, the worker fetches it itself.
  const module = downloads.module(MODULE);
  const tweedie = await import(PACKAGE);
  await tweedie.init({ modules: { cpu: module.then((compiled) => compiled ?? new URL(MODULE, document.baseURI)) } });
  keepOffline();
  return { tweedie, models: new Models(tweedie, files), points: new PointModels(tweedie) };
}
