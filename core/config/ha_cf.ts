/**
 * Reads ha.cf: lines to statements, and statements with a single value to settings (config-files
 * §1). The last line of a name counts; what one above another line had is kept for the media, which go
 * by it. What media, nodes and clients mean, and whether the values fit each other, is judged
 * elsewhere.
 */

import { quote, type Report } from "./diagnostics.ts";
import { type Directive, DIRECTIVES, findDirective } from "./directives.ts";
import { nearestName } from "./nearest.ts";
import { Settings } from "./settings.ts";
import { lineNumber, linesOf, type Source, type Word, wordsOf } from "./source.ts";
import { withoutComment } from "./source.ts";
import { describeSyntax, plainestWord, readValue, wordsOfSyntax, writeTime } from "./syntax.ts";

/** One directive as it stands in the file; never without arguments. */
export interface Statement {
  readonly directive: Directive;
  readonly keyword: Word;
  readonly args: readonly Word[];
}

export interface HaCf {
  readonly settings: Settings;
  /** All statements whose directive is a list or has arguments of its own, in file order. */
  readonly statements: readonly Statement[];
}

/** Longest line that the original reads whole (config-files §1). */
const MAX_LINE_CHARS = 5119;

/** Words between blanks, and between blanks or commas (config-files §1). */
const BLANK_SEPARATED = /[^ \t\r\f]+/g;
const COMMA_SEPARATED = /[^ \t\r\f,]+/g;

/** Parses the text; reports every problem and goes on. */
export function parseHaCf(source: Source, report: Report): HaCf {
  const settings = new Settings();
  const statements = readStatements(source, settings, report);
  reportRepetition(statements, report);
  reportState(statements, report);
  for (const statement of statements) {
    const { kind } = statement.directive.syntax;
    if (kind !== "list" && kind !== "line") readSetting(statement, settings, report);
  }
  return {
    settings,
    statements: statements.filter(({ directive }) =>
      directive.syntax.kind === "list" || directive.syntax.kind === "line"
    ),
  };
}

function readStatements(source: Source, settings: Settings, report: Report): Statement[] {
  const statements: Statement[] = [];
  for (const line of linesOf(source)) {
    if (line.end - line.start > MAX_LINE_CHARS) {
      report.warning("HB102", { ...line, end: line.start }, {
        title: `A line is longer than ${MAX_LINE_CHARS} characters`,
        caretNote: "the original heartbeat cuts it into several",
        help: "distribute the values over several lines with the same directive",
      });
    }
    const content = withoutComment(line);
    const [keyword] = wordsOf(content, BLANK_SEPARATED);
    if (keyword === undefined) continue;
    const directive = findDirective(keyword.text);
    if (directive === undefined) {
      // What was probably meant was given, so that nobody goes by its default.
      const meant = reportUnknown(keyword, report);
      if (meant !== null) settings.markBroken(meant);
      continue;
    }
    const separated = directive.syntax.kind === "line" ? BLANK_SEPARATED : COMMA_SEPARATED;
    const args = wordsOf({ ...content, start: keyword.span.end }, separated);
    if (args.length > 0) statements.push({ directive, keyword, args });
    else reportEmpty(directive, keyword, report);
  }
  return statements;
}

/** @returns the directive that was probably meant */
function reportUnknown(keyword: Word, report: Report): string | null {
  const near = nearestName(keyword.text, DIRECTIVES.map(({ name }) => name));
  report.error("HB103", keyword.span, {
    title: `Cannot understand the directive ${quote(keyword.text)}`,
    caretNote: near === null ? "no directive has a similar name" : `did you mean "${near}"?`,
    help: near === null ? "delete the line, or put # before it" : `write "${near} …"`,
  });
  return near;
}

/** Alone in its line: the original takes an ordinary directive silently (config-files §1). */
function reportEmpty({ name, syntax, example }: Directive, keyword: Word, report: Report): void {
  const advice = {
    caretNote: `expected ${describeSyntax(syntax)}`,
    help: `write for example "${example}", or delete the line`,
  };
  if (syntax.kind === "line") {
    report.error("HB115", keyword.span, {
      title: `Cannot use "${name}" without arguments`,
      ...advice,
    });
  } else {
    report.warning("HB105", keyword.span, {
      title: `"${name}" stands without a value and does nothing`,
      ...advice,
    });
  }
}

function reportRepetition(statements: readonly Statement[], report: Report): void {
  const seen = new Map<string, Statement>();
  for (const statement of statements) {
    const { directive, keyword } = statement;
    if (directive.repeat === "many") continue;
    const first = seen.get(directive.name);
    seen.set(directive.name, statement);
    if (first === undefined) continue;
    const line = lineNumber(first.keyword.span);
    const help = `delete line ${line} or this one`;
    if (directive.repeat === "once") {
      report.error("HB109", keyword.span, {
        title: `Cannot take "${directive.name}" twice`,
        caretNote: `already given in line ${line}`,
        help,
      });
    } else {
      report.warning("HB108", keyword.span, {
        title: `"${directive.name}" is given more than once; the last one counts`,
        caretNote: `replaces the one in line ${line}`,
        help,
      });
    }
  }
}

/** Tells once a directive that it is not active or has no meaning here. */
function reportState(statements: readonly Statement[], report: Report): void {
  const told = new Set<string>();
  for (const { directive, keyword } of statements) {
    if (directive.state === "active" || told.has(directive.name)) continue;
    told.add(directive.name);
    const accepted = directive.state === "accepted";
    report.warning(accepted ? "HB110" : "HB111", keyword.span, {
      title: accepted
        ? `"${directive.name}" is accepted, not active yet`
        : `"${directive.name}" has no meaning here and is ignored`,
      caretNote: directive.meanwhile ?? undefined,
    });
  }
}

function readSetting(statement: Statement, settings: Settings, report: Report): void {
  const { directive, keyword } = statement;
  const values = directive.syntax.kind === "time" ? joinUnits(statement.args) : statement.args;
  for (const { text, span } of values) {
    const reading = readValue(directive.syntax, text);
    if (!reading.ok) {
      settings.markBroken(directive.name);
      reportValue(directive, { text, span }, report);
      continue;
    }
    const { value, remark } = reading;
    const plain = remark === null || typeof value !== "number"
      ? text
      : directive.syntax.kind === "time"
      ? writeTime(value)
      : String(value);
    settings.set(directive.name, { value, text: plain, span });
    if (remark === null) continue;
    report.warning("HB107", span, {
      title: `The value ${quote(text)} of "${directive.name}" is not what the original expects`,
      caretNote: remark,
      help: plain === text
        ? "keep it only if no original node is in the cluster"
        : `write "${directive.name} ${plain}"`,
    });
  }
  const last = values.at(-1);
  if (values.length > 1 && last !== undefined && settings.readable(directive.name)) {
    report.warning("HB108", last.span, {
      title: `"${directive.name}" is given more than once; the last one counts`,
      caretNote: `counts; the ${values.length - 1} before it ${
        values.length > 2 ? "do" : "does"
      } not`,
      help: `write "${keyword.text} ${last.text}"`,
    });
  }
}

/** `500 ms` is one time, not two values. */
function joinUnits(args: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of args) {
    const before = joined.at(-1);
    if (before !== undefined && /^[0-9.]+$/.test(before.text) && /^[a-z]+$/i.test(word.text)) {
      const span = { ...before.span, end: word.span.end };
      joined[joined.length - 1] = { text: `${before.text} ${word.text}`, span };
    } else joined.push(word);
  }
  return joined;
}

function reportValue(directive: Directive, word: Word, report: Report): void {
  const words = wordsOfSyntax(directive.syntax);
  const like = nearestName(word.text, words.filter((one) => one.length > 1));
  const near = like === null ? null : plainestWord(directive.syntax, like);
  report.error("HB106", word.span, {
    title: `Cannot use ${quote(word.text)} as "${directive.name}"`,
    caretNote: `expected ${describeSyntax(directive.syntax)}`,
    help: near === null
      ? `write for example "${directive.example}"`
      : `did you mean "${near}"? write "${directive.name} ${near}"`,
  });
}
