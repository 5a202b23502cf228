import { defineConfig } from "vite";

export default defineConfig({
  // Vite's development server would move the package's scripts away from its modules.
  optimizeDeps: { exclude: ["tweedie"] },
});
