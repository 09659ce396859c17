/** The report as one HTML file without anything from outside. */
import { duration, evidenceText, megabytes, percentOf } from "./amounts.ts";
import { drawCharts } from "./charts.ts";
import { evidenceSection, handOffSection } from "./html-evidence.ts";
import { escapeMarkup as text } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { Report, ReportCheck, ReportImage } from "./report.ts";
import { basesText, platformsText } from "./terminal.ts";

/** Writes report.html. */
export function emitHtml(report: Report): string {
  const { summary, environment } = report;
  const charts = drawCharts(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${summary.passed} passed, ${summary.failed} failed: MisterSmith containers</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header class="${summary.status}">
<p class="kicker">MisterSmith containers</p>
<h1>${summary.passed} passed, ${summary.failed} failed</h1>
<dl>${facts(report)}</dl>
</header>
<main>
${(environment.notes ?? []).map((note) => `<p class="note">${text(note)}</p>`).join("\n")}
<section><h2>Checklist</h2>
${report.checks.map(checkBlock).join("\n")}
</section>
<section><h2>Images</h2>
<div class="scroll"><table>
<thead><tr><th>image<th class="n">size<th class="n">packed<th class="n">limit<th class="n">used<th class="n">ready<th class="n">limit<th>published as</tr></thead>
<tbody>${report.images.map(imageRow).join("\n")}</tbody>
</table></div>
</section>
${evidenceSection(report)}
<section class="charts">
<figure><figcaption>Size of each image against its limit</figcaption>${charts.sizes}</figure>
<figure><figcaption>Start to ready against its limit (logarithmic)</figcaption>${charts.ready}</figure>
<figure class="wide"><figcaption>Time each row took</figcaption>${charts.durations}</figure>
</section>
${handOffSection(report)}
</main>
</body>
</html>
`;
}

function facts(report: Report): string {
  const { environment } = report;
  const entries: [string, string][] = [
    ["engine", environment.engine],
    ["images for", platformsText(report)],
    ["bases", basesText(environment.bases)],
    ["cores", String(environment.cores)],
    ["revision", environment.revision.slice(0, 12)],
    ["date", environment.date],
  ];
  return entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value)}</dd></div>`).join("");
}

function checkBlock(check: ReportCheck): string {
  const items = check.evidence.map((entry) => `<li>${text(evidenceText(entry))}</li>`).join("");
  const reason = check.reason === undefined ? "" : `<p class="reason">${text(check.reason)}</p>`;
  return `<details class="${check.status}"${check.status === "fail" ? " open" : ""}>
<summary><span class="badge">${check.status}</span><b>${check.id}</b> ${text(check.name)}<span class="time">${duration(check.durationMs)}</span></summary>
${reason}<ul>${items}</ul>
</details>`;
}

function imageRow(image: ReportImage): string {
  const used = percentOf(image.bytes, image.limitBytes);
  const cells = [
    megabytes(image.bytes),
    megabytes(image.compressedBytes),
    megabytes(image.limitBytes),
    `<span class="${used > 100 ? "over" : ""}">${used} %</span>`,
    image.readyMs === null ? "-" : duration(image.readyMs),
    image.limitReadyMs === null ? "-" : duration(image.limitReadyMs),
  ];
  const [place = ""] = image.ref.split("@");
  const ref = place === "" ? "not published" : `${text(place)}<br><code>${text(image.digest)}</code>`;
  return `<tr><th>${text(image.name)}</th>${cells.map((cell) => `<td class="n">${cell}</td>`).join("")}<td class="ref">${ref}</td></tr>`;
}
