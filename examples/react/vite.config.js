import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Vite's development server would move the package's scripts away from its modules.
  optimizeDeps: { exclude: ["tweedie"] },
});
