/** The distributions lab: animates one-dimensional sampling by inverse transform or rejection. */

import { arrange, buildForm, fillForm, readForm, showValue } from "./distributions/form.js";
import { Controls } from "./distributions/controls.js";
import { Editors } from "./distributions/editors.js";
import { EnvelopeControls } from "./distributions/envelope.js";
import { SampleTester } from "./distributions/sample-tester.js";
import { showFormulas } from "./distributions/formulas.js";
import { grouped, Numbers, probability, short } from "./distributions/numbers.js";
import { Picture } from "./distributions/picture.js";
import { Probe } from "./distributions/probe.js";
import { placed, Refusals } from "./distributions/refusals.js";
import { beginRun, completeRun } from "./distributions/run.js";
import { sceneOf } from "./distributions/scene.js";
import { densityFor, outcomesFor, rejectionFor, schema, schemaFor, settle } from "./distributions/settings.js";
import { Player } from "./distributions/player.js";
import { TARGETS } from "./distributions/targets.js";
import { shareDistributions } from "./share/distributions.js";
import { drawnSeed } from "./shell/actions.js";
import { Activity } from "./shell/activity.js";
import { showDevice } from "./shell/device-badge.js";
import { Problems } from "./shell/problems.js";
import { Throttle } from "./shell/throttle.js";

const PREFIX = "distributions-";
/** Settings that restart the animation at slow speed. */
const NEW_PICTURES = ["target", "method"];
/** Minimum interval between updates of the address. Safari allows 100 in 30 seconds, and sliders change more often. */
const WRITE_EVERY = 350; // milliseconds

/**
 * @param {import("./shell/lab.js").Lab} lab
 * @param {Promise<{ tweedie: object }>} engine
 */
export async function mountDistributions(lab, engine) {
  const distributions = new DistributionsLab(lab);
  delete lab.section.dataset.loading;
  try {
    await distributions.begin(await engine);
  } catch (error) {
    distributions.refuse(error);
  }
}

class DistributionsLab {
  #lab;
  #part;
  #form;
  #settings;
  #problems;
  #refusals;
  #numbers;
  #picture;
  #player;
  #controls;
  #editors;
  #envelope;
  #sampleTester;
  #probe;
  /** The package's `Density` class. */
  #Density = null;
  /** What is shown: the package's density, its exact curves and the run. */
  #shown = { density: null, scene: null, run: null };
  #activity = new Activity((busy) => this.#part("figure").setAttribute("aria-busy", busy));
  #address = new Throttle(() => this.#lab.write(schemaFor(this.#settings), this.#settings), WRITE_EVERY);

  constructor(lab) {
    const root = lab.section;
    this.#lab = lab;
    this.#part = (id) => root.querySelector(`#${PREFIX}${id}`);
    this.#form = this.#part("settings");
    this.#problems = new Problems(root, PREFIX);
    this.#refusals = new Refusals(this.#problems, this.#part);
    this.#numbers = new Numbers(this.#part);
    this.#picture = new Picture(this.#part("picture"));
    this.#player = new Player(this.#picture, { isShown: () => lab.shown, onChange: () => this.#progressed() });
    this.#sampleTester = new SampleTester((result) => this.#tested(result), (error) => this.#problems.show("run", error.message));
    this.#probe = new Probe(this.#part, this.#picture, () => this.#player.pause());
    this.#envelope = new EnvelopeControls(this.#form, this.#part);
    buildForm(this.#form);
    const { settings, problems } = lab.read(schema);
    settle(settings);
    this.#settings = settings;
    this.#editors = new Editors(this.#part, settings, (name) => this.#changed(name));
    this.#controls = new Controls(this.#part, this.#player, () => this.#address.flush());
    shareDistributions(lab, this.#part("copy"), { settings, picture: this.#picture, shown: () => this.#shown, writeAddress: () => this.#address.flush() });
    fillForm(this.#form, settings);
    this.#settingsChanged();
    this.#problems.showOnly(problems, Object.keys(problems));
    this.#numbers.clear("starting the engine…");
    this.#connect();
  }

  /** Starts the first run. */
  async begin({ tweedie }) {
    this.#Density = tweedie.Density;
    // Densities need no device.
    if (document.querySelector("#device-badge").dataset.kind === "pending") showDevice({ kind: "cpu", description: "" });
    this.#controls.enable();
    await this.#start("slowly");
  }

  /** Reports that the engine did not start. */
  refuse(error) {
    this.#numbers.clear();
    this.#problems.show("run", error.message);
  }

  #connect() {
    // Some controls of the form are outside of it.
    this.#lab.section.addEventListener("input", ({ target }) => target.form === this.#form && this.#edited(target));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#lab.shown && this.#stop());
    this.#part("dice").addEventListener("click", () => {
      this.#form.elements.seed.value = drawnSeed();
      this.#edited(this.#form.elements.seed);
    });
    this.#lab.addEventListener("show", () => this.#player.resume());
    this.#picture.onDrag({
      uniform: (u) => this.#probe.set(u),
      envelope: (c) => {
        this.#settings.envelope = this.#form.elements.envelope.value = "hand";
        this.#envelope.setC(c);
        this.#edited(this.#form.elements.c);
      },
    });
  }

  /** Stops the run; its samples remain visible. */
  #stop() {
    this.#activity.cancel();
    this.#shown.run?.cut();
    this.#player.pause();
  }

  // Settings.

  #edited(control) {
    if (control.type === "range") showValue(control);
    // Sliders without a name belong to the editors.
    if (control.name === "") return;
    if (control.name === "fit" && control.value === "hand") this.#envelope.takeFitted();
    if (control.name === "envelope" && control.value === "hand") this.#envelope.takeSupremum();
    const problems = readForm(this.#form, this.#settings);
    this.#problems.showOnly(problems, [control.name]);
    if (problems[control.name] === undefined) this.#changed(control.name);
  }

  #changed(name) {
    if (name === "target") this.#suitProposal();
    this.#settingsChanged();
    if (name !== "speed") this.#start(NEW_PICTURES.includes(name) ? "slowly" : "onward");
  }

  /** Resets the proposal to the default of the new target. */
  #suitProposal() {
    this.#settings.proposal = this.#form.elements.proposal.value = TARGETS[this.#settings.target].proposal;
    this.#settings.fit = this.#form.elements.fit.value = "fitted";
    this.#settings.envelope = this.#form.elements.envelope.value = "supremum";
  }

  #settingsChanged() {
    this.#player.speed = this.#settings.speed;
    arrange(this.#lab.section, this.#settings);
    this.#address.ask();
  }

  // Activities.

  async #start(beginning) {
    if (this.#Density === null) return;
    await this.#activity.run((signal) => this.#attempt(beginning, signal));
  }

  async #attempt(beginning, signal) {
    try {
      await this.#perform(beginning, signal);
    } catch (error) {
      if (!signal.aborted) this.#showRefusal(error);
    }
  }

  #showRefusal(error) {
    this.#player.clear();
    this.#shown.run = null;
    this.#controls.show();
    this.#numbers.clear();
    this.#picture.dim(error.place === "target");
    this.#picture.describe(`No samples: ${error.message}.`);
    this.#refusals.show(error, this.#settings);
  }

  async #perform(beginning, signal) {
    const { seed, count, method } = this.#settings;
    const density = densityFor(this.#Density, this.#settings);
    const rejection = method === "rejection" ? rejectionFor(this.#settings) : null;
    const scene = await placed("target", sceneOf(density, method, outcomesFor(this.#settings)));
    // If there is no envelope, the target is shown without one.
    const envelope = rejection === null ? null : placed("proposal", density.envelope({ ...rejection, xs: scene.xs }));
    scene.envelope = await envelope?.catch(() => null) ?? null;
    signal.throwIfAborted();
    this.#show(density, scene);
    await envelope;
    const acceptanceRate = scene.envelope?.acceptanceRate ?? 1;
    const run = await placed("run", beginRun(density, { count: Number(count), seed, rejection, acceptanceRate }));
    signal.throwIfAborted();
    this.#shown.run = run;
    this.#player.show(run, beginning);
    this.#numbers.showSpeed(await placed("run", completeRun(run, density, { seed, rejection, signal })));
    this.#player.completed();
  }

  /** Shows the exact curves and numbers. */
  #show(density, scene) {
    this.#shown.density?.free();
    this.#shown = { density, scene, run: null };
    this.#player.clear();
    this.#sampleTester.begin(density);
    this.#probe.begin(density);
    this.#refusals.clear();
    this.#problems.clear("run");
    this.#picture.showScene(scene);
    this.#picture.describe(this.#summary(null));
    this.#numbers.showExact(scene.summary);
    this.#envelope.show(scene.envelope);
    this.#part("method-hint").textContent = hintFor(scene);
    const isBroken = scene.envelope !== null && scene.envelope.breaks.length > 0;
    this.#part("broken").hidden = !isBroken;
    showFormulas(this.#part("formulas-shown"), this.#settings, isBroken ? "broken" : "whole");
  }

  // Display.

  #progressed() {
    const { run, scene } = this.#shown;
    this.#controls.show();
    if (run === null) return;
    const { steps, state } = this.#player;
    this.#numbers.showProgress(run, steps, scene.envelope, state);
    this.#sampleTester.consider(run.samples, this.#picture.counted, state);
    this.#numbers.showBasis(this.#sampleTester.state, this.#picture.counted);
  }

  #tested(result) {
    this.#numbers.showTest(result);
    this.#numbers.showBasis(this.#sampleTester.state, this.#picture.counted);
    const summary = this.#summary(result);
    this.#picture.describe(summary);
    this.#numbers.announce(summary, this.#player.state);
  }

  /** Describes the plot for screen readers. */
  #summary(result) {
    const { method, target } = this.#settings;
    const what = `${method === "rejection" ? "Rejection" : "Inverse transform"}, target ${TARGETS[target].title}`;
    if (result === null) return `${what}: exact curves, no samples yet.`;
    const { test, statistic, pValue, count } = result;
    const name = test === "chi-squared" ? "chi-squared" : "Kolmogorov–Smirnov statistic";
    return `${what}: ${grouped(count)} samples, ${name} ${short(statistic)}, p-value ${probability(pValue)}.`;
  }
}

function hintFor({ method, summary }) {
  if (method === "rejection") return "Each proposal uses two uniform random numbers.";
  return summary.hasClosedFormInverse ? "Each sample uses one uniform random number. F⁻¹ has a closed form." : "Each sample uses one uniform random number. F(x) = u is solved numerically.";
}
