/**
 * The kinds of values that a directive of ha.cf can take, how each is read and how it is described
 * (config-files §1.1). Reads one value; which directive takes what stands in `directives.ts`.
 */

/** Value kinds. `list` repeats (nodes, interfaces); `line` has arguments of its own. */
export type Syntax =
  | { readonly kind: "time" }
  | { readonly kind: "boolean"; readonly also: readonly string[] }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** `ours` are values that work here and that the original does not know. */
  | {
    readonly kind: "choice";
    readonly values: readonly string[];
    readonly ignoreCase: boolean;
    readonly ours?: readonly string[];
  }
  | { readonly kind: "word" }
  | { readonly kind: "path" }
  | { readonly kind: "list"; readonly of: "path" | "word" }
  | { readonly kind: "line" };

/** A checked value: milliseconds of a time, a number, a truth, or a word. */
export type Value = number | boolean | string;

/**
 * What reading one value gave; `remark` says how the original heartbeat would take it otherwise.
 */
export type Reading =
  | { readonly ok: true; readonly value: Value; readonly remark: string | null }
  | { readonly ok: false };

/** Timers count milliseconds in 32 bits; about 24 days. */
export const MAX_TIME_MS = 2_147_483_647;

const TRUE_WORDS = ["true", "on", "yes", "y", "1"];
const FALSE_WORDS = ["false", "off", "no", "n", "0"];

/** Time units that the original refuses and we take, in milliseconds (config-files §10, 2). */
const OUR_UNITS_MS: Readonly<Record<string, number>> = {
  ...unit(1000, ["s", "sec", "secs", "second", "seconds"]),
  ...unit(60_000, ["m", "min", "mins", "minute", "minutes"]),
  ...unit(3_600_000, ["h", "hour", "hours"]),
};

function unit(ms: number, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, ms]));
}

/** A time as one would write it in ha.cf. */
export function writeTime(ms: number): string {
  return ms % 1000 === 0 ? String(ms / 1000) : `${ms}ms`;
}

/** Reads one value of a syntax. */
export function readValue(syntax: Syntax, text: string): Reading {
  switch (syntax.kind) {
    case "time":
      return readTime(text);
    case "boolean":
      return readBoolean(text, syntax.also);
    case "integer":
      return readInteger(text, syntax.min, syntax.max);
    case "choice": {
      const wanted = syntax.ignoreCase ? text.toLowerCase() : text;
      if (syntax.ours?.includes(wanted)) return accept(wanted, "the original refuses to start");
      return syntax.values.includes(wanted) ? accept(wanted) : { ok: false };
    }
    case "word":
    case "line":
      return accept(text);
    case "path":
      return text.startsWith("/") ? accept(text) : { ok: false };
    case "list":
      return syntax.of === "word" || text.startsWith("/") ? accept(text) : { ok: false };
    default: {
      const never: never = syntax;
      return never;
    }
  }
}

/** What a syntax expects, to stand behind "expected" and in the manual. */
export function describeSyntax(syntax: Syntax): string {
  switch (syntax.kind) {
    case "time":
      return "a time above 0, such as 2, 0.5 or 500ms (seconds unless a unit follows)";
    case "boolean":
      return ["on", "off", ...syntax.also].join(", ").replace(/, (\w+)$/, " or $1");
    case "integer":
      return syntax.max === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${syntax.min} or more`
        : `a whole number from ${syntax.min} to ${syntax.max}`;
    case "choice":
      return `one of ${syntax.values.join(", ")}`;
    case "word":
      return "one word";
    case "path":
      return "an absolute path";
    case "list":
      return syntax.of === "path" ? "absolute paths" : "one or more words";
    case "line":
      return "arguments separated by blanks";
    default: {
      const never: never = syntax;
      return never;
    }
  }
}

/** The words a value of this syntax can be, for suggestions; empty if open. */
export function wordsOfSyntax(syntax: Syntax): readonly string[] {
  if (syntax.kind === "choice") return syntax.values;
  return syntax.kind === "boolean" ? [...TRUE_WORDS, ...FALSE_WORDS, ...syntax.also] : [];
}

/**
 * A readable value as {@link describeSyntax} would have it written: `on` for `yes`, `1` for
 * `1000ms`; as it is where there is only one way.
 */
export function plainestWord(syntax: Syntax, text: string): string {
  const reading = readValue(syntax, text);
  if (!reading.ok) return text;
  if (typeof reading.value === "boolean") return reading.value ? "on" : "off";
  return syntax.kind === "time" ? writeTime(Number(reading.value)) : String(reading.value);
}

function accept(value: Value, remark: string | null = null): Reading {
  return { ok: true, value, remark };
}

function readTime(text: string): Reading {
  const [, digits = "", blanks = "", unitName = ""] = /^([0-9.]+)( *)([a-z]*)$/i.exec(text) ?? [];
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) return { ok: false };
  const name = unitName.toLowerCase();
  const ours = OUR_UNITS_MS[name];
  const perUnitMs = name === ""
    ? 1000
    : name.startsWith("ms")
    ? 1
    : name.startsWith("us")
    ? 0.001
    : ours;
  if (perUnitMs === undefined) return { ok: false };
  const ms = Math.round(Number(digits) * perUnitMs);
  if (ms <= 0 || ms > MAX_TIME_MS) return { ok: false };
  const refused = ours !== undefined || blanks !== "";
  const remark = refused ? `here ${ms} ms; the original heartbeat refuses to start with it` : null;
  return accept(ms, remark);
}

function readBoolean(text: string, also: readonly string[]): Reading {
  const word = text.toLowerCase();
  if (also.includes(word)) return accept(word);
  if (TRUE_WORDS.includes(word)) return accept(true);
  return FALSE_WORDS.includes(word) ? accept(false) : { ok: false };
}

function readInteger(text: string, min: number, max: number): Reading {
  const [, digits, rest = ""] = /^([+-]?\d+)(.*)$/.exec(text) ?? [];
  if (digits === undefined) return { ok: false };
  const value = Number(digits);
  if (value < min || value > max) return { ok: false };
  return accept(
    value,
    rest === "" ? null : `read as ${value}, as the original does; delete the rest`,
  );
}
