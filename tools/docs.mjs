// Renders the documentation as pages: README, CONTRIBUTING and the model cards, in the style of the page.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { Marked } from "marked";
import { ROOT } from "./root.mjs";

/** The pages by their source file. */
const PAGES = {
  "README.md": { name: "index.html", title: "Documentation" },
  "CONTRIBUTING.md": { name: "contributing.html", title: "Contributing" },
  "www/models/mnist/README.md": { name: "digits.html", title: "Digits" },
  "www/models/tiles/README.md": { name: "tiles.html", title: "Pixel art" },
};

export async function writeDocumentation(folder) {
  await mkdir(folder, { recursive: true });
  for (const [file, { name, title }] of Object.entries(PAGES)) {
    const pictures = [];
    const text = (await readFile(join(ROOT, file), "utf8")).replace(/^---\n.*?\n---\n/s, "");
    await writeFile(join(folder, name), pageOf(title, name, rendererFor(file, pictures).parse(text)));
    for (const picture of pictures) await cp(join(ROOT, picture), join(folder, basename(picture)));
  }
}

/** Adds ids to headings, and rewrites links and images to the published files. */
function rendererFor(file, pictures) {
  const within = (href) => posix.join(dirname(file), href);
  return new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      image({ href, text }) {
        if (isElsewhere(href)) return false;
        pictures.push(within(href));
        return `<img src="${basename(href)}" alt="${escaped(text)}" loading="lazy">`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        if (isElsewhere(href) || href.startsWith("#")) return `<a href="${escaped(href)}">${words}</a>`;
        const page = PAGES[within(href)] ?? PAGES[`${within(href)}.md`];
        return page === undefined ? words : `<a href="${page.name}">${words}</a>`;
      },
      table(token) {
        // Marked renders the table; the wrapper scrolls on narrow screens.
        const row = (cells, tag) => `<tr>${cells.map(({ tokens, align }) => `<${tag}${align ? ` class="${align}"` : ""}>${this.parser.parseInline(tokens)}</${tag}>`).join("")}</tr>`;
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, "th")}</thead><tbody>${token.rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>\n`;
      },
    },
  });
}

const isElsewhere = (href) => /^[a-z]+:/i.test(href);
const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

function pageOf(title, name, content) {
  const links = Object.values(PAGES).map((page) => `<a href="${page.name}"${page.name === name ? ' aria-current="page"' : ""}>${page.title}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src 'self' data:">
  <title>${title} · Tweedie</title>
  <link rel="icon" href="../icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="../style.css">
  <link rel="stylesheet" href="../docs.css">
</head>
<body>
  <header class="masthead">
    <a class="brand" href="../"><img src="../icon.svg" alt="" width="28" height="28"><span>Tweedie</span></a>
    <nav class="tabs" aria-label="Documentation">${links.join("")}</nav>
  </header>
  <main class="document">${content}</main>
</body>
</html>
`;
}
