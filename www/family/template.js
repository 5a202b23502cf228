/** The HTML of the generative-models lab. */

import { MODELS } from "./models.js";

const radio = (name, value, title, attributes = "") =>
  `<label${attributes}><input type="radio" name="${name}" value="${value}" form="family-settings"><span>${title}</span></label>`;

/** The contents of the figure; it is part of the page from the start, so that download progress can be shown in it. */
export const FIGURE = `
  <fieldset class="segments wide way">
    <legend class="visually-hidden">View</legend>
    ${radio("view", "one", "One model")}${radio("view", "all", "All models")}
  </fieldset>
  <div class="picture"><canvas id="family-picture" role="img" aria-label="The models will appear here."></canvas></div>
  <div class="readout">
    <p id="family-legend" class="legend"></p>
    <p id="family-level" class="figures"></p>
    <button id="family-enlarge" type="button" class="quiet">Full screen</button>
  </div>
  <div id="family-loss" class="loss"><canvas id="family-loss-plot" role="img" aria-label="No loss yet."></canvas></div>
  <p id="family-picture-status" class="visually-hidden" role="status"></p>
  <div class="beneath measured">
    <div class="scroll" tabindex="0" role="region" aria-label="Measurements"><table id="family-table" class="measures"></table></div>
    <p class="hint">Measured on held-out points. NLL is the negative log-likelihood in nats; the excess over the entropy of the data is in
      brackets where it is known. NFE is the number of network evaluations per sample.</p>
  </div>`;

export const PANEL = `
<form id="family-settings" class="panel" novalidate aria-label="Settings">
  <div class="actions">
    <button id="family-start" type="submit" class="primary" disabled>Train</button>
    <button id="family-cancel" type="button" class="secondary" disabled>Reset</button>
    <progress id="family-progress" max="1" value="0" aria-label="Progress" data-idle></progress>
    <p id="family-figures" class="figures">Loading…</p>
    <p id="family-announcement" class="visually-hidden" role="status"></p>
    <p id="family-run-error" class="error" role="alert" hidden></p>
  </div>
  <fieldset class="group" id="family-models" aria-describedby="family-model-error">
    <legend>Model</legend>
    <div class="chips">${Object.entries(MODELS).map(([name, { title }]) => radio("model", name, title)).join("")}</div>
    <p id="family-model-error" class="error" role="alert" hidden></p>
  </fieldset>
  <div class="group about">
    <h2 id="family-about-title"></h2>
    <div id="family-formula" class="lines"></div>
    <p id="family-about"></p>
    <p class="hint"><a id="family-paper"></a></p>
  </div>
  <fieldset class="group" id="family-presets" aria-describedby="family-preset-error">
    <legend>Preset</legend>
    <div id="family-preset-chips" class="chips"></div>
    <p id="family-preset-error" class="error" role="alert" hidden></p>
  </fieldset>
  <fieldset class="group" aria-describedby="family-data-error">
    <legend>Data set</legend>
    <div id="family-datasets" class="tiles"></div>
    <p id="family-data-error" class="error" role="alert" hidden></p>
  </fieldset>
  <div class="fields">
    <div class="field">
      <label for="family-steps">Training steps</label>
      <input id="family-steps" name="steps" type="number" inputmode="numeric" min="0" max="100000" step="1" placeholder="model’s own" aria-describedby="family-steps-hint family-steps-error">
      <p id="family-steps-hint" class="hint">Empty for the model’s own.</p>
      <p id="family-steps-error" class="error" role="alert" hidden></p>
    </div>
    <div class="field">
      <label for="family-seed">Seed</label>
      <input id="family-seed" name="seed" type="number" inputmode="numeric" min="0" max="4294967295" step="1" aria-describedby="family-seed-error">
      <p id="family-seed-error" class="error" role="alert" hidden></p>
    </div>
  </div>
  <div class="onward">
    <button id="family-csv" type="button" class="quiet" disabled>Save table (CSV)</button>
    <button id="family-copy" type="button" class="quiet">Copy link</button>
  </div>
</form>`;
