import { useRef, useState } from "react";
import { useSampler } from "./useSampler.js";

export function App() {
  const [model, setModel] = useState("google/ddpm-cifar10-32");
  const canvas = useRef(null);
  const { status, done, isRunning, start, cancel } = useSampler(canvas);

  const submit = (event) => {
    event.preventDefault();
    start(model, { sampler: "ddim", steps: 20, batch: 4, seed: Date.now() % 2 ** 32 });
  };

  return (
    <main style={{ font: "1rem/1.5 system-ui, sans-serif", maxWidth: "40rem", margin: "2rem auto" }}>
      <form onSubmit={submit}>
        <label>
          Model <input value={model} onChange={({ target }) => setModel(target.value)} size={30} required />
        </label>
        <button>Sample</button>
        <button type="button" onClick={cancel} disabled={!isRunning}>
          Cancel
        </button>
      </form>
      <progress value={done} max={1} aria-label="Progress" style={{ width: "100%" }} />
      <p role="status">{status}</p>
      <canvas ref={canvas} role="img" aria-label="Samples" style={{ width: "100%", imageRendering: "pixelated" }} />
    </main>
  );
}
