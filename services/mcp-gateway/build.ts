// Bundles the gateway into one file, dist/mcp-gateway.mjs. Run: npm run build -w services/mcp-gateway
import { isBuiltin } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Replaces src/assets.ts by what it exports, so that the bundle reads no file and parses no YAML. */
const embedAssets: Plugin = {
  name: "embed-assets",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/assets\.ts$/ }, async () => {
      const assets: Record<string, unknown> = await import("./src/assets.ts");
      const lines = Object.entries(assets).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
      );
      return { contents: lines.join("\n"), loader: "js" };
    });
  },
};

/** zod speaks fifty languages; error texts here are English. */
const englishOnly: Plugin = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * Loads node's own modules when they are first used. An import statement would load all of them at start, and
 * node:http as a whole brings its fetch along, which costs more than the gateway itself.
 */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z0-9_]+(\/[a-z0-9_]+)*$/ }, ({ path }) =>
      isBuiltin(path) ? { path, namespace: "builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

await build({
  entryPoints: [here("src/main.ts")],
  outfile: here("dist/mcp-gateway.mjs"),
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  plugins: [embedAssets, englishOnly, lazyBuiltins],
  // ws would look for optional native helpers; the image holds nothing that is compiled but node itself.
  define: { "process.env.WS_NO_BUFFER_UTIL": "'1'", "process.env.WS_NO_UTF_8_VALIDATE": "'1'" },
  external: ["bufferutil", "utf-8-validate"],
});
