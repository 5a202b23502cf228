/** The code that computes the answers of the restore lab, with the package. */

import { shippedModel } from "../shell/shipped-models.js";
import { FOLDER_MODEL } from "../shell/models.js";
import { installPackage } from "./code-images.js";
import { Code, object } from "./literals.js";
import { sampleOptions, TESTS } from "../restore/picture.js";

const NOTHING = "The code is available when the first answers are drawn.";
const LOOP = "for await (const { step, steps } of sampling) console.log(`${step} of ${steps}`);";

/**
 * @param {import("../restore/plan.js").Plan | null} plan
 * @param {object | null} pipeline
 */
export function restoreSnippets(plan, pipeline) {
  if (plan === null || pipeline === null) return { javascript: NOTHING };
  const { settings, call } = plan;
  const notes = [
    ...(settings.model === FOLDER_MODEL ? ["The code does not contain the folder of the model."] : []),
    ...(call === "restore" && isOwn(settings) ? ["The code does not contain the picture."] : []),
  ];
  return { javascript: { code: codeOf(plan, pipeline), install: installPackage(), note: notes.join(" ") } };
}

/** Whether the picture is one of the user's own. */
const isOwn = ({ picture }) => ["file", "camera"].includes(picture);

function addressOf(model) {
  const shipped = shippedModel(model);
  if (shipped !== undefined) return new URL(shipped.folder, document.baseURI).href;
  return model === FOLDER_MODEL ? "./model" : model;
}

function codeOf({ settings, call, options, size }, pipeline) {
  const { model, device } = settings;
  const opened = device === "auto" ? [] : [`const device = await openDevice("${device}");`];
  const head = [
    `import { ${opened.length > 0 ? "openDevice, " : ""}Pipeline } from "tweedie/worker";`,
    "",
    ...opened,
    `const pipeline = await Pipeline.fromPretrained(${JSON.stringify(addressOf(model))}${opened.length > 0 ? ", { device }" : ""});`,
  ];
  const body = call === "restore" ? restoring(settings, options, pipeline, size) : synchronising(options);
  return `${[...head, ...body, LOOP, "", ...shown(call)].join("\n")}\n`;
}

/** The picture as values of the model. */
function pictureLines({ picture, model, test, pictureSeed }, pipeline) {
  if (picture === "sample") {
    const before = "const drawn = pipeline.sample(";
    return [`${before}${object(sampleOptions(pictureSeed, pipeline), before)});`, "for await (const _ of drawn);", "const picture = await drawn.noisy();"];
  }
  if (picture !== "test") return ['const file = document.querySelector("input[type=file]").files[0]; // your picture', "const picture = await pipeline.toImages(file);"];
  const { file, side } = TESTS[model];
  return [
    `const sheet = await fetch("${new URL(file, document.baseURI).href}");`,
    `const image = await createImageBitmap(await sheet.blob(), ${test * side}, 0, ${side}, ${side});`,
    "const picture = await pipeline.toImages(image);",
  ];
}

function restoring(settings, { operator, ...options }, pipeline, [height, width]) {
  const { noise, seed, invert } = settings;
  const before = "const sampling = pipeline.restore(values, ";
  return [
    ...pictureLines(settings, pipeline),
    ...(invert === "on" ? ["for (let at = 0; at < picture.length; at++) picture[at] *= -1; // invert light and dark"] : []),
    ...operatorLines(operator, width, height),
    `const { values } = await pipeline.observe(picture, ${object({ operator: new Code("operator"), noise, seed })});`,
    `${before}${object({ operator: new Code("operator"), ...options }, before)});`,
  ];
}

/** The operator; a mask is written as its runs of known and hidden pixels. */
function operatorLines(operator, width, height) {
  if (operator.name !== "inpaint") return [`const operator = ${object(operator, "const operator = ")};`];
  const runs = hiddenRuns(operator.mask);
  return [
    `const mask = new Uint8Array(${height} * ${width}).fill(1); // 1 where a pixel is known`,
    `for (const [from, to] of [${runs.map(([from, to]) => `[${from}, ${to}]`).join(", ")}]) mask.fill(0, from, to);`,
    'const operator = { name: "inpaint", mask };',
  ];
}

/** The runs of hidden pixels in the mask, as `[from, to)`. */
export function hiddenRuns(mask) {
  const runs = [];
  mask.forEach((isKnown, at) => {
    if (isKnown) return;
    if (runs.at(-1)?.[1] === at) runs.at(-1)[1] = at + 1;
    else runs.push([at, at + 1]);
  });
  return runs;
}

function synchronising({ views, ...options }) {
  const before = "const sampling = pipeline.synchronise(";
  const lines = views.map((view) => `  ${object(view)},`);
  return ["const views = [", ...lines, "];", `${before}${object({ views: new Code("views"), ...options }, before)});`];
}

const shown = (call) => [
  'const canvas = document.body.appendChild(document.createElement("canvas"));',
  "await sampling.draw(canvas);",
  ...(call === "restore" ? ["console.log(await sampling.residual()); // beside the noise level"] : []),
];
