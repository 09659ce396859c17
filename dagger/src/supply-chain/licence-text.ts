/** Licences of the images, for a terminal and as markdown. */
import { textTable } from "../text/table.ts";
import { type LicenceRow, licenceCounts, refusedLicences } from "./licence-list.ts";

/** Rows of one image. */
export interface ImageLicences {
  image: string;
  rows: LicenceRow[];
}

/** How many packages have which licence, then what is refused. */
export function licencesText(images: readonly ImageLicences[]): string {
  const counts = images.map(({ image, rows }) => {
    const listed = licenceCounts(rows).map(([licence, count]) => `${count} ${licence}`);
    return `${image}: ${rows.length} packages (${listed.slice(0, 6).join(", ")}${listed.length > 6 ? ", ..." : ""})`;
  });
  const refused = images.flatMap(({ image, rows }) =>
    refusedLicences(rows).map((row) => [image, `${row.package} ${row.version}`, row.ecosystem, row.licence]),
  );
  if (refused.length === 0) return [...counts, "licences: all allowed"].join("\n");
  return [...counts, textTable(["image", "package", "", "refused licence"], refused)].join("\n");
}

/** The list of one image. */
export function licencesMarkdown({ image, rows }: ImageLicences): string {
  const lines = rows.map(({ package: name, version, ecosystem, licence, verdict, reason }) => {
    const cells = [name, version, ecosystem, licence, reason ? `${verdict}: ${reason}` : verdict];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    `# Licences in ${image}`,
    "",
    "| package | version | kind | licence | verdict |",
    "|---|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}
