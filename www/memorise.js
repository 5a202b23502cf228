/** The lab on memorisation: when does a model copy its training points, and when does it generalise? */

import { copyLink, offerFullScreen, showBusy } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showDevice, showNoDevice } from "./shell/device-badge.js";
import { html } from "./shell/element.js";
import { Problems } from "./shell/problems.js";
import { duration, Progress } from "./shell/progress.js";
import { DATASETS } from "./family/settings.js";
import { percent } from "./memorise/copies.js";
import { drawIdeal, trainNetwork } from "./memorise/experiment.js";
import { Results } from "./memorise/results.js";
import { fillForm, readControl, schema, SIZES } from "./memorise/settings.js";
import { SharePlot } from "./memorise/share-plot.js";
import { FIGURE, PANEL } from "./memorise/template.js";
import { MemoriseView } from "./memorise/view.js";
import { thumbnailOf } from "./points/thumbnail.js";
import { shareMemorise } from "./share/memorise.js";

const PREFIX = "memorise-";
/** The network trains when the settings have not changed for this time. */
const PAUSE = 350; // milliseconds

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object }>} engine
 */
export async function mountMemorise(lab, engine) {
  lab.section.querySelector("figure").insertAdjacentHTML("afterbegin", FIGURE);
  lab.section.insertAdjacentHTML("beforeend", PANEL);
  const memorise = new MemoriseLab(lab);
  delete lab.section.dataset.loading;
  try {
    await memorise.begin(await engine);
  } catch (error) {
    memorise.refuse(error);
  }
}

class MemoriseLab {
  #lab;
  #part;
  #form;
  #settings;
  #problems;
  #progress;
  #view;
  #plot;
  #results = new Results();
  #tweedie = null;
  #activity = new Activity((busy) => showBusy(busy, { start: this.#part("start"), cancel: this.#part("cancel") }));

  constructor(lab) {
    this.#lab = lab;
    this.#part = (id) => lab.section.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(lab.section, PREFIX);
    this.#progress = new Progress(lab.section, PREFIX);
    const { settings, problems } = lab.read(schema);
    this.#settings = settings;
    lab.write(schema, settings);
    this.#view = new MemoriseView(this.#part("picture"));
    this.#plot = new SharePlot(this.#part("plot"), this.#results);
    this.#progress.begin("Starting the engine…");
    this.#problems.showOnly(problems, Object.keys(problems));
    fillForm(this.#form, settings);
    lab.section.addEventListener("input", ({ target }) => target.form === this.#form && target.name !== "" && this.#edited(target.name));
  }

  /** Stores the engine and starts the first experiment. */
  async begin({ tweedie }) {
    this.#tweedie = tweedie;
    this.#offerDatasets(await tweedie.datasets());
    fillForm(this.#form, this.#settings);
    this.#connect();
    await tweedie.openDevice("cpu").then(showDevice, () => showNoDevice("No device"));
    this.#part("start").disabled = false;
    await this.#run();
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#progress.end("Nothing can be computed.");
    this.#problems.show("run", error.message);
  }

  #offerDatasets(datasets) {
    const infos = DATASETS.map((name) => datasets.find((info) => info.name === name)).filter((info) => info !== undefined);
    const tile = ({ name, title }) =>
      html("label", {}, html("input", { type: "radio", name: "data", value: name, form: "memorise-settings" }), html("span", {}, thumbnailOf(this.#tweedie, name), title));
    this.#part("datasets").replaceChildren(...infos.map(tile));
  }

  #connect() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tryAll();
    });
    this.#part("cancel").addEventListener("click", () => this.#activity.cancel());
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#lab.shown && document.fullscreenElement === null && this.#activity.cancel());
    this.#part("copy").addEventListener("click", () => copyLink(this.#part("copy")));
    offerFullScreen(this.#part("enlarge"), this.#lab.section.querySelector("figure"));
    shareMemorise(this.#lab, this.#part("enlarge"), { settings: this.#settings, view: this.#view, results: this.#results });
  }

  #edited(name) {
    const problem = readControl(this.#form, this.#settings, name);
    this.#problems.showOnly({ [name]: problem }, [name]);
    if (problem !== "") return;
    fillForm(this.#form, this.#settings);
    this.#lab.write(schema, this.#settings);
    if (this.#tweedie !== null) this.#run();
  }

  /** Runs the experiment of the settings, once they rest, and then that of the ideal denoiser for the other sizes. */
  async #run() {
    await this.#attempt(async (signal) => {
      await this.#experiment(signal, PAUSE);
      for (const points of SIZES) await this.#measureIdeal(points, signal);
    });
  }

  async #measureIdeal(points, signal) {
    if (this.#results.has(points)) return;
    await this.#lab.turn(signal);
    const { ideal, draws } = await drawIdeal(this.#tweedie, { ...this.#settings, points }, signal);
    this.#results.add(points, { ideal: ideal.neighbours.share, draws });
    this.#plot.show(this.#settings.points);
  }

  /** Runs the experiment for every size in turn. */
  async #tryAll() {
    await this.#attempt(async (signal) => {
      for (const points of SIZES) {
        this.#settings.points = points;
        fillForm(this.#form, this.#settings);
        this.#lab.write(schema, this.#settings);
        await this.#experiment(signal, 0);
      }
    });
  }

  async #attempt(task) {
    await this.#activity.run(async (signal) => {
      this.#problems.clear("run");
      try {
        await task(signal);
      } catch (error) {
        if (signal.aborted) this.#progress.end("Cancelled.");
        else this.#fail(error);
      }
    });
  }

  #fail(error) {
    this.#progress.end("Stopped.");
    this.#problems.showError(error);
  }

  /** Draws the ideal denoiser's samples, waits, and trains a network. */
  async #experiment(signal, pause) {
    const settings = { ...this.#settings };
    const { points } = settings;
    const turn = () => this.#lab.turn(signal);
    await turn();
    signal.throwIfAborted();
    this.#results.begin(settings);
    const { data, ideal, draws } = await drawIdeal(this.#tweedie, settings, signal);
    signal.throwIfAborted();
    this.#view.begin(data.points);
    this.#view.update("ideal", ideal);
    this.#results.add(points, { ideal: ideal.neighbours.share, draws });
    this.#plot.show(points);
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
    const began = performance.now();
    this.#progress.begin(`Training on ${points} points…`);
    const network = await trainNetwork(this.#tweedie, data, settings, {
      signal, turn,
      step: (step, steps) => this.#progress.show(step, steps, `${points} points · step ${step} of ${steps}`),
      samples: (shown) => this.#view.update("network", shown),
    });
    this.#view.update("network", network);
    this.#results.add(points, { network: network.neighbours.share });
    this.#plot.show(points);
    const shares = `copies: ideal ${percent(ideal.neighbours.share)}, network ${percent(network.neighbours.share)}`;
    this.#progress.end(`${points} points · ${shares} · ${duration(performance.now() - began)}`);
  }
}
