/**
 * Lists what is inside of an image: its configuration, the entries of each layer, and the secrets in its files.
 *
 * node list-layers.mjs LAYOUT PATTERNS OUT
 *   PATTERNS  JSON file [{name, source}] of regular expressions
 *   OUT       gets {config, layers, secrets}
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { openLayer, readImage } from "./read-layout.mjs";
import { ReadTar } from "./read-tar.mjs";

/** A secret that lies across two pieces of a file is found when its first part is kept; none is longer. */
const KEPT = 16_384;

const [layout, patternsFile, out] = process.argv.slice(2);
const patterns = JSON.parse(readFileSync(patternsFile, "utf8")).map(({ name, source }) => ({
  name,
  expression: new RegExp(source),
}));
const image = readImage(layout);
const layers = [];
const secrets = [];
for (const [number, layer] of image.manifest.layers.entries()) {
  const entries = [];
  await pipeline(openLayer(layout, layer), new ReadTar(entryReader(entries, number)));
  layers.push(entries);
}
writeFileSync(out, JSON.stringify({ config: image.config, layers, secrets }));

function entryReader(entries, layer) {
  let path = "";
  let tail = "";
  let found = new Set();
  return {
    entry(head) {
      entries.push(head);
      ({ path } = head);
      tail = "";
      found = new Set();
    },
    content(chunk) {
      const text = tail + chunk.toString("latin1");
      for (const { name, expression } of patterns) {
        if (found.has(name) || !expression.test(text)) continue;
        found.add(name);
        secrets.push({ layer, path, pattern: name });
      }
      tail = text.slice(-KEPT);
    },
  };
}
