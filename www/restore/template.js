/** The HTML of the restore lab. */

import { LOSSES } from "./losses.js";
import { METHODS } from "./settings.js";

const FORM = 'form="restore-settings"';
const radio = (name, value, title, attributes = "") => `<label${attributes}><input type="radio" name="${name}" value="${value}" ${FORM}><span>${title}</span></label>`;
const error = (name) => `<p id="restore-${name}-error" class="error" role="alert" hidden></p>`;

/** A dot with a name. */
const dot = (name) => `<span class="dot ${name.toLowerCase()}"></span><span class="visually-hidden">${name}</span>`;

/** A field with a number. `when` says for which settings it is shown. */
function numberField(name, label, { min, max, step = 1, hint = "", when = "", placeholder = "" }) {
  const described = `${hint === "" ? "" : `restore-${name}-hint `}restore-${name}-error`;
  const mode = step === 1 ? "numeric" : "decimal";
  return `<div class="field" ${when}>
    <label for="restore-${name}"><span>${label}</span></label>
    <input id="restore-${name}" name="${name}" type="number" inputmode="${mode}" min="${min}" max="${max}" step="${step === 1 ? 1 : "any"}" placeholder="${placeholder}" aria-describedby="${described}">
    ${hint === "" ? "" : `<p id="restore-${name}-hint" class="hint">${hint}</p>`}${error(name)}
  </div>`;
}

const classField = (name, label, when) => `<div class="field" ${when}>
    <label for="restore-${name}">${label}</label>
    <select id="restore-${name}" name="${name}" aria-describedby="restore-${name}-error"></select>${error(name)}
  </div>`;

const tile = (id, title, label, more = "") => `<figure class="plate"><figcaption>${title}</figcaption><div class="frame"><canvas id="restore-${id}" role="img" aria-label="${label}"></canvas>${more}</div></figure>`;

/** The contents of the figure; it is part of the page from the start, so that download progress can be shown in it. */
export const FIGURE = `
  <fieldset class="segments wide way">
    <legend class="visually-hidden">View</legend>
    ${radio("view", "restore", "Restore")}${radio("view", "anagram", "Anagram")}${radio("view", "panorama", "Panorama")}
  </fieldset>
  <div id="restore-bench" class="bench" data-view="restore">
    <div class="given" data-when="view restore">
      <figure class="plate">
        <figcaption>Picture <i>x</i><sub>0</sub></figcaption>
        <div class="frame">
          <canvas id="restore-easel" role="img" aria-label="The picture will appear here."></canvas>
          <div id="restore-pad" class="easel-pad" role="application" tabindex="0" aria-label="Brush" aria-describedby="restore-pad-hint"></div>
        </div>
        <p id="restore-pad-hint" class="visually-hidden">Arrow keys move the brush, and Shift moves it further. Space paints.</p>
      </figure>
      <div class="brush">
        <fieldset class="segments"><legend class="visually-hidden">Brush</legend>${radio("brush", "hide", "Hide")}${radio("brush", "show", "Show")}</fieldset>
        <fieldset class="segments"><legend class="visually-hidden">Brush size</legend>
          ${radio("brushSize", "0.7", dot("Thin"))}${radio("brushSize", "2", dot("Thick"))}
        </fieldset>
        <button id="restore-clear" type="button" class="quiet">Clear</button>
        ${error("mask")}
      </div>
      ${tile("observed", "Observed <i>y</i>", "The observation will appear here.")}
    </div>
    <div class="turning" data-when="view anagram">
      <figure class="plate">
        <figcaption id="restore-turn-caption">Drag the picture to turn it</figcaption>
        <div class="frame turntable"><canvas id="restore-turntable" role="img" aria-label="The chosen answer will appear here."></canvas></div>
      </figure>
      <div class="turner">
        <input id="restore-turning" type="range" min="0" max="1" step="0.01" value="0" aria-label="Turn of the picture">
        <button id="restore-turn-over" type="button" class="secondary">Turn it over</button>
      </div>
    </div>
    <div class="found">
      <div class="heading">
        <p id="restore-answers-title" class="label">Answers</p>
        <p id="restore-residual" class="figures" data-when="view restore"></p>
      </div>
      <div id="restore-answers" class="answers" role="radiogroup" aria-labelledby="restore-answers-title"></div>
      <div class="summary" data-when="view restore">
        <figure class="plate">
          <figcaption>Before | after</figcaption>
          <div id="restore-divider" class="frame divider">
            <canvas class="before" aria-hidden="true"></canvas><canvas class="after" aria-hidden="true"></canvas>
            <input type="range" min="0" max="100" value="50" aria-label="Line between the observation and the chosen answer">
          </div>
        </figure>
        ${tile("mean", "Mean", "The mean of the answers will appear here.")}
        ${tile("std", 'Standard <span>deviation</span> <span id="restore-largest-std" class="aside"></span>', "The standard deviation of the answers will appear here.")}
      </div>
    </div>
  </div>
  <div class="transport">
    <input id="restore-scrub" class="scrub" type="range" min="0" max="1" step="1" value="0" disabled aria-label="Recorded steps">
    <fieldset class="segments view">
      <legend class="visually-hidden">What the answers show</legend>
      ${radio("shown", "noisy", "noisy <i>x<sub>t</sub></i>")}${radio("shown", "clean", "predicted <i>x̂</i><sub>0</sub>")}
    </fieldset>
    <div class="keep">
      <button id="restore-enlarge" type="button" class="quiet">Full screen</button>
      <button id="restore-copy" type="button" class="quiet">Copy link</button>
    </div>
  </div>
  <div class="residual" data-when="view restore">
    <p class="label">Residual of each answer: root mean square of <i>y</i> − <i>A</i> <i>x̂</i><sub>0</sub></p>
    <canvas id="restore-residual-plot" role="img" aria-label="No residual yet."></canvas>
  </div>
  <p id="restore-picture-status" class="visually-hidden" role="status"></p>`;


const restoring = `
  <fieldset class="group" data-when="view restore" aria-describedby="restore-lost-error">
    <legend>What was lost</legend>
    <div class="chips">${Object.entries(LOSSES).map(([name, { title, needsColour }]) => radio("lost", name, title, needsColour ? ' data-needs="colour"' : "")).join("")}</div>
    ${error("lost")}
    <div class="fields">
      <fieldset class="field whole" data-when="lost half" aria-describedby="restore-side-error">
        <legend>Hidden half</legend>
        <div class="segments wide">${["top", "bottom", "left", "right"].map((side) => radio("side", side, side)).join("")}</div>${error("side")}
      </fieldset>
      <div class="field" data-when="lost pixels">
        <label for="restore-factor">Factor</label>
        <select id="restore-factor" name="factor" aria-describedby="restore-factor-error"></select>${error("factor")}
      </div>
      ${numberField("sigma", "Blur, in pixels", { min: 0.1, max: 20, step: 0.1, when: 'data-when="lost blur"' })}
      ${numberField("length", "Length, in pixels", { min: 2, max: 64, when: 'data-when="lost motion"' })}
      ${numberField("angle", "Angle, in degrees", { min: 0, max: 180, when: 'data-when="lost motion"' })}
      ${numberField("levels", "Levels", { min: 2, max: 32, when: 'data-when="lost colours"' })}
      ${numberField("noise", "Noise level <i>σ<sub>y</sub></i>", { min: 0, max: 2, step: 0.01 })}
    </div>
    <div id="restore-loss-formula" class="lines"></div>
    <p id="restore-loss-words" class="hint"></p>
  </fieldset>
  <fieldset class="group" data-when="view restore" aria-describedby="restore-picture-error restore-picture-name">
    <legend>Picture</legend>
    <div id="restore-tests" class="picker" role="radiogroup" aria-label="Test pictures"></div>
    <div class="chips sources">
      ${radio("picture", "test", "Test picture")}${radio("picture", "sample", "Sample")}${radio("picture", "file", "File")}${radio("picture", "camera", "Camera")}
    </div>
    <div class="beside">
      <button id="restore-another" type="button" class="secondary" data-when="picture sample">Draw another</button>
      <button id="restore-choose" type="button" class="secondary" data-when="picture file">Choose a file…</button>
      <button id="restore-snap" type="button" class="secondary" data-when="picture camera">Open the camera</button>
      <input id="restore-file" type="file" accept="image/*" hidden>
    </div>
    <label class="flag"><input type="checkbox" name="invert"><span>Invert light and dark</span></label>
    <p id="restore-picture-name" class="hint"></p>
    ${error("picture")}
  </fieldset>
  <fieldset class="group" data-when="view restore" aria-describedby="restore-method-error">
    <legend>Method</legend>
    <div class="chips">${radio("method", "auto", "Automatic")}${METHODS.map((name) => radio("method", name, name)).join("")}</div>
    ${error("method")}
    <div id="restore-method-formula" class="lines"></div>
    <p class="hint"><span id="restore-method-words"></span> <a id="restore-method-paper"></a></p>
    <div class="fields">
      ${numberField("stepSize", "Step size <i>ζ</i>", { min: 0, max: 10000, step: 1, placeholder: "default", when: 'data-option="stepSize"' })}
      ${numberField("jumpLength", "Jump length", { min: 1, max: 1000, placeholder: "default", when: 'data-option="jumpLength"' })}
      ${numberField("jumpSamples", "Jump samples", { min: 1, max: 1000, placeholder: "default", when: 'data-option="jumpSamples"' })}
      ${numberField("eta", "Fresh noise <i>η</i>", { min: 0, max: 1, step: 0.05, placeholder: "default", when: 'data-option="eta"' })}
    </div>
  </fieldset>`;

const synchronising = `
  <fieldset class="group" data-when="view anagram" aria-describedby="restore-views-error">
    <legend>What it shows</legend>
    <div class="fields">
      ${classField("upright", "Upright", 'data-needs="classes"')}
      ${classField("turned", "Turned", 'data-needs="classes"')}
      <fieldset class="field whole" aria-describedby="restore-turn-error">
        <legend>Turn</legend>
        <div class="chips">
          ${radio("turn", "rotate-180", "180°")}${radio("turn", "rotate-90", "90° left")}${radio("turn", "rotate-270", "90° right")}${radio("turn", "flip-vertical", "upside down")}${radio("turn", "flip-horizontal", "mirror")}
        </div>${error("turn")}
      </fieldset>
    </div>${error("views")}
  </fieldset>
  <fieldset class="group" data-when="view panorama">
    <legend>What it shows</legend>
    <div class="fields">
      ${classField("left", "Left half", 'data-needs="classes"')}
      ${classField("right", "Right half", 'data-needs="classes"')}
      ${numberField("windows", "Width, in pictures", { min: 2, max: 8 })}
      ${numberField("overlap", "Overlap", { min: 0, max: 0.875, step: 0.1, hint: "Fraction of a window that its neighbour also covers." })}
    </div>
  </fieldset>
  <fieldset class="group" data-when="view anagram panorama" aria-describedby="restore-average-hint restore-average-error">
    <legend>Average</legend>
    <div class="segments wide view">${radio("average", "clean", "clean <i>x̂</i><sub>0</sub>")}${radio("average", "noise", "noise <i>ε̂</i>")}</div>
    <p id="restore-average-hint" class="hint">The estimates that are averaged over the views at each step.</p>${error("average")}
  </fieldset>`;

export const PANEL = `
<form id="restore-settings" class="panel" novalidate aria-label="Settings">
  <div class="actions">
    <button id="restore-start" type="submit" class="primary" disabled>Start</button>
    <button id="restore-cancel" type="button" class="secondary" disabled>Cancel <kbd>Esc</kbd></button>
    <progress id="restore-progress" max="1" value="0" aria-label="Progress" data-idle></progress>
    <p id="restore-figures" class="figures">Loading…</p>
    <p id="restore-announcement" class="visually-hidden" role="status"></p>
    <p id="restore-run-error" class="error" role="alert" hidden></p>
    <button id="restore-use-cpu" type="button" class="secondary" hidden>Use the CPU instead</button>
  </div>
  <div class="about">
    <h2 id="restore-about-title"></h2>
    <p id="restore-about-sentences"></p>
  </div>
  ${restoring}${synchronising}
  <div class="fields">
    ${classField("class", "Class", 'data-when="view restore" data-needs="classes"')}
    ${numberField("guidance", "Guidance scale", { min: 0, max: 8, step: 0.25, when: 'data-needs="guidance"' })}
    ${numberField("steps", "Steps", { min: 1, max: 1000 })}
    ${numberField("count", "Answers", { min: 1, max: 16, when: 'data-when="view restore anagram"' })}
    ${numberField("canvases", "Answers", { min: 1, max: 8, when: 'data-when="view panorama"' })}
    <div class="field">
      <label for="restore-seed">Seed</label>
      <div class="beside">
        <input id="restore-seed" name="seed" type="number" inputmode="numeric" min="0" max="4294967295" step="1" aria-describedby="restore-seed-error">
        <button id="restore-dice" type="button" class="secondary icon" aria-label="Draw a new seed" title="Draw a new seed">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="M6.5 3h11A3.5 3.5 0 0 1 21 6.5v11a3.5 3.5 0 0 1-3.5 3.5h-11A3.5 3.5 0 0 1 3 17.5v-11A3.5 3.5 0 0 1 6.5 3Zm0 2A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19h11a1.5 1.5 0 0 0 1.5-1.5v-11A1.5 1.5 0 0 0 17.5 5Z"/><circle cx="8.7" cy="8.7" r="1.5"/><circle cx="12" cy="12" r="1.5"/><circle cx="15.3" cy="15.3" r="1.5"/></svg>
        </button>
      </div>${error("seed")}
    </div>
  </div>
  <fieldset class="group" aria-describedby="restore-model-error restore-model-hint">
    <legend>Model</legend>
    <div id="restore-models" class="chips"></div>
    <p id="restore-model-hint" class="hint">Load any other model in the <a href="#images">Images lab</a>; it then appears here.</p>
    ${error("model")}
  </fieldset>
  <fieldset class="group" aria-describedby="restore-device-error">
    <legend>Device</legend>
    <div class="segments wide">${radio("device", "auto", "Automatic")}${radio("device", "webgpu", "WebGPU")}${radio("device", "cpu", "CPU")}</div>
    ${error("device")}
  </fieldset>
</form>
<article class="prose about">
  <h2>The formula</h2>
  <div id="restore-about-formula" class="lines"></div>
  <p id="restore-about-symbols" class="hint"></p>
</article>`;
