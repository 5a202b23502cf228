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

/** Errors keep their `code` and, for formulas, their `column`, in addition to the name, message and stack that Comlink sends. */
const thrown = transferHandlers.get("throw");
transferHandlers.set("throw", {
  ...thrown,
  serialize(value) {
    const [carried, transferred] = thrown.serialize(value);
    const { code, column } = value.value ?? {};
    if (carried.isError) Object.assign(carried.value, { code }, column && { column });
    return [carried, transferred];
  },
});
