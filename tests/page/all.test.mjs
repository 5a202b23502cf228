// Every test that drives the page, in one process: they share a browser and a server.
import "./access.mjs";
import "./checkpoint-options.mjs";
import "./compare-points.mjs";
import "./compare.mjs";
import "./device.mjs";
import "./distributions.mjs";
import "./home.mjs";
import "./images-options.mjs";
import "./labs.mjs";
import "./models.mjs";
import "./package.mjs";
import "./points-input.mjs";
import "./points.mjs";
import "./runs.mjs";
import "./sampling.mjs";
import "./settings.mjs";
import "./shipped-models.mjs";
