/**
 * Characters that look like a blank, or like nothing, and are no blank to any program: they come
 * with text that was copied from a web page or saved by an editor of another system. Outside of
 * comments they are read as the blanks that people see, and named once a file and kind.
 */

import type { Report } from "./diagnostics.ts";
import { createSource, linesOf, type Source, type Span, withoutComment } from "./source.ts";

const NAMES: ReadonlyMap<string, string> = new Map([
  ["\u00a0", "no-break space"],
  ["\u00ad", "soft hyphen"],
  ["\u2002", "en space"],
  ["\u2003", "em space"],
  ["\u2007", "figure space"],
  ["\u2009", "thin space"],
  ["\u200b", "zero-width space"],
  ["\u200c", "zero-width non-joiner"],
  ["\u200d", "zero-width joiner"],
  ["\u202f", "narrow no-break space"],
  ["\u2060", "word joiner"],
  ["\u3000", "ideographic space"],
  ["\ufeff", "byte order mark"],
]);
const INVISIBLE = new RegExp(`[${[...NAMES.keys()].join("")}]`, "g");

/** The number and method of a line of authkeys, or its choice of a key; what follows is a secret. */
const BEFORE_KEY = /^\s*(?:auth\s*\d*|\d+\s+[a-z]+\d*\s?)/;

/** @returns the text as people see it, with every place where it was */
export function withVisibleBlanks(source: Source, report: Report): Source {
  const cure = (bytes: string) => `sed -i 's/${bytes}/ /g' ${source.path}`;
  return replaced(source, linesOf(source).map(withoutComment), cure, report);
}

/** As {@link withVisibleBlanks}, but no key is touched. */
export function withVisibleBlanksBeforeKeys(source: Source, report: Report): Source {
  const parts = linesOf(source).map((line) => {
    const [part = ""] = BEFORE_KEY.exec(source.text.slice(line.start, line.end)) ?? [];
    return { ...line, end: line.start + part.length };
  });
  // In a key it may be meant.
  return replaced(source, parts, () => "write the words before the key anew, by hand", report);
}

/** @param cure what to do about a character, given as sed writes its bytes */
function replaced(
  source: Source,
  parts: readonly Span[],
  cure: (bytes: string) => string,
  report: Report,
): Source {
  const found = new Map<string, Span[]>();
  for (const part of parts) {
    for (const match of source.text.slice(part.start, part.end).matchAll(INVISIBLE)) {
      const start = part.start + match.index;
      const spans = found.get(match[0]) ?? [];
      found.set(match[0], [...spans, { source, start, end: start + 1 }]);
    }
  }
  if (found.size === 0) return source;
  const characters = source.text.split("");
  for (const { start } of [...found.values()].flat()) characters[start] = " ";
  const visible = createSource(source.path, characters.join(""), source.redact);
  for (const [character, spans] of found) {
    const bytes = [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16)}`);
    tell(
      character,
      spans.map((span) => ({ ...span, source: visible })),
      cure(bytes.join("")),
      report,
    );
  }
  return visible;
}

function tell(character: string, spans: readonly Span[], help: string, report: Report): void {
  const [first] = spans;
  if (first === undefined) return;
  const name = NAMES.get(character) ?? "character";
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const times = spans.length === 1 ? "" : `, the first of ${spans.length}`;
  report.warning("HB126", first, {
    title: `An invisible character stands here: ${name} (U+${code})${times}`,
    caretNote: "taken as a blank; the original takes it as a part of the word",
    help,
  });
}
