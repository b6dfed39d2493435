/**
 * Takes a TypeScript source apart just far enough to look for words and imports: comments and the
 * contents of strings are set aside, so that prose and messages are never mistaken for code. It is
 * no parser; what it has to know is where a string, a template, a comment or a regex ends.
 */

export interface Comment {
  readonly line: number;
  readonly text: string;
}

export interface SourceText {
  /** The code, line by line as before; `"7"` stands for the string with that index. */
  readonly code: string;
  readonly strings: readonly string[];
  readonly comments: readonly Comment[];
}

/** After these, a slash begins a regular expression and not a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\b(?:return|typeof|case|of|in))\s*$/;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;
const QUOTED = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;

/** Splits a source; never throws, an unfinished string simply ends with the file. */
export function readSource(text: string): SourceText {
  const strings: string[] = [];
  const comments: Comment[] = [];
  /** Open braces of each `${` that surrounds this point. */
  const templates: number[] = [];
  let code = "";
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const keepString = (content: string) => {
    code += `"${strings.push(content) - 1}"` + newlines(content);
  };
  const takeTemplateText = () => {
    keepString(take(TEMPLATE_TEXT) ?? "");
    if (text.startsWith("${", at)) {
      templates.push(0);
      code += "+(";
      at += 2;
    } else {
      at += 1;
    }
  };

  while (at < text.length) {
    const comment = take(COMMENT);
    if (comment !== undefined) {
      comments.push({ line: lineOf(code), text: comment });
      code += " " + newlines(comment);
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== undefined) {
      keepString(quoted.slice(1, -1));
      continue;
    }
    if (BEFORE_REGEX.test(code.slice(-20))) {
      const regex = take(REGEX);
      if (regex !== undefined) {
        keepString(regex);
        continue;
      }
    }
    const letter = text[at++] ?? "";
    const depth = templates.at(-1);
    if (letter === "`") takeTemplateText();
    else if (letter === "}" && depth === 0) {
      templates.pop();
      code += ")+";
      takeTemplateText();
    } else {
      if (depth !== undefined && letter === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && letter === "}") templates[templates.length - 1] = depth - 1;
      code += letter;
    }
  }
  return { code, strings, comments };
}

/** Line, from 1, on which the text after `code` begins. */
export function lineOf(code: string): number {
  return code.split("\n").length;
}

function newlines(text: string): string {
  return "\n".repeat(text.split("\n").length - 1);
}

export interface Import {
  readonly line: number;
  /** As written; null where it is computed at run time. */
  readonly specifier: string | null;
  readonly typeOnly: boolean;
}

const STATEMENT = /\b(?:import|export)\s+(type\s+)?([\w$*\s{},]*?)\s*\bfrom\s*"(\d+)"/g;
const BARE = /\bimport\s*"(\d+)"/g;
const DYNAMIC = /\bimport\s*\(\s*(?:"(\d+)"\s*,?\s*\))?/g;

/** All imports and re-exports, static and dynamic, in any order. */
export function importsOf({ code, strings }: SourceText): readonly Import[] {
  const imports: Import[] = [];
  const add = (index: number, string: string | undefined, typeOnly: boolean) => {
    const specifier = string === undefined ? null : strings[Number(string)] ?? null;
    imports.push({ line: lineOf(code.slice(0, index)), specifier, typeOnly });
  };
  for (const found of code.matchAll(STATEMENT)) {
    add(found.index, found[3], found[1] !== undefined || namesOnlyTypes(found[2] ?? ""));
  }
  for (const found of code.matchAll(BARE)) add(found.index, found[1], false);
  for (const found of code.matchAll(DYNAMIC)) add(found.index, found[1], false);
  return imports;
}

/** `{ type A, type B }` brings no code in, as little as `type { A, B }`. */
function namesOnlyTypes(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause)?.[1]?.split(",").map((name) => name.trim());
  return names?.filter((name) => name !== "").every((name) => name.startsWith("type ")) ?? false;
}
