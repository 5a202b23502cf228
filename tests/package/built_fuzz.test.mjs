// Hostile calls to the built package, a few of a fixed seed: see fuzz.mjs for more.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fuzz } from "./fuzz.mjs";
import { WebWorker } from "./web_worker.mjs";

after(() => WebWorker.terminateAll());

for (const [entry, cases] of [["tweedie", 1500], ["tweedie/worker", 500]]) {
  test(`whatever ${entry} is given, it answers or refuses`, async () => {
    const { complaints } = await fuzz(entry, { cases, seed: 1 });
    assert.deepEqual(complaints, []);
  });
}
