/**
 * Looks for a value in every place of an image: the files of each layer, their names, the configuration with its
 * history, and the manifest; as it is, and in the forms in which a step may have written it.
 *
 * node find-canary.mjs LAYOUT VALUE-FILE
 * Prints a JSON list of {place, form}; the value itself is never printed.
 */
import { readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { openLayer, readImage } from "./read-layout.mjs";
import { ReadTar } from "./read-tar.mjs";

const [layout, valueFile] = process.argv.slice(2);
const value = readFileSync(valueFile);
if (value.length < 16) throw new Error("the canary is shorter than 16 bytes: it could be anywhere by chance");
const forms = [
  ["plain", value],
  ["hex", Buffer.from(value.toString("hex"))],
  // Where a longer text is encoded, the value begins at any of three places; its inner part stays the same.
  ...[0, 1, 2].map((shift) => ["base64", encodedInside(shift)]),
  ["reversed", Buffer.from(value).reverse()],
];
const longest = Math.max(...forms.map(([, bytes]) => bytes.length));
const hits = [];
const image = readImage(layout);
search("manifest", Buffer.from(JSON.stringify(image.manifest)));
search("configuration", Buffer.from(JSON.stringify(image.config)));
for (const [number, layer] of image.manifest.layers.entries()) {
  let place = "";
  let tail = Buffer.alloc(0);
  const reader = {
    entry({ path }) {
      place = `layer ${number} ${path.replaceAll(value.toString(), "***")}`;
      tail = Buffer.alloc(0);
      search(`${place} (its name)`, Buffer.from(path));
    },
    content(chunk) {
      const bytes = Buffer.concat([tail, chunk]);
      search(place, bytes);
      tail = bytes.subarray(-longest);
    },
  };
  await pipeline(openLayer(layout, layer), new ReadTar(reader));
}
console.log(JSON.stringify(hits));

function encodedInside(shift) {
  const text = Buffer.concat([Buffer.alloc(shift), value])
    .toString("base64")
    .replace(/=+$/, "");
  return Buffer.from(text.slice(shift === 0 ? 0 : shift + 1, -1));
}

function search(place, bytes) {
  for (const [form, wanted] of forms) {
    if (!bytes.includes(wanted)) continue;
    if (!hits.some((hit) => hit.place === place && hit.form === form)) hits.push({ place, form });
  }
}
