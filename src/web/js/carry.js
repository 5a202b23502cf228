import { transferHandlers } from "comlink";

// What Comlink does not carry by itself. Both sides, the page and the worker, import this file.

/** An AbortSignal crosses as the port through which its one event is told. */
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

/** Errors keep their `code`, and that of a formula its `column`, beside the name, message and stack that Comlink carries. */
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
