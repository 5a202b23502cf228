// A few fuzzed calls to the built package with a fixed seed; see fuzz.mjs.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fuzz } from "./fuzz.mjs";
import { WebWorker } from "./web_worker.mjs";

after(() => WebWorker.terminateAll());

for (const [entry, cases] of [["tweedie", 1500], ["tweedie/worker", 500]]) {
  test(`${entry} returns or rejects for any arguments`, async () => {
    const { failures } = await fuzz(entry, { cases, seed: 1 });
    assert.deepEqual(failures, []);
  });
}
