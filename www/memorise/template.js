/** The HTML of the lab on memorisation. */

import { MAX_POINTS, MIN_POINTS } from "./settings.js";

/** The contents of the figure; it is part of the page from the start, so that download progress can be shown in it. */
export const FIGURE = `
  <div class="picture"><canvas id="memorise-picture" role="img" aria-label="The samples will appear here."></canvas></div>
  <div class="readout">
    <p id="memorise-legend" class="legend">
      <span class="entry"><span class="key data"></span>training points</span>
      <span class="entry"><span class="key copy"></span>copies</span>
      <span class="entry"><span class="key accent"></span>new points</span>
      <span class="entry"><span class="key path"></span>to the nearest training point</span>
    </p>
    <p id="memorise-level" class="figures"></p>
    <button id="memorise-enlarge" type="button" class="quiet">Full screen</button>
  </div>
  <div class="loss"><canvas id="memorise-plot" role="img" aria-label="Nothing is measured yet."></canvas></div>`;

export const PANEL = `
<form id="memorise-settings" class="panel" novalidate aria-label="Settings">
  <div class="actions">
    <button id="memorise-start" type="submit" class="primary" disabled>Try all sizes</button>
    <button id="memorise-cancel" type="button" class="secondary" disabled>Cancel <kbd>Esc</kbd></button>
    <progress id="memorise-progress" max="1" value="0" aria-label="Progress" data-idle></progress>
    <p id="memorise-figures" class="figures">Loading…</p>
    <p id="memorise-announcement" class="visually-hidden" role="status"></p>
    <p id="memorise-run-error" class="error" role="alert" hidden></p>
  </div>
  <div class="field">
    <label for="memorise-points">Training points <output for="memorise-points"></output></label>
    <input id="memorise-points" name="points" type="range" min="0" max="1" step="0.001" aria-describedby="memorise-points-error">
    <p class="hint">From ${MIN_POINTS} to ${MAX_POINTS.toLocaleString("en")}. The network trains again when the slider stops.</p>
    <p id="memorise-points-error" class="error" role="alert" hidden></p>
  </div>
  <div class="group about">
    <h2>What you see</h2>
    <p>The ideal denoiser has the lowest possible loss, and copies its training points. A network of limited size copies its training points if they are
      few. If they are many, it cannot, and generalises: its samples are new.</p>
    <p class="hint">A sample is a <strong>copy</strong> if its nearest training point is less than a third as far away as the second nearest
      (Yoon et al. 2023; <a href="https://arxiv.org/abs/2310.02664">Gu et al. 2023</a>). By chance, this holds for about 1 in 9 fresh draws from the data distribution.</p>
  </div>
  <fieldset class="group" aria-describedby="memorise-data-error">
    <legend>Data set</legend>
    <div id="memorise-datasets" class="tiles"></div>
    <p id="memorise-data-error" class="error" role="alert" hidden></p>
  </fieldset>
  <div class="fields">
    <div class="field">
      <label for="memorise-steps">Training steps</label>
      <input id="memorise-steps" name="steps" type="number" inputmode="numeric" min="1" max="100000" step="1" aria-describedby="memorise-steps-error">
      <p id="memorise-steps-error" class="error" role="alert" hidden></p>
    </div>
    <div class="field">
      <label for="memorise-seed">Seed</label>
      <input id="memorise-seed" name="seed" type="number" inputmode="numeric" min="0" max="4294967295" step="1" aria-describedby="memorise-seed-error">
      <p id="memorise-seed-error" class="error" role="alert" hidden></p>
    </div>
  </div>
  <div class="onward"><button id="memorise-copy" type="button" class="quiet">Copy link</button></div>
</form>`;
