// The documentation: every link leads somewhere, in the repository and in the site.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { PAGES, writeDocumentation } from "../../tools/docs.mjs";
import { deadLinks } from "../../tools/links.mjs";
import { ROOT } from "../../tools/root.mjs";

const folder = await mkdtemp(join(tmpdir(), "tweedie-docs-"));
after(() => rm(folder, { recursive: true }));

test("the documentation links to files of the repository that are there", async () => {
  const dead = [];
  for (const file of Object.values(PAGES).flatMap((pages) => Object.keys(pages))) {
    const text = (await readFile(join(ROOT, file), "utf8")).replace(/^```.*?^```/gms, "");
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/i.test(link)) continue;
      const path = join(ROOT, dirname(file), link.split("#")[0]);
      if (!(await stat(path).catch(() => null))) dead.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(dead, []);
});

test("every link inside the site leads somewhere", async () => {
  await writeDocumentation(join(folder, "docs"));
  assert.deepEqual(await deadLinks(join(folder, "docs")), []);
});

test("a dead link is found", async () => {
  const site = join(folder, "dead");
  await cp(join(folder, "docs"), site, { recursive: true });
  await writeFile(join(site, "wrong.html"), '<a href="index.html#nowhere">a</a> <a href="missing.html">b</a> <a href="index.html#start">c</a>');
  assert.deepEqual(await deadLinks(site, (page) => page === "wrong.html"), ["wrong.html: index.html#nowhere", "wrong.html: missing.html"]);
});
