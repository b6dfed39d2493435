/**
 * Reads authkeys (config-files §7): which keys there are and which one signs. Whether the file
 * itself is kept secret is judged in `key_file.ts`. Never shows a key in a message.
 */

import type { AuthKey, AuthKeys, AuthMethod } from "../types.ts";
import { quote, type Report } from "./diagnostics.ts";
import { nearestName } from "./nearest.ts";
import { lineNumber, linesOf, type Source, type Span, type Word, wordsOf } from "./source.ts";

/** Keys as parsed, with the places that later checks point at. */
export interface PlacedKeys {
  readonly keys: AuthKeys;
  /** Method word of each key, by key number. */
  readonly methodSpans: ReadonlyMap<number, Span>;
}

interface KeyLine {
  readonly key: AuthKey;
  readonly number: Word;
  readonly method: Word;
}

const METHODS: readonly AuthMethod[] = ["crc", "md5", "sha1", "sha256"];
const MAX_KEY_NUMBER = 15;
const EXAMPLE = 'write "auth 1" and "1 sha1 SECRET", each on its own line';

/** Parses the text; null when no usable signing key results, which then was reported. */
export function parseAuthkeys(source: Source, report: Report): PlacedKeys | null {
  const keys = new Map<number, KeyLine>();
  const seen = new Map<number, Word>();
  let signing: Word | null = null;
  let empty = true;
  let authBroken = false;
  for (const line of linesOf(source)) {
    const words = wordsOf(line, /[^ \t\r\f]+/g);
    const [first] = words;
    if (first === undefined || first.text.startsWith("#")) continue;
    empty = false;
    if (/^\d/.test(first.text)) {
      const number = readNumber(first, report);
      if (number === null || !firstOf(number, first, seen, report)) continue;
      const key = readKey(number, first, words, report);
      if (key !== null) keys.set(number, key);
    } else if (first.text === "auth") {
      const chosen = readAuth(words, signing, report);
      if (chosen === null) authBroken = true;
      signing = chosen ?? signing;
    } else if (reportUnknownLine(first, report)) authBroken = true;
  }
  if (empty) {
    report.error("HB163", source.path, {
      title: `Cannot sign messages: ${source.path} holds no key`,
      help: EXAMPLE,
    });
    return null;
  }
  // What was meant to choose the key was reported already.
  if (signing === null && authBroken) return null;
  return choose(source, keys, seen, signing, report);
}

/**
 * A line of authkeys as messages may show it: words that could be a key, or a part of one, become
 * stars; what was misplaced counts as one.
 */
export function redactKeys(line: string): string {
  const stars = (word: string) => word.replace(/./gu, "*");
  let index = 0;
  let numbered = false;
  return line.replace(/[^ \t\r\f]+/g, (word) => {
    const isNumber = /^\d{1,9}$/.test(word);
    if (index++ === 0) {
      numbered = isNumber;
      return isNumber || isAuthLike(word) ? word : stars(word);
    }
    return index === 2 && (numbered ? isMethodLike(word) : isNumber) ? word : stars(word);
  });
}

function isAuthLike(word: string): boolean {
  return nearestName(word, ["auth"]) !== null;
}

function isMethodLike(word: string): boolean {
  return /^(crc|md|sha)-?\d*$/i.test(word) || nearestName(word, METHODS) !== null;
}

function readNumber(word: Word, report: Report): number | null {
  const number = /^\d{1,9}$/.test(word.text) ? Number(word.text) : NaN;
  if (number <= MAX_KEY_NUMBER) return number;
  report.error("HB165", word.span, {
    title: /^\d+$/.test(word.text)
      ? `Cannot use ${quote(word.text)} as key number`
      : "Cannot understand this key number",
    caretNote: `expected a number from 0 to ${MAX_KEY_NUMBER}`,
    help: EXAMPLE,
  });
  return null;
}

/** Two lines of one number would make the order of lines matter. */
function firstOf(number: number, word: Word, seen: Map<number, Word>, report: Report): boolean {
  const before = seen.get(number);
  if (before === undefined) {
    seen.set(number, word);
    return true;
  }
  report.error("HB171", word.span, {
    title: `Cannot take key ${number} twice`,
    caretNote: `already given in line ${lineNumber(before.span)}`,
    help: "give the new key another number, or delete one of the lines",
  });
  return false;
}

function readAuth(words: readonly Word[], before: Word | null, report: Report): Word | null {
  const [auth, number] = words;
  if (auth === undefined) return null;
  if (number === undefined) {
    report.error("HB164", auth.span, {
      title: "Cannot tell which key signs",
      caretNote: "expected the number of a key behind this",
      help: EXAMPLE,
    });
    return null;
  }
  if (readNumber(number, report) === null) return null;
  if (before !== null && Number(before.text) !== Number(number.text)) {
    report.error("HB171", number.span, {
      title: "Cannot sign with two keys",
      caretNote: `line ${lineNumber(before.span)} chooses key ${before.text}`,
      help: "keep one auth line",
    });
  }
  return number;
}

/** Returns whether the line was probably meant to choose the signing key. */
function reportUnknownLine(first: Word, report: Report): boolean {
  const isAuth = isAuthLike(first.text);
  report.error("HB174", first.span, {
    title: "Cannot understand this line of the key file",
    caretNote: isAuth ? 'did you mean "auth"?' : 'expected "auth NUMBER" or "NUMBER METHOD KEY"',
    help: isAuth ? 'write "auth" and the number of a key' : "delete the line, or put # before it",
  });
  return isAuth;
}

function readKey(
  number: number,
  numberWord: Word,
  words: readonly Word[],
  report: Report,
): KeyLine | null {
  const [, methodWord, secret, ...rest] = words;
  if (methodWord === undefined) {
    report.error("HB167", numberWord.span, {
      title: `Cannot use key ${number}: its method is missing`,
      caretNote: `expected one of ${METHODS.join(", ")} behind this`,
      help: `write "${number} sha1 SECRET"`,
    });
    return null;
  }
  const method = METHODS.find((one) => one === methodWord.text);
  if (method === undefined) {
    const near = nearestName(methodWord.text, METHODS);
    report.error("HB167", methodWord.span, {
      title: isMethodLike(methodWord.text)
        ? `Cannot use ${quote(methodWord.text)} as signature method`
        : `Cannot use key ${number}: its method is missing or unknown`,
      caretNote: near === null
        ? `expected one of ${METHODS.join(", ")}`
        : `did you mean "${near}"?`,
      help: `write "${number} ${near ?? "sha1"} SECRET"`,
    });
    return null;
  }
  const bytes = method === "crc"
    ? crcKey(number, secret, report)
    : secretKey(number, methodWord, secret, rest, report);
  if (bytes === null) return null;
  return { key: { number, method, secret: bytes }, number: numberWord, method: methodWord };
}

function crcKey(number: number, secret: Word | undefined, report: Report): Uint8Array | null {
  if (secret === undefined) return new Uint8Array();
  if (secret.text.startsWith("#")) {
    report.warning("HB107", secret.span, {
      title: "A comment stands behind a key line",
      caretNote: "ignored; the original refuses it here",
      help: "move the comment to a line of its own",
    });
    return new Uint8Array();
  }
  report.error("HB168", secret.span, {
    title: `Cannot give a key word to key ${number}: its method crc has none`,
    caretNote: "not expected",
    help: `write "${number} crc", or better "${number} sha1 SECRET"`,
  });
  return null;
}

function secretKey(
  number: number,
  method: Word,
  secret: Word | undefined,
  rest: readonly Word[],
  report: Report,
): Uint8Array | null {
  if (secret === undefined || secret.text.startsWith("#")) {
    report.error("HB168", method.span, {
      title: `Cannot use key ${number}: its key word is missing`,
      caretNote: secret === undefined
        ? "expected a key behind this"
        : "expected a key behind this, not a comment",
      help: `write "${number} ${method.text} SECRET"`,
    });
    return null;
  }
  if (secret.text.includes("\uFFFD")) {
    report.error("HB175", secret.span, {
      title: `Cannot use key ${number}: it holds bytes that are not UTF-8`,
      caretNote: "would differ from the key of the peer",
      help: "use letters and digits of ASCII in the key, the same on all nodes",
    });
    return null;
  }
  const [extra] = rest;
  if (extra !== undefined && !extra.text.startsWith("#")) {
    const end = rest.at(-1)?.span.end ?? extra.span.end;
    report.warning("HB169", { ...extra.span, end }, {
      title: `Words behind key ${number} are ignored, as the original does`,
      caretNote: "not part of the key; only the one word before it is",
      help: "delete them, or write the key without blanks on all nodes at once",
    });
  }
  return new TextEncoder().encode(secret.text);
}

function choose(
  source: Source,
  keys: ReadonlyMap<number, KeyLine>,
  seen: ReadonlyMap<number, Word>,
  signing: Word | null,
  report: Report,
): PlacedKeys | null {
  const listed = [...keys.keys()].join(", ") || "none";
  if (signing === null) {
    const [number = 1] = keys.keys();
    report.error("HB164", source.path, {
      title: `Cannot tell which key signs: ${source.path} has no usable auth line`,
      help: `write "auth ${number}" as its first line`,
    });
    return null;
  }
  const number = Number(signing.text);
  const chosen = keys.get(number);
  if (chosen === undefined) {
    // A key that is there but unusable was reported with its own cause.
    if (seen.has(number)) return null;
    report.error("HB166", signing.span, {
      title: `Cannot sign with key ${number}: it is not listed`,
      caretNote: `usable keys: ${listed}`,
      help: keys.size === 0
        ? `write the line "${number} sha1 SECRET"`
        : `write "auth ${[...keys.keys()][0]}", or add the line "${number} sha1 SECRET"`,
    });
    return null;
  }
  if (chosen.number.span.start < signing.span.start) {
    report.warning("HB172", signing.span, {
      title: "The auth line stands behind the key that it chooses",
      caretNote: "no matter here; the original refuses to start with it",
      help: "make it the first line",
    });
  }
  const lines = [...keys.values()];
  return {
    keys: { signing: chosen.key, keys: lines.map(({ key }) => key) },
    methodSpans: new Map(lines.map(({ key, method }) => [key.number, method.span])),
  };
}
