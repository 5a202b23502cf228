/** Query parameters that authorise a request and differ between requests. */
const CREDENTIAL =
  /^(x-amz-.*|x-goog-.*|signature|expires|key-pair-id|policy|awsaccesskeyid|googleaccessid|authorization|auth|token|access[_-]?token|__token__|api[_-]?key|hdnea|hdnts)$/i;
/** Parameters of Azure shared access signatures, which are recognised by `sig`. */
const AZURE = /^(sig|s[vpesirtd]|spr|sdd|sk[a-z]{1,3}|sao[ai]d|scid|srt|ss|rsc[a-z])$/i;

/** An address without its signature, which identifies the file and can be shown. */
export function unsigned(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return String(address);
  }
  const isAzure = url.searchParams.has("sig");
  const names = [...url.searchParams.keys()].filter((name) => CREDENTIAL.test(name) || (isAzure && AZURE.test(name)));
  for (const name of names) url.searchParams.delete(name);
  return url.href;
}
