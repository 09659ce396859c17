/**
 * Reads what a registry holds under a reference: an index with its images, or one image. It judges nothing.
 *
 * node read-index.mjs REFERENCE OUT CRANE-OPTION...
 *   OUT  gets {digest, mediaType, images}; an image is {digest, platform?, config: {architecture, os}}
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const [reference, out, ...options] = process.argv.slice(2);
const repository = reference.replace(/:[^:/]+$/, "");
const { mediaType, manifests = [] } = JSON.parse(crane("manifest", reference));
const images = manifests.map(({ digest, platform }) => {
  const { architecture, os } = JSON.parse(crane("config", `${repository}@${digest}`));
  return { digest, platform, config: { architecture, os } };
});
writeFileSync(out, JSON.stringify({ digest: crane("digest", reference).trim(), mediaType, images }));

function crane(...words) {
  return execFileSync("crane", [...words, ...options], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
