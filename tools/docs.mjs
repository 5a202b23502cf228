// The documentation as a static site: node tools/docs.mjs <folder> [--rust <folder of rustdoc>] [--javascript <folder of TypeDoc>]
// The build of the page writes the same site without the references.
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";
import { ROOT } from "./root.mjs";

/** The pages by the file that each is written from, in the order of the menu. */
export const PAGES = {
  Start: {
    "README.md": { name: "index.html", title: "Overview" },
    "docs/images.md": { name: "images.html", title: "Images lab" },
    "docs/compare.md": { name: "compare.html", title: "Compare lab" },
    "docs/distributions.md": { name: "distributions.html", title: "Distributions lab" },
    "docs/points.md": { name: "points.html", title: "Diffusion in 2-D" },
    "docs/memorise.md": { name: "memorise.html", title: "Memorise lab" },
    "docs/restore.md": { name: "restore.html", title: "Restore lab" },
    "docs/models.md": { name: "models.html", title: "Models lab" },
    "docs/teaching.md": { name: "teaching.html", title: "Tour and lectures" },
  },
  Use: {
    "docs/javascript.md": { name: "javascript.html", title: "JavaScript" },
    "src/web/js/README.md": { name: "package.html", title: "The npm package" },
    "examples/README.md": { name: "examples.html", title: "Examples" },
    "docs/samplers.md": { name: "samplers.html", title: "Samplers" },
    "docs/rust.md": { name: "rust.html", title: "Rust" },
    "docs/training.md": { name: "training.html", title: "Training" },
    "docs/programs.md": { name: "programs.html", title: "Native programs" },
  },
  Facts: {
    "docs/formats.md": { name: "formats.html", title: "Formats" },
    "docs/browsers.md": { name: "browsers.html", title: "Browsers" },
    "docs/benchmarks.md": { name: "benchmarks.html", title: "Benchmarks" },
    "www/models/mnist/README.md": { name: "digits.html", title: "Digits" },
    "www/models/tiles/README.md": { name: "tiles.html", title: "Pixel art" },
  },
  Project: {
    "ARCHITECTURE.md": { name: "architecture.html", title: "Architecture" },
    "CONTRIBUTING.md": { name: "contributing.html", title: "Contributing" },
    "tests/parity/README.md": { name: "fixtures.html", title: "Parity fixtures" },
    "CHANGELOG.md": { name: "changelog.html", title: "Changelog" },
  },
};
const PAGE_OF = Object.assign({}, ...Object.values(PAGES));

/** The references of both languages, by the option that names the folder they are copied from. */
const REFERENCES = {
  javascript: { title: "JavaScript API", start: "index.html", folder: "api-javascript" },
  rust: { title: "Rust API", start: "tweedie/index.html", folder: "api-rust" },
};

/**
 * Writes the site.
 * @param {string} folder
 * @param {{ rust?: string, javascript?: string }} [references]  the folders of the references, where there are any
 */
export async function writeDocumentation(folder, references = {}) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const site = { references: Object.keys(references), hasApp: await exists(join(folder, "../index.html")) };
  for (const [file, page] of Object.entries(PAGE_OF)) {
    const pictures = [];
    const text = (await readFile(join(ROOT, file), "utf8")).replace(/^---\n.*?\n---\n/s, "");
    await writeFile(join(folder, page.name), htmlOf(page, rendererFor(file, pictures).parse(text), site));
    for (const picture of pictures) await cp(join(ROOT, picture), join(folder, basename(picture)));
  }
  await cp(join(ROOT, "www/icon.svg"), join(folder, "icon.svg"));
  await writeFile(join(folder, "style.css"), await style());
  for (const [kind, from] of Object.entries(references)) await cp(from, join(folder, REFERENCES[kind].folder), { recursive: true });
}

const exists = (path) => stat(path).then(() => true, () => false);

/** The colours of the page, and the rules of the documentation. */
async function style() {
  const [page, own] = await Promise.all(["www/style.css", "docs/site.css"].map((file) => readFile(join(ROOT, file), "utf8")));
  const [colours] = page.match(/^:root \{[^}]*--paper[^}]*\}/m) ?? [];
  if (colours === undefined) throw new Error("www/style.css has no rule :root with the colours of the page");
  return `${colours}\n\n${own}`;
}

/** Gives each heading an id as GitHub does, and lets links and pictures lead to files of the site. */
function rendererFor(file, pictures) {
  const within = (href) => posix.join(dirname(file), href);
  const slugs = new Map();
  const idOf = (text) => {
    const slug = text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    const before = slugs.get(slug) ?? 0;
    slugs.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
  return new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      image({ href, text }) {
        if (isElsewhere(href)) return false;
        pictures.push(within(href));
        return `<img src="${basename(href)}" alt="${escaped(text)}" loading="lazy">`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        if (isElsewhere(href) || href.startsWith("#")) return `<a href="${escaped(href)}">${words}</a>`;
        const [path, fragment] = href.split("#");
        const page = PAGE_OF[within(path)] ?? PAGE_OF[posix.join(within(path), "README.md")];
        // The source is not part of the site.
        if (page === undefined) return words;
        return `<a href="${page.name}${fragment === undefined ? "" : `#${fragment}`}">${words}</a>`;
      },
      table(token) {
        // The frame scrolls on narrow screens.
        const row = (cells, tag) => `<tr>${cells.map(({ tokens, align }) => `<${tag}${align ? ` class="${align}"` : ""}>${this.parser.parseInline(tokens)}</${tag}>`).join("")}</tr>`;
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, "th")}</thead><tbody>${token.rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>\n`;
      },
    },
  });
}

const isElsewhere = (href) => /^[a-z]+:/i.test(href);
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

function menuOf(current, { references }) {
  const item = (href, title) => `<li><a href="${href}"${href === current ? ' aria-current="page"' : ""}>${title}</a></li>`;
  const group = (title, items) => `<h2>${title}</h2><ul>${items.join("")}</ul>`;
  const groups = Object.entries(PAGES).map(([title, pages]) => group(title, Object.values(pages).map((page) => item(page.name, page.title))));
  if (references.length > 0) groups.push(group("Reference", references.map((kind) => item(`${REFERENCES[kind].folder}/${REFERENCES[kind].start}`, REFERENCES[kind].title))));
  return groups.join("");
}

function htmlOf({ title, name }, content, site) {
  const menu = menuOf(name, site);
  const app = site.hasApp ? '<a class="app" href="../">Open the labs</a>' : "";
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src 'self' data:">
  <title>${title} · Tweedie</title>
  <link rel="icon" href="icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="style.css">
</head>
<body>
  <a class="skip" href="#content">Skip to the content</a>
  <header>
    <a class="brand" href="index.html"><img src="icon.svg" alt="" width="28" height="28"><span>Tweedie</span></a>
    ${app}
    <details class="menu"><summary>Contents</summary><nav aria-label="Documentation, on a small screen">${menu}</nav></details>
  </header>
  <div class="columns">
    <nav class="menu" aria-label="Documentation">${menu}</nav>
    <main id="content">${content}</main>
  </div>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, ...options] = process.argv.slice(2);
  const references = {};
  for (let at = 0; at < options.length; at += 2) references[options[at].replace(/^--/, "")] = options[at + 1];
  await writeDocumentation(folder, references);
}
