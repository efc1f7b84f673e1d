// Builds static/ui/src into static/ui/built: hashed names, manifest.json read by hexi/ui/assets.py.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "./",
  publicDir: false,
  logLevel: "warn",
  css: { preprocessorOptions: { scss: { quietDeps: true, loadPaths: [here("node_modules")] } } },
  build: {
    outDir: here("static/ui/built"),
    emptyOutDir: false, // hexi/ui/build.py takes away what no running server can still name
    manifest: "manifest.json",
    modulePreload: false,
    target: "es2022",
    rollupOptions: {
      input: ["main.scss", "main.js", "grid_phone.js", "grid_worker.js"].map((name) => here(`static/ui/src/${name}`)),
    },
  },
});
