/** Log lines of the parts that we take as they are: each server has a form of its own. */
const NATS = /^\[\d+\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d+ \[(TRC|DBG|INF|WRN|ERR|FTL)\] /;
const POSTGRES = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+ \[\d+\] [A-Z]+: {2}|^\t/;
const POSTGRES_SERVES = "starting PostgreSQL";

/** Lines that are not of the server's form. */
export function strangeLines(service: string, text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "");
  if (service === "nats") return lines.filter((line) => !NATS.test(line));
  if (service !== "postgres") return [`nothing is known of the lines of ${service}`];
  // Before its first start the image makes the database, and says so in plain sentences.
  const begun = lines.map((line) => line.includes(POSTGRES_SERVES)).lastIndexOf(true);
  return lines.slice(begun).filter((line) => !POSTGRES.test(line));
}
