import { invalidOption, TweedieError } from "./errors.js";
import { request } from "./http.js";
import { mismatch, remedy } from "./remedies.js";
import { absolute } from "./source-address.js";
import { workerAddress } from "./worker-address.js";

/** Name of the trusted-types policy that the page must allow. */
const POLICY = "tweedie";

let policy;

/**
 * Returns the given worker or a new one.
 * @returns {{ worker: Worker, explain: () => Promise<string> }} `explain` returns why its script did not load
 */
export function openWorker(given) {
  const worker = typeof given === "function" ? given() : given;
  if (worker === undefined || typeof worker === "string" || worker instanceof URL) {
    const address = worker === undefined ? workerAddress() : absolute(worker, "worker").href;
    return { worker: start(address), explain: () => whyNotLoaded(address) };
  }
  if (typeof worker?.postMessage !== "function" || typeof worker.terminate !== "function")
    throw invalidOption("worker", "a Worker, a function that creates one, or the address of worker-script.js", worker);
  return { worker, explain: async () => "" };
}

function start(address) {
  if (globalThis.Worker === undefined)
    throw new TweedieError("worker", 'Web Workers are not available here (Node.js does not have them); import from "tweedie", which computes on the calling thread');
  try {
    // Deno only has module workers, and a sandboxed frame only classic ones; the script supports both.
    return isOwnOrigin(address) ? new Worker(trusted(address), { type: "module" }) : new Worker(trusted(importing(address)));
  } catch (cause) {
    throw new TweedieError("worker", `the worker could not be started from ${address}: ${cause.message}${policyRemedy(cause)}`, { cause });
  }
}

/** Finds the reason why a worker script does not load, which browsers do not report. */
async function whyNotLoaded(address) {
  try {
    const response = await request(address, { attempts: 1 });
    await response.body?.cancel();
    const refused = mismatch(response, address);
    if (refused) return `: ${refused} ${remedy(address, "worker-script.js", "worker: address")}`;
    return ` from ${address}: the content security policy may forbid it (worker-src)`;
  } catch ({ message }) {
    return `: ${message}`;
  }
}

/** Browsers only start workers from the page's own origin, which a sandboxed frame does not have. */
function isOwnOrigin(address) {
  const { origin, protocol } = new URL(address);
  return globalThis.origin === undefined || !/^https?:$/.test(protocol) || origin === globalThis.origin;
}

/** The address of a same-origin script that imports one from another origin. The page's policy applies to it too. */
function importing(address) {
  const script = `const policy = globalThis.trustedTypes?.createPolicy(${JSON.stringify(POLICY)}, { createScriptURL: (url) => url });
const address = ${JSON.stringify(address)};
importScripts(policy ? policy.createScriptURL(address) : address);`;
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

function trusted(address) {
  if (globalThis.trustedTypes === undefined) return address;
  try {
    policy ??= trustedTypes.createPolicy(POLICY, { createScriptURL: (url) => url });
  } catch {
    return address; // harmless if the page does not require trusted types
  }
  return policy.createScriptURL(address);
}

function policyRemedy({ name, message }) {
  if (/TrustedScriptURL|trusted type/i.test(message)) return `. The content security policy must allow the policy "${POLICY}" (trusted-types ${POLICY})`;
  if (name === "SecurityError" || /content security policy/i.test(message))
    return ". The content security policy has to allow the worker (worker-src 'self'; for a package of another origin worker-src blob:)";
  return "";
}
