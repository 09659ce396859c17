/** The parts of report.html about what is in the images, and about the hand-off. */
import { fileSize, megabytes } from "./amounts.ts";
import {
  EVIDENCE_COLUMNS,
  evidenceCells,
  examinedImages,
  handOffFolders,
  isWorrying,
  shortDigest,
} from "./evidence-words.ts";
import { escapeMarkup as text } from "./markup.ts";
import type { Report, ReportHandOffFile, ReportImageEvidence } from "./report.ts";

type Layer = ReportImageEvidence["layers"][number];

/** What is in each image, and how its size is spread over its layers; empty when nobody looked. */
export function evidenceSection(report: Report): string {
  const images = examinedImages(report.images);
  if (images.length === 0) return "";
  const rows = images.map(({ name, evidence }) => {
    const cells = evidenceCells(evidence).map((cell, index) => {
      const column = EVIDENCE_COLUMNS[index];
      const over = column !== undefined && isWorrying(column, evidence);
      return `<td${over ? ' class="over"' : ""}>${text(cell)}</td>`;
    });
    return `<tr><th>${text(name)}</th>${cells.join("")}</tr>`;
  });
  return `<section><h2>What is in them</h2>
<div class="scroll"><table class="words">
<thead><tr><th>image${EVIDENCE_COLUMNS.map((column) => `<th>${column}`).join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>
<h3>Size by layer</h3>
${images.map(({ name, bytes, evidence }) => layersBlock(name, bytes, evidence.layers)).join("\n")}
</section>`;
}

function layersBlock(name: string, bytes: number, layers: readonly Layer[]): string {
  const strip = layers.map(
    (layer) => `<i style="flex-grow:${layer.bytes}" title="${fileSize(layer.bytes)}"></i>`,
  );
  const rows = layers.map(
    (layer, index) =>
      `<tr><td class="n">${index + 1}</td><td class="n">${fileSize(layer.bytes)}</td>` +
      `<td class="n">${fileSize(layer.compressedBytes)}</td><td><code>${text(shortDigest(layer.digest))}</code></td></tr>`,
  );
  return `<details class="layers">
<summary><b>${text(name)}</b><span class="strip">${strip.join("")}</span><span class="time">${layerCount(layers)}, ${megabytes(bytes)}</span></summary>
<div class="scroll"><table>
<thead><tr><th class="n">layer<th class="n">size<th class="n">packed<th>digest</tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>
</details>`;
}

function layerCount({ length }: readonly Layer[]): string {
  return length === 1 ? "1 layer" : `${length} layers`;
}

/** Every file of the hand-off, with a way to it from where the report lies; empty when there is none. */
export function handOffSection({ handOff = [] }: Report): string {
  if (handOff.length === 0) return "";
  const folders = handOffFolders(handOff).map(
    ([folder, files]) =>
      `<dt>${text(folder)}</dt><dd>${files.map((file) => fileLink(folder, file)).join(" ")}</dd>`,
  );
  return `<section><h2>Hand-off: ${handOff.length} files</h2>
<dl class="files">${folders.join("\n")}</dl>
</section>`;
}

function fileLink(folder: string, { path }: ReportHandOffFile): string {
  return `<a href="${text(path)}">${text(path.slice(folder.length + 1))}</a>`;
}
