import { TweedieError } from "./errors.js";
import { retryAfter } from "./http.js";
import { unsigned } from "./signature.js";

/** Values of the Hub's header X-Error-Code. */
const HUB_ERRORS = {
  GatedRepo: ["gated", "the model is gated; accept its terms on its Hub page and pass your account's token as `token`"],
  RepoNotFound: ["missing-repository", "the model does not exist on the Hub, or it is private and needs a `token` with read access"],
  RevisionNotFound: ["missing-revision", "the model has no such `revision`"],
};

/** The error for a response; undefined if it only reports a missing file. */
export function refusal(response, url) {
  const { status } = response;
  const known = HUB_ERRORS[response.headers.get("x-error-code")];
  if (known) return new TweedieError(known[0], `${unsigned(url)} was rejected (HTTP ${status}): ${known[1]}`);
  if (status === 404 || status === 410) return undefined;
  const answered = `${unsigned(url)} returned HTTP ${status} ${response.statusText}`.trimEnd();
  return new TweedieError("http", `${answered}${advice(response)}`);
}

function advice(response) {
  const { status } = response;
  const message = response.headers.get("x-error-message");
  if (status === 401 || status === 403)
    return `: the model is private or gated and needs a \`token\`, or does not exist${message === null ? "" : ` (${message})`}`;
  const wait = retryAfter(response);
  if (status !== 429 && status < 500) return message === null ? "" : `: ${message}`;
  return wait > 0 ? `; try again in ${Math.ceil(wait / 1000)} seconds` : "; try again later";
}
