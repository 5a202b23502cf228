/**
 * Settings in the page's address, so that a copied link restores what its sender saw.
 *
 * A schema is `{ name: field }`. A field has a default, `initial`, and parses its own text:
 * `read(text)` returns the value, or undefined if the text is invalid.
 */

/** One of a fixed set of words. */
export function choice(initial, words) {
  return { initial, expects: `one of ${words.join(", ")}`, read: (text) => (words.includes(text) ? text : undefined) };
}

/** An integer from `least` to `most`. */
export function integer(initial, least, most) {
  return { initial, expects: `a whole number from ${least} to ${most}`, read: bounded(least, most, Number.isInteger) };
}

/** A number from `least` to `most`. */
export function number(initial, least, most) {
  return { initial, expects: `a number from ${least} to ${most}`, read: bounded(least, most, Number.isFinite) };
}

/** A value of another field, or nothing. */
export function optional(field) {
  const read = (text) => (String(text).trim() === "" ? "" : field.read(text));
  return { initial: "", expects: `${field.expects}, or nothing`, read };
}

/** Any text of the given form. */
export function text(initial, pattern, expects) {
  return { initial, expects, read: (value) => (pattern.test(value) ? value : undefined) };
}

/** One or more values of another field, separated by commas; each is kept once. */
export function list(initial, field, expects) {
  const read = (text) => {
    const values = String(text).split(",").map(field.read);
    return values.includes(undefined) ? undefined : [...new Set(values)];
  };
  return { initial, expects, read };
}

function bounded(least, most, isKind) {
  return (text) => {
    const value = String(text).trim() === "" ? NaN : Number(text);
    return isKind(value) && value >= least && value <= most ? value : undefined;
  };
}

/** Parses a query string. Missing and invalid values get their default; each invalid value also gets a message. */
export function readAddress(schema, query) {
  const parameters = new URLSearchParams(query);
  const settings = {};
  const problems = {};
  for (const [name, field] of Object.entries(schema)) {
    const given = parameters.get(name);
    const value = given === null ? field.initial : field.read(given);
    settings[name] = value ?? field.initial;
    if (value === undefined) {
      problems[name] = `The link has the value “${given}” here, but this must be ${field.expects}. Using ${field.initial} instead.`;
    }
  }
  return { settings, problems };
}

/** The query string of these settings, for `readAddress`. Defaults are left out, so it may be "". */
export function queryOf(schema, settings) {
  const parameters = new URLSearchParams();
  for (const [name, { initial }] of Object.entries(schema)) {
    if (String(settings[name]) !== String(initial)) parameters.set(name, settings[name]);
  }
  // Slashes and commas are legal in a query, and make Hub ids and lists easier to read.
  return parameters.size === 0 ? "" : `?${parameters.toString().replaceAll("%2F", "/").replaceAll("%2C", ",")}`;
}
