/**
 * Writes manual pages in the man(7) macros. Everything that is text is escaped here, so that no
 * word of a table can become a request of the formatter.
 */

/** Changed when the text of the pages changes in earnest; a build date would make builds differ. */
const MANUAL_DATE = "2026-11-23";

/** Longest line of a page's source; the checkers of pages want it so. */
const WIDTH = 78;

/** One paragraph of text: escaped, in lines that are never taken for a request. */
export function text(paragraph: string): string {
  const escaped = paragraph.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("`", "\\(ga");
  const lines: string[] = [];
  let line = "";
  for (const word of escaped.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => /^[.']/.test(one) ? `\\&${one}` : one).join("\n");
}

/** Text as one quoted argument of a macro. */
export function argument(words: string): string {
  return `"${text(words).replaceAll('"', '""')}"`;
}

export function bold(words: string): string {
  return `\\fB${text(words)}\\fR`;
}

/** Each sentence on its own line, as the formatter wants it. */
export function sentences(paragraph: string): string {
  return paragraph.split(/(?<=[.:;]) +(?=[A-Z`"])/).map(text).join("\n");
}

export function title(name: string, section: number, version: string, manual: string): string {
  const words = [`heartbeat ${version}`, manual].map(argument).join(" ");
  return `.TH ${argument(name.toUpperCase())} ${section} ${MANUAL_DATE} ${words}`;
}

/**
 * How the page of a file of the configuration begins, up to its description.
 * @param name of the file, below /etc/ha.d
 */
export function filePage(
  name: string,
  version: string,
  about: string,
  introduction: readonly string[],
): string[] {
  return [
    title(name, 5, version, "File Formats Manual"),
    heading("NAME"),
    text(`${name} - ${about}`),
    heading("SYNOPSIS"),
    `.I /etc/ha.d/${name}`,
    heading("DESCRIPTION"),
    introduction.map(sentences).join("\n.PP\n"),
  ];
}

export function heading(words: string): string {
  return `.SH ${argument(words)}`;
}

/** Heading of a part of a section. */
export function subheading(words: string): string {
  return `.SS ${argument(words)}`;
}

/** A term and, indented below it, what it means; both are roff already. */
export function tagged(term: string, meaning: string): string {
  return `.TP\n${term}\n${meaning}`;
}

/** References to other pages: `name(section)`, the last without a comma. */
export function references(pages: readonly (readonly [name: string, section: number])[]): string {
  return pages.map(([name, section], at) =>
    `.BR ${text(name)} (${section})${at < pages.length - 1 ? "," : ""}`
  ).join("\n");
}

/** A page written by hand: fills in the date and the version. */
export function handwritten(page: string, version: string): string {
  return page.replaceAll("@DATE@", MANUAL_DATE).replaceAll("@VERSION@", `heartbeat ${version}`);
}
