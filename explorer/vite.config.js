import { defineConfig } from "vite";

import { gzip } from "./gzip.js";
import { licences } from "./licences.js";

const { page, worker } = licences("licences.txt");

export default defineConfig({
  // Relative addresses, so that the page works behind a proxy's path.
  base: "./",
  plugins: [page, gzip()],
  build: {
    outDir: "dist/site",
    // The editor is one large part.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      // Packages say where servers of React draw the line to browsers; there is no such server here.
      onwarn(warning, warn) {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  worker: {
    // The worker for GraphQL loads its formatter only when it is asked to format.
    format: "es",
    plugins: () => [worker],
  },
});
