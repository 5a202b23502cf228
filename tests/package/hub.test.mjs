// Hub models: access, error codes, busy servers and interrupted downloads. Once on the calling thread, once through a worker.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { bundleOverFakes, FLAT, serveFor } from "./support.mjs";
import { WebWorker } from "./web_worker.mjs";

const address = await bundleOverFakes();
globalThis.Worker = WebWorker;
after(() => WebWorker.terminateAll());

const WEIGHTS = "diffusion_pytorch_model.safetensors";

/** The files of the model "owner/name" on a server. */
const model = (files = FLAT, revision = "main") =>
  Object.fromEntries(Object.entries(files).map(([path, body]) => [`owner/name/resolve/${revision}/${path}`, body]));

/** Rejects everything like the Hub. */
const refusing = (status, headers) => ({ "*": (_, response) => response.writeHead(status, headers).end() });

for (const entry of ["index.node.js", "worker.js"]) {
  describe(entry, async () => {
    const { openDevice, Pipeline } = await import(address(entry));
    const load = async (source, options) => Pipeline.fromPretrained(source, { device: await openDevice("cpu"), ...options });
    const refused = (code, message) => ({ name: "TweedieError", code, message });

    test("a token and additional headers are sent with every request", async (t) => {
      const seen = new Set();
      const files = Object.fromEntries(
        Object.entries(model()).map(([path, body]) => [
          path,
          ({ headers }, response) => {
            seen.add(`${headers.authorization} ${headers["x-mine"]}`);
            response.writeHead(headers.authorization === "Bearer hf_secret" ? 200 : 401).end(body);
          },
        ]),
      );
      const server = await serveFor(t, files);
      const options = { endpoint: server.url, token: "hf_secret", headers: { "X-Mine": "1" } };
      await load("owner/name", options);
      assert.deepEqual([...seen], ["Bearer hf_secret 1"]);
      await assert.rejects(load("owner/name", { endpoint: server.url }), refused("http", /HTTP 401.*private or gated and needs a `token`/));
      for (const wrong of [{ token: "" }, { token: "two words" }, { token: 1 }, { headers: { "no spaces": "1" } }, { fetch: "x" }])
        await assert.rejects(load("owner/name", wrong), { code: "invalid-option" });
    });

    test("a custom fetch replaces the global one", async (t) => {
      const server = await serveFor(t, model());
      const asked = [];
      const mine = (url, init) => {
        asked.push([init.method ?? "GET", new Headers(init.headers).get("x-mine"), url.split("/").at(-1)]);
        assert.ok(init.signal instanceof AbortSignal);
        return fetch(url.replace("https://hub.example/", server.url), init);
      };
      const reports = [];
      const onProgress = (report) => reports.push(report);
      const options = { endpoint: "https://hub.example", fetch: mine, headers: [["x-mine", "2"]], onProgress };
      assert.equal((await load("owner/name", options)).parameterCount, 11);
      assert.deepEqual(asked[0], ["GET", "2", "model_index.json"]);
      assert.equal(asked.length, 4);
      assert.deepEqual(reports.at(-1).overall, { loaded: 11, total: 11 });
      const failing = async () => {
        throw new Error("mine");
      };
      await assert.rejects(load("owner/name", { fetch: failing }), { code: "network" });
    });

    for (const [status, error, code, message] of [
      [403, "GatedRepo", "gated", /the model is gated; accept its terms/],
      [401, "RepoNotFound", "missing-repository", /the model does not exist on the Hub, or it is private and needs a `token`/],
      [404, "RepoNotFound", "missing-repository", /the model does not exist/],
      [404, "RevisionNotFound", "missing-revision", /has no such `revision`/],
      [404, "EntryNotFound", "missing-file", /has no config\.json/],
    ]) {
      test(`the Hub's ${error} with ${status} has the code ${code}`, async (t) => {
        const server = await serveFor(t, refusing(status, { "x-error-code": error }));
        await assert.rejects(load("owner/name", { endpoint: server.url }), refused(code, message));
      });
    }

    test("a request to a busy server is repeated after its delay", async (t) => {
      let asked = 0;
      const path = `owner/name/resolve/main/${WEIGHTS}`;
      const busy = (_, response) => ((asked += 1) < 3 ? response.writeHead(asked === 1 ? 429 : 503, { "retry-after": "0" }).end() : response.end("weights"));
      const server = await serveFor(t, { ...model(), [path]: busy });
      assert.equal((await load("owner/name", { endpoint: server.url })).parameterCount, 11);
      assert.equal(asked, 3);
    });

    test("two loads of one model share the transfer, and one can be aborted", async (t) => {
      const path = `owner/name/resolve/main/${WEIGHTS}`;
      let arrive;
      const slow = (_, response) => {
        response.writeHead(200, { "content-length": 7 }).write("wei");
        arrive = () => response.end("ghts");
      };
      const server = await serveFor(t, { ...model(), [path]: slow });
      const controller = new AbortController();
      const leaving = load("owner/name", { endpoint: server.url, signal: controller.signal });
      let started = 0;
      const staying = ["one", "other"].map(() => {
        let isCounted = false;
        const onProgress = ({ file }) => {
          if (file !== WEIGHTS || isCounted) return;
          isCounted = true;
          started += 1;
          if (started === 2) controller.abort(new Error("enough"));
        };
        return load("owner/name", { endpoint: server.url, onProgress });
      });
      await assert.rejects(leaving, /enough/);
      arrive();
      for (const { parameterCount } of await Promise.all(staying)) assert.equal(parameterCount, 11);
      assert.equal(server.requests.filter((request) => request.endsWith(WEIGHTS)).length, 1);
    });
  });
}
