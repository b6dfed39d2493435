/**
 * The sources of plugins as they were when they were loaded, kept by the daemon: a plugin host that
 * has to be started again goes on with them, whatever became of the files. Between processes a
 * source travels in pieces, one after another, since a message is bounded.
 */
import type { PluginSource } from "../../../agents/plugin_files.ts";

export interface SourcePiece extends PluginSource {
  readonly kind: "source";
  /** Whether another piece of the same text follows. */
  readonly more: boolean;
}

/** As JSON it is below the bound of a message, whatever the text is. */
const PIECE_CHARACTERS = 64 * 1024;
/** Of all plugins together; a host reads some 400 kB a second. What is more is read from its file. */
const MAX_CHARACTERS = 1_000_000;

export function piecesOf(source: PluginSource): SourcePiece[] {
  const { text } = source;
  const count = Math.max(1, Math.ceil(text.length / PIECE_CHARACTERS));
  return Array.from({ length: count }, (_, i) => ({
    ...source,
    kind: "source",
    text: text.slice(i * PIECE_CHARACTERS, (i + 1) * PIECE_CHARACTERS),
    more: i + 1 < count,
  }));
}

/** Puts the pieces of one sender together. */
export class SourceJoiner {
  #begun = "";

  /** @returns the source with its last piece; undefined before. @throws {RangeError} */
  join({ asked, path, text, more }: SourcePiece): PluginSource | undefined {
    this.#begun += text;
    if (this.#begun.length > 2 * MAX_CHARACTERS) throw new RangeError("a source is too long");
    if (more) return undefined;
    const whole = this.#begun;
    this.#begun = "";
    return { asked, path, text: whole };
  }
}

export class SourceStore {
  readonly #sources = new Map<string, PluginSource>();
  #characters = 0;

  has(path: string): boolean {
    return this.#sources.has(path);
  }

  pieces(): SourcePiece[] {
    return [...this.#sources.values()].flatMap(piecesOf);
  }

  /** What is kept already stays. @returns false when there is no room for it */
  keep(source: PluginSource): boolean {
    if (this.#sources.has(source.asked)) return true;
    if (this.#characters + source.text.length > MAX_CHARACTERS) return false;
    this.#sources.set(source.asked, source);
    this.#characters += source.text.length;
    return true;
  }

  /** Newer sources take the place of these; of plugins that they do not have, these stay. */
  adopt(newer: SourceStore): void {
    const older = [...this.#sources.values()];
    this.#sources.clear();
    this.#characters = 0;
    for (const source of [...newer.#sources.values(), ...older]) this.keep(source);
  }
}
