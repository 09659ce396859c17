/** What a person sees of the engine's plain progress; the log keeps all of it. */

/** A line of a span: its number, then a mark for each level below the call itself, or the end of its arguments. */
const SPAN = /^(?:\d+\s*: |\): )/;
/** What a container printed: how long it has been running, then its own line. */
const PRINTED = /^\d+\s*: (?:┆ )*\[(?<since>[^\]]+)\] \| (?<text>.*)$/;
/** Tests that ended, and the compiler at one of our crates, which lie in folders. */
const NEWS = /^\s*(?:[✓✗×❯]|FAIL\b|Compiling \S+ \S+ \()/;
/** The call itself, when it ended; what took no time is no news. */
const ENDED = /^\d+\s*: (?<call>[^┆].*) DONE \[(?<took>(?!0\.\d)[^\]]+)\]$/;
/** File and row before a test's own name. */
const PLACE = /^(\s*[✓✗×] )\S+\.test\.ts > (?:.* > )?/;
const FAILED = /ERROR|MS-[A-Z]+-\d{3} /;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with one
const COLOURS = /\u001b\[[0-9;]*m/g;
const WIDTH = 160;

/**
 * The line to show, or undefined when it is of no interest to a person: calls below the pipeline's function, layers,
 * and what programs print except for their tests and our crates.
 *
 * @param line as the engine's command printed it, without its end
 */
export function newsOf(line: string): string | undefined {
  const plain = line.replace(COLOURS, "").trimEnd();
  const printed = PRINTED.exec(plain)?.groups;
  if (printed) return NEWS.test(printed.text ?? "") ? printedNews(printed.since, printed.text) : undefined;
  const ended = ENDED.exec(plain)?.groups;
  if (ended) return short(`  ${ended.call} (${ended.took})`);
  if (SPAN.test(plain)) return FAILED.test(plain) ? short(plain) : undefined;
  return plain === "" ? undefined : plain;
}

function printedNews(since = "", text = ""): string {
  return short(`  ${since.padStart(6)} ${text.replace(PLACE, "$1")}`);
}

function short(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}
