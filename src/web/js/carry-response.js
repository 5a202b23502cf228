// Transfers responses to the worker with a body that is read on demand, because not all browsers can transfer streams.
import { expose, releaseProxy, transfer, transferHandlers, wrap } from "comlink";

transferHandlers.set("Response", {
  canHandle: (value) => value instanceof Response,
  serialize(response) {
    const { status, statusText, url, type, body } = response;
    const facts = { status, statusText, url, type, headers: [...response.headers] };
    if (body === null) return [facts, []];
    const { port1, port2 } = new MessageChannel();
    expose(readable(body.getReader()), port1);
    return [{ ...facts, port: port2 }, [port2]];
  },
  deserialize({ status, statusText, url, type, headers, port }) {
    const response = new Response(port && streamOf(wrap(port)), { status, statusText, headers });
    // The constructor cannot set these properties.
    return Object.defineProperties(response, { url: { value: url }, type: { value: type } });
  },
});

const readable = (reader) => ({
  async read() {
    const { value } = await reader.read();
    // A copy, because the chunk may be a view of the caller's memory.
    const chunk = value?.slice();
    return chunk && transfer(chunk, [chunk.buffer]);
  },
  cancel: () => reader.cancel(),
});

function streamOf(remote) {
  return new ReadableStream({
    async pull(controller) {
      const chunk = await remote.read();
      if (chunk !== undefined) return controller.enqueue(chunk);
      controller.close();
      remote[releaseProxy]();
    },
    async cancel() {
      await remote.cancel().catch(() => {});
      remote[releaseProxy]();
    },
  });
}
