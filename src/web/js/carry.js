import { transferHandlers } from "comlink";

// Transfer handlers for types that Comlink does not support. Imported by the page and the worker.

/** An AbortSignal is sent as a port that transmits its single event. */
transferHandlers.set("AbortSignal", {
  canHandle: (value) => value instanceof AbortSignal,
  serialize(signal) {
    const { port1, port2 } = new MessageChannel();
    const tell = () => port1.postMessage(undefined);
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
    return [port2, [port2]];
  },
  deserialize(port) {
    const controller = new AbortController();
    port.onmessage = () => {
      port.close();
      controller.abort();
    };
    return controller.signal;
  },
});

/** Fields of an error that are sent in addition to the name, message and stack, which Comlink sends. */
const FIELDS = ["code", "option", "expected", "value", "column"];

const thrown = transferHandlers.get("throw");
transferHandlers.set("throw", {
  ...thrown,
  serialize(value) {
    const [carried, transferred] = thrown.serialize(value);
    if (carried.isError) {
      const given = FIELDS.filter((field) => value.value[field] !== undefined);
      Object.assign(carried.value, Object.fromEntries(given.map((field) => [field, value.value[field]])));
    }
    return [carried, transferred];
  },
});
