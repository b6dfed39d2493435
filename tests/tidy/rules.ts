/**
 * The rules of the house (design §2) as a pure function over the files' texts: which room may import
 * which, that no imports go round in a circle, where clock, chance and I/O may appear, how long a
 * file may be, how it opens, and that somebody needs it and what it exports.
 */
import { basename, dirname, join } from "node:path/posix";
import { type Import, importsOf, lineOf, readSource, type SourceText } from "./source_text.ts";

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

interface Room {
  readonly path: string;
  /** Paths of the house that it may import besides itself; a directory ends with a slash. */
  readonly mayImport: readonly string[];
  /** Paths of which it may import types and nothing else. */
  readonly mayImportTypes: readonly string[];
  /** Modules from outside the house; absent means any. */
  readonly external?: readonly string[];
  /** No clock, no chance, no I/O. */
  readonly pure: boolean;
}

const SIGNATURE_MODULES = ["hmac", "legacy", "sha2", "utils"]
  .map((part) => `@noble/hashes/${part}.js`)
  .concat("node:zlib", "node:buffer");

const ROOMS: readonly Room[] = [
  {
    path: "core/engine/",
    // Reading a field of a message is no codec: the helpers know nothing of bytes or framing.
    mayImport: ["core/types.ts", "core/wire/fields.ts"],
    mayImportTypes: ["core/wire/"],
    external: [],
    pure: true,
  },
  {
    path: "core/wire/",
    mayImport: ["core/types.ts"],
    mayImportTypes: ["core/engine/"],
    external: SIGNATURE_MODULES,
    pure: true,
  },
  {
    path: "core/config/",
    mayImport: ["core/types.ts"],
    mayImportTypes: [],
    external: ["node:net", "smol-toml"],
    pure: true,
  },
  { path: "core/os/", mayImport: ["core/types.ts"], mayImportTypes: [], pure: false },
  { path: "agents/", mayImport: ["core/os/", "core/types.ts"], mayImportTypes: [], pure: false },
  {
    path: "transports/",
    mayImport: ["core/os/", "core/types.ts"],
    mayImportTypes: [],
    pure: false,
  },
  {
    path: "core/runtime/",
    mayImport: ["core/types.ts", "core/engine/", "core/wire/", "core/config/", "core/os/"]
      .concat("agents/", "transports/"),
    mayImportTypes: [],
    pure: false,
  },
  {
    path: "core/cli/",
    // Commands ask the daemon or check files; `check` also asks which agents exist.
    mayImport: ["core/types.ts", "core/config/", "core/runtime/", "core/os/proc.ts"]
      .concat("agents/registry.ts"),
    mayImportTypes: ["core/engine/"],
    pure: false,
  },
];

const IMPURE =
  /\b(?:Date\.now|new Date|performance|Math\.random|setTimeout|setInterval|Deno|fetch|console|process|globalThis|(?:crypto\.)?(?:getRandomValues|randomUUID|randomBytes|randomInt))\b/g;
const ASYNC = /\b(?:async|await|Promise|queueMicrotask)\b/g;

export const MAX_PROGRAM_LINES = 300;
export const MAX_TEST_LINES = 400;
/** Files that may be longer, each with the reason. */
const LONG_FILES: ReadonlyMap<string, string> = new Map([
  ["core/config/directives.ts", "the one table of all directives, read by parser, manual and help"],
]);

/** Files that a person or another program starts; all others need an importer. */
const ENTRY_POINTS: readonly RegExp[] = [
  /^main\.ts$/,
  /^\.ci\/[^/]+\.ts$/,
  /_test\.ts$/,
  /^tests\/bench\//,
  /^tests\/(?:.+\/)?(?:main|measure)\.ts$/,
  /^examples\//,
];
const EXPORTED_VALUE = /^export (?:async |abstract )?(?:const|let|function\*?|class) (\w+)/gm;
const PROGRAM = /^(?:main\.ts|core\/|agents\/|transports\/)/;
/** What the program may import from outside its rooms: its version, and the texts it installs. */
const PROGRAM_DATA =
  /^(?:package\.json$|packaging\/|examples\/|docs\/\w+\.md$|(?:agents\/)?README\.md$)/;

/** Everything that is wrong with the tree, in the order of the files. */
export function violations(files: readonly SourceFile[]): readonly Violation[] {
  const needed = neededPaths(files);
  const brings = codeBroughtIn(files);
  const ofFiles = files.flatMap((file) => {
    const source = readSource(file.text);
    const imports = importsOf(source);
    return [
      ...importViolations(file.path, imports),
      ...cycleViolations(file.path, imports, brings),
      ...wordViolations(file.path, source),
      ...lengthViolations(file),
      ...formViolations(file, source),
      ...(needed(file.path) ? [] : [at(file.path, 1, "nothing imports this file")]),
    ];
  });
  return [...ofFiles, ...exportViolations(files)];
}

function importViolations(path: string, imports: readonly Import[]): Violation[] {
  const found: Violation[] = [];
  const room = ROOMS.find((candidate) => path.startsWith(candidate.path));
  for (const { line, specifier, typeOnly } of imports) {
    const say = (text: string) => found.push(at(path, line, text));
    if (specifier === null) {
      if (room?.pure) say("a computed import: nobody can tell what it brings in");
      continue;
    }
    const target = resolve(path, specifier);
    if (target === null) {
      if (room?.external?.includes(specifier) === false) {
        say(`${room.path} must not import "${specifier}"`);
      }
      continue;
    }
    if (PROGRAM.test(path) && PROGRAM_DATA.test(target)) continue;
    if (target.startsWith("core/cli/") && !/^(?:core\/cli\/|tests\/|main\.ts$)/.test(path)) {
      say(`only main.ts imports core/cli, not ${path}`);
    } else if (PROGRAM.test(path) && !PROGRAM.test(target)) {
      say(`the program must not import "${target}"`);
    } else if (room !== undefined && !mayImport(room, target, typeOnly)) {
      const kind = typeOnly ? "types of " : "";
      say(`${room.path} must not import ${kind}"${target}"`);
    }
  }
  return found;
}

function mayImport(room: Room, target: string, typeOnly: boolean): boolean {
  const allowed = [room.path, ...room.mayImport, ...(typeOnly ? room.mayImportTypes : [])];
  return allowed.some((path) => path.endsWith("/") ? target.startsWith(path) : target === path);
}

function cycleViolations(
  path: string,
  imports: readonly Import[],
  brings: (from: string, to: string) => boolean,
): Violation[] {
  return imports.flatMap(({ line, specifier, typeOnly }) => {
    const target = specifier === null || typeOnly ? null : resolve(path, specifier);
    if (target === null || !brings(target, path)) return [];
    return [at(path, line, `"${target}" imports this file in turn: a cycle of more than types`)];
  });
}

/** Whether importing the file `from` brings in the code of `to`, directly or by way of others. */
function codeBroughtIn(files: readonly SourceFile[]): (from: string, to: string) => boolean {
  const direct = new Map(files.map(({ path, text }) => {
    const values = importsOf(readSource(text)).filter(({ typeOnly }) => !typeOnly);
    return [path, values.map(({ specifier }) => specifier && resolve(path, specifier))];
  }));
  return (from, to) => {
    const open: (string | null)[] = [from];
    const seen = new Set<string | null>();
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (path === to) return true;
      if (path === null || seen.has(path)) continue;
      seen.add(path);
      open.push(...direct.get(path) ?? []);
    }
    return false;
  };
}

function wordViolations(path: string, { code }: SourceText): Violation[] {
  const room = ROOMS.find((candidate) => path.startsWith(candidate.path));
  if (room?.pure !== true) return [];
  const patterns = room.path === "core/engine/" ? [IMPURE, ASYNC] : [IMPURE];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)]).map((hit) =>
    at(path, lineOf(code.slice(0, hit.index)), `${room.path} must not know '${hit[0]}'`)
  );
}

function lengthViolations({ path, text }: SourceFile): Violation[] {
  if (LONG_FILES.has(path)) return [];
  const limit = PROGRAM.test(path) ? MAX_PROGRAM_LINES : MAX_TEST_LINES;
  const lines = text.trimEnd().split("\n").length;
  return lines > limit ? [at(path, limit, `${lines} lines, at most ${limit} are wanted`)] : [];
}

function formViolations({ path, text }: SourceFile, source: SourceText): Violation[] {
  const found: Violation[] = [];
  if (!/^(?:#![^\n]*\n)?\/\*\*/.test(text)) {
    found.push(at(path, 1, "the file does not open with a /** paragraph that says what it is"));
  }
  for (const { line, text: comment } of source.comments) {
    if (/^\/[/*]\s*@ts-/.test(comment)) found.push(at(path, line, "a silenced type error"));
    if (/^\/[/*]\s*deno-lint-ignore/.test(comment) && !/ -- \S+ \S+/.test(comment)) {
      found.push(at(path, line, "a silenced lint without ' -- ' and a reason"));
    }
  }
  for (const hit of source.code.matchAll(/(?:[:<|&,(=]|\bas)\s*any\b(?!\s*[:(.=])/g)) {
    found.push(at(path, lineOf(source.code.slice(0, hit.index)), "the type 'any'"));
  }
  return found;
}

/**
 * Whether a file is needed: one of the program when the program imports it, any other also when
 * another file names it, as tests do that run a helper in a process of its own.
 */
function neededPaths(files: readonly SourceFile[]): (path: string) => boolean {
  const byProgram = new Set<string>();
  const byAnybody = new Set<string>();
  for (const { path, text } of files) {
    const source = readSource(text);
    for (const { specifier } of importsOf(source)) {
      const target = specifier === null ? null : resolve(path, specifier);
      if (target === null || target === path) continue;
      byAnybody.add(target);
      if (PROGRAM.test(path)) byProgram.add(target);
    }
    for (const named of source.strings) {
      if (named.endsWith(".ts")) byAnybody.add(basename(named));
    }
  }
  return (path) => {
    if (ENTRY_POINTS.some((entry) => entry.test(path))) return true;
    if (PROGRAM.test(path)) return byProgram.has(path);
    return byAnybody.has(path) || byAnybody.has(basename(path));
  };
}

/**
 * Values that are exported and that no other file names, or that only tests use. Types are left out:
 * one that stands in the signature of an export belongs to it.
 */
function exportViolations(files: readonly SourceFile[]): Violation[] {
  const sources = files.map(({ path, text }) => ({ path, ...readSource(text) }));
  const users = new Map<string, Set<string>>();
  for (const { path, code, strings } of sources) {
    for (const [word] of [code, ...strings].join(" ").matchAll(/\w+/g)) {
      users.set(word, (users.get(word) ?? new Set()).add(path));
    }
  }
  return sources.filter(({ path }) => !ENTRY_POINTS.some((entry) => entry.test(path)))
    .flatMap(({ path, code }) =>
      [...code.matchAll(EXPORTED_VALUE)].flatMap(({ 1: name = "", index }) => {
        const others = [...users.get(name) ?? []].filter((user) => user !== path);
        const usedHere = code.split(new RegExp(`\\b${name}\\b`)).length > 2;
        const text = others.length === 0
          ? `no other file names ${name}: it need not be exported`
          : !PROGRAM.test(path) || usedHere || others.some((user) => PROGRAM.test(user))
          ? undefined
          : `only tests use ${name}`;
        return text === undefined ? [] : [at(path, lineOf(code.slice(0, index)), text)];
      })
    );
}

/** Path of the house that an import means; null for a module from outside. */
function resolve(from: string, specifier: string): string | null {
  return /^\.{1,2}\//.test(specifier) ? join(dirname(from), specifier) : null;
}

function at(path: string, line: number, text: string): Violation {
  return { path, line, text };
}
