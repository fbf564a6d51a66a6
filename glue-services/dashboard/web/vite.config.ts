import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Built by ../build.ts. While working on it: `npx vite glue-services/dashboard/web`, which asks a platform on 4400. */
export default defineConfig({
  base: "/app/",
  plugins: [react()],
  build: {
    // A data: address would be against the page's policy for everything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": { target: process.env.DEVFLOW_URL ?? "http://localhost:4400", ws: true } } },
});
