// Bundles the gateway into one file, dist/mcp-gateway.mjs. Run: npm run build -w services/mcp-gateway
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

await build({
  entryPoints: [here("src/main.ts")],
  outfile: here("dist/mcp-gateway.mjs"),
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  minify: true,
  keepNames: true,
  legalComments: "none",
  plugins: [embedAssets],
  // ws would look for optional native helpers; the image holds nothing that is compiled but node itself.
  define: { "process.env.WS_NO_BUFFER_UTIL": "'1'", "process.env.WS_NO_UTF_8_VALIDATE": "'1'" },
  external: ["bufferutil", "utf-8-validate"],
  // Packages in CommonJS call require for node's own modules.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
