// The JavaScript of the documentation compiles against the built package.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../tools/root.mjs";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "tweedie-docs-"));
after(() => rm(folder, { recursive: true }));

/** What earlier parts of a page have defined. */
const CONTEXT = 'import type { Pipeline } from "tweedie";\ndeclare const pipeline: Pipeline;\n';

test("the programs of the documentation compile under strict", async () => {
  await mkdir(join(folder, "node_modules"));
  await symlink(join(ROOT, "pkg"), join(folder, "node_modules/tweedie"));
  const files = [];
  for (const page of ["README.md", "docs/javascript.md"]) {
    for (const [, program] of (await readFile(join(ROOT, page), "utf8")).matchAll(/^```js\n([\s\S]*?)^```/gm)) {
      const file = `program${files.length}.mts`;
      await writeFile(join(folder, file), program.includes("import") ? program : CONTEXT + program);
      files.push(file);
    }
  }
  assert.ok(files.length >= 5);
  const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom", "dom.iterable"], module: "nodenext", types: [], skipDefaultLibCheck: true };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const { stdout } = await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--project", folder]).catch((error) => error);
  assert.equal(stdout, "");
});
