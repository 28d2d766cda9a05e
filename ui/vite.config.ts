import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const SERVER = process.env["FOLKMOOT_URL"] ?? "http://127.0.0.1:20000";

export default defineConfig({
  // Where the server shows what it was built with; beside /SOGo/, whose other paths are the application's own.
  base: "/SOGo/ui/",
  plugins: [svelte()],
  resolve: { alias: { $: fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/folkmoot/web/ui",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy lets nothing in by data: URLs
    reportCompressedSize: false,
  },
  server: { proxy: { "^/(SOGo/(?!ui/)|SOGo.content/)": { target: SERVER, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
