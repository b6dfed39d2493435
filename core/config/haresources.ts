/**
 * Reads haresources: logical lines, each a preferred node and its resources (config-files §6). One
 * parser for the whole program; where the two parsers of the original disagree with it, it warns.
 */

import { isIPv6 } from "node:net";
import type { ResourceConfig } from "../types.ts";
import { quote, Report } from "./diagnostics.ts";
import { linesOf, type Source, type Span, type Word } from "./source.ts";

/** One resource word and its place. */
export interface PlacedResource {
  readonly config: ResourceConfig;
  readonly span: Span;
}

/** One logical line; `resources` lacks what was reported, and may so be empty. */
export interface PlacedGroup {
  readonly node: Word;
  readonly resources: readonly PlacedResource[];
}

/** A logical line: its characters, and where each stood in the source. */
interface LogicalLine {
  text: string;
  readonly offsets: number[];
}

/**
 * Parses the text; reports every problem and goes on. Groups come in file order.
 * @param report absent: nobody asks what is wrong
 */
export function parseHaresources(source: Source, report = new Report()): PlacedGroup[] {
  const groups: PlacedGroup[] = [];
  for (const line of logicalLines(source, report)) {
    const [node, ...words] = wordsOfLine(source, line);
    if (node === undefined) continue;
    const resources = words.flatMap((word) => {
      const config = readResource(word, report);
      return config === null ? [] : [{ config, span: word.span }];
    });
    // A word alone may be meant as either.
    if (words.length > 0) groups.push({ node, resources });
    else {
      report.error("HB151", node.span, {
        title: `Cannot make a group of ${quote(node.text)} alone`,
        caretNote: "expected resources behind the node",
        help: `write for example "${node.text} 192.168.2.3 httpd", or delete the line`,
      });
    }
  }
  return groups;
}

function logicalLines(source: Source, report: Report): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: LogicalLine | null = null;
  for (const physical of linesOf(source)) {
    const raw = source.text.slice(physical.start, physical.end).replace(/\r$/, "");
    const line: LogicalLine = open ?? { text: "", offsets: [] };
    if (open === null) lines.push(line);
    else checkJoin(open, raw, physical, report);
    const hash = raw.indexOf("#");
    if (hash >= 0) checkComment(raw, hash, physical, open !== null, report);
    const continues = hash < 0 && /\\[ \t]*$/.test(raw);
    const content = raw.slice(0, continues ? raw.lastIndexOf("\\") : hash < 0 ? raw.length : hash);
    line.text += content;
    for (let at = 0; at < content.length; at++) line.offsets.push(physical.start + at);
    open = continues ? line : null;
    if (continues && !raw.endsWith("\\")) {
      const start = physical.start + content.length;
      report.error("HB155", { source, start, end: start + 1 }, {
        title: "Cannot continue this line: blanks follow the backslash",
        caretNote: "must be the very last character of its line",
        help: "delete the blanks behind the backslash",
      });
    }
  }
  return lines;
}

/** `a\` + `b` is the one word `ab`, in the original too (config-files §6.1). */
function checkJoin(open: LogicalLine, next: string, physical: Span, report: Report): void {
  const before = open.text.at(-1) ?? " ";
  const after = next.at(0) ?? " ";
  if (/[ \t#\\]/.test(before + after)) return;
  const start = physical.start;
  const end = start + (next.search(/[ \t\\#]|$/));
  report.warning("HB154", { ...physical, start, end }, {
    title: "A continued line is joined without a blank",
    caretNote: "becomes one word with the end of the line before",
    help: "put a blank before the backslash",
  });
}

function checkComment(
  raw: string,
  hash: number,
  physical: Span,
  continued: boolean,
  report: Report,
): void {
  const start = physical.start + hash;
  const span = { ...physical, start, end: physical.start + raw.trimEnd().length };
  if (continued) {
    report.warning("HB153", span, {
      title: "A comment stands on a continuation line",
      caretNote: "taken as comment; the original takes these words for resources",
      help: "move the comment to a line of its own, above the group",
    });
  }
  if (raw.endsWith("\\")) {
    report.warning("HB155", { ...span, start: span.end - 1 }, {
      title: "This backslash belongs to a comment and does not continue the line",
      caretNote: "the next line begins a new group",
      help: "move the comment to a line of its own, above the group",
    });
  }
}

function wordsOfLine(source: Source, line: LogicalLine): Word[] {
  return [...line.text.matchAll(/[^ \t\r\f]+/g)].map((match) => {
    const start = line.offsets[match.index] ?? 0;
    const last = line.offsets[match.index + match[0].length - 1] ?? start;
    return { text: match[0], span: { source, start, end: last + 1 } };
  });
}

/**
 * How an IPv6 address is written as a resource: alone, its colons would part agent and arguments.
 * @returns null for a word that is none, with or without `/PREFIX/INTERFACE`
 */
export function ipv6Resource(word: string): string | null {
  return isIPv6(word.replace(/\/.*$/s, "")) ? `IPv6addr::${word}` : null;
}

/**
 * A word to agent and arguments; null, with a report, if no agent can be meant. A bare address is
 * the argument of IPaddr; whether it is right, only the agent that this name leads to can say.
 */
function readResource(word: Word, report: Report): ResourceConfig | null {
  const isAddress = /^\d+\.\d+\.\d+\.\d+/.test(word.text);
  const [name = "", ...rest] = word.text.split("::");
  const agent = isAddress ? "IPaddr" : name;
  const args = (isAddress ? [name, ...rest] : rest).filter((one) => one !== "");
  if (agent === "" || /[/\\]/.test(agent)) {
    const ipv6 = ipv6Resource(word.text);
    report.error("HB156", word.span, {
      title: `Cannot find an agent in ${quote(word.text)}`,
      caretNote: "expected AGENT or AGENT::ARGUMENT or an IPv4 address",
      help: ipv6 !== null
        ? `write "${ipv6}"`
        : agent.startsWith("/")
        ? `write "${agent.split("/").at(-1)}"; scripts are found in resource.d and init.d by name`
        : 'write for example "httpd" or "Filesystem::/dev/sdb1::/data::ext4"',
    });
    return null;
  }
  return { text: word.text, agent, args };
}
