/**
 * Loads TypeScript and JavaScript agents from disk: sucrase makes a script of a module, and our own
 * `require` decides what it may import. Neither the module system nor the network is ever asked, so
 * that a plugin loads the same way from sources and in the compiled executable, and old code is
 * freed with its loader (deno-runtime, section A). Types are not checked; an editor does that.
 *
 * Known limits: no top-level `await`; `import.meta` has url, dirname and filename, also inside text.
 */
import { dirname, extname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { transform } from "sucrase";
import { messageOf } from "../core/os/thrown.ts";
import type { Agent } from "./contract.ts";
import { checkedAgent } from "./plugin_contract.ts";
import { PLUGIN_EXTENSIONS } from "./plugin_agent.ts";
import { type PluginSource, readTrusted, type TrustedFile } from "./plugin_files.ts";
import * as sdk from "./sdk.ts";

/** The name under which plugins import the contract and its helpers. */
const SDK_NAME = "heartbeat";

/** A plugin that cannot be loaded; the message starts with its own `file:line`, if known. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}

interface LoadedModule {
  exports: Record<string, unknown>;
}

type Require = (specifier: string) => unknown;
type Body = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: LoadedModule,
  meta: Readonly<Record<string, string>>,
) => void;

/** Loads each file once, and reads none that it was given; a new loader sees changed files. */
export class PluginLoader {
  readonly #modules = new Map<string, LoadedModule>();
  /** Every file that was ever begun, since a failed one has a place to be told, too. */
  readonly #seen = new Set<string>();
  readonly #given = new Map<string, TrustedFile>();
  #fresh: PluginSource[] = [];

  /** Its text counts from now on, whatever the file is. */
  give(source: PluginSource): void {
    this.#given.set(source.asked, source);
  }

  /** What was read from disk and loaded well since this was asked last; it is not read again. */
  takeFresh(): readonly PluginSource[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const source of fresh) this.give(source);
    return fresh;
  }

  /**
   * Loads the agent in a file, and what it imports.
   * @throws {PluginError}
   */
  load(path: string): Agent {
    const before = this.#fresh.length;
    try {
      return checkedAgent(this.#module(path, rootOf(path)).exports["default"]);
    } catch (error) {
      this.#fresh.length = before;
      throw new PluginError(explained(error, path, this.place(error)), { cause: error });
    }
  }

  /** Where in a plugin an error comes from, `/etc/ha.d/resource.d/db.ts:12`; undefined elsewhere. */
  place(error: unknown): string | undefined {
    const stack = error instanceof Error ? error.stack ?? "" : "";
    for (const line of stack.split("\n")) {
      const [, path = "", number] = /(?:^|[\s(])(\/[^():]+):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
      if (this.#seen.has(path)) return `${path}:${number}`;
    }
    return undefined;
  }

  #module(path: string, root: string): LoadedModule {
    const given = this.#given.get(path);
    const file = given ?? readTrusted(path, root);
    const known = this.#modules.get(file.path);
    if (known !== undefined) return known;
    this.#seen.add(file.path);
    const module: LoadedModule = { exports: {} };
    // Before it runs, for the sake of modules that import each other.
    this.#modules.set(file.path, module);
    try {
      const require = (specifier: string) => this.#require(specifier, file.path, root);
      const meta = metaOf(file.path);
      compile(file).call(module.exports, module.exports, require, module, meta);
    } catch (error) {
      this.#modules.delete(file.path);
      throw error;
    }
    if (given === undefined) this.#fresh.push({ ...file, asked: path });
    return module;
  }

  #require(specifier: string, from: string, root: string): unknown {
    if (specifier === SDK_NAME) return sdk;
    if (specifier.startsWith("node:")) {
      const builtin: unknown = process.getBuiltinModule(specifier);
      if (builtin !== undefined) return builtin;
      throw new Error(`there is no "${specifier}" in this runtime`);
    }
    if (/^\.{1,2}\//.test(specifier)) {
      return this.#module(this.#siblingPath(specifier, from), root).exports;
    }
    throw new Error(
      `a plugin may import "${SDK_NAME}", node: modules and files of its own directory, ` +
        `not "${specifier}"`,
    );
  }

  /** `./x.ts` as it stands, else `./x` with one of the extensions. */
  #siblingPath(specifier: string, from: string): string {
    const path = join(dirname(from), specifier);
    const extension = extname(path);
    const known: readonly string[] = PLUGIN_EXTENSIONS;
    const candidates = known.includes(extension) ? [path] : known.map((end) => path + end);
    const found = candidates.find((one) => this.#given.has(one)) ?? candidates.find(exists);
    if (found !== undefined) return found;
    throw new Error(`cannot import "${specifier}": there is no ${candidates.join(" or ")}`);
  }
}

/** A directory that is gone is told with the first file that is read of it. */
function rootOf(path: string): string {
  try {
    return Deno.realPathSync(dirname(path));
  } catch {
    return dirname(path);
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function metaOf(path: string): Readonly<Record<string, string>> {
  return { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) };
}

/** The wrapper opens in the first line of the code, so that every line keeps its number. */
function compile({ path, text }: TrustedFile): Body {
  const { code } = transform(text, {
    transforms: ["typescript", "imports"],
    disableESTransforms: true,
    production: true,
    filePath: path,
  });
  const body = code.replaceAll(/\bimport\.meta\b/g, "__meta");
  try {
    return scriptOf(body, path).runInThisContext() as Body;
  } catch (error) {
    throw error instanceof SyntaxError ? placedSyntaxError(error, body, path) : error;
  }
}

function scriptOf(body: string, path: string): Script {
  return new Script(`(function(exports,require,module,__meta){${body}\n})`, { filename: path });
}

/**
 * The engine tells the message of what sucrase let pass, and keeps the line to itself. It is the
 * end of the shortest beginning of the text that is refused with the same message.
 */
function placedSyntaxError({ message }: SyntaxError, body: string, path: string): PluginError {
  const lines = body.split("\n");
  let from = 1;
  let to = lines.length;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (refusal(lines.slice(0, middle).join("\n"), path) === message) to = middle;
    else from = middle + 1;
  }
  const said = /^await is only valid/.test(message)
    ? "await may not stand outside of functions in a plugin; use it in start, stop or status"
    : message;
  return new PluginError(`${path}:${to}: ${said}`);
}

function refusal(body: string, path: string): string | undefined {
  try {
    scriptOf(body, path);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** One sentence with the plugin's own file and line in front. */
function explained(error: unknown, path: string, place: string | undefined): string {
  const message = messageOf(error);
  if (error instanceof PluginError) return message;
  if (error instanceof Deno.errors.NotFound) return `${path}: there is no such file`;
  const [, file, syntax, line] = /^Error transforming (.*?): (.*) \((\d+):\d+\)$/s.exec(message) ??
    [];
  return syntax === undefined ? `${place ?? path}: ${message}` : `${file}:${line}: ${syntax}`;
}
