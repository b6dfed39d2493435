/**
 * The single-valued directives of ha.cf after reading, with the defaults of the table. Knows which
 * ones were given but unusable, so that checks between directives do not blame a value that was
 * never read.
 */

import { findDirective } from "./directives.ts";
import type { Span } from "./source.ts";
import { readValue, type Value } from "./syntax.ts";

export interface Setting {
  readonly value: Value;
  /** As the operator wrote it, or as the original heartbeat can read it. */
  readonly text: string;
  readonly span: Span;
}

export class Settings {
  readonly #given = new Map<string, Setting[]>();
  readonly #broken = new Set<string>();

  /** Stores a value; a later one replaces an earlier one for what stands below it. */
  set(name: string, setting: Setting): void {
    this.#given.set(name, [...this.#given.get(name) ?? [], setting]);
  }

  /** Notes that a value could not be read, or a line that probably meant this directive. */
  markBroken(name: string): void {
    this.#broken.add(name);
  }

  /** Whether everything that the file says of these directives was understood. */
  readable(...names: readonly string[]): boolean {
    return names.every((name) => !this.#broken.has(name));
  }

  /** What was given last; undefined if nothing was, whatever the default is. */
  get(name: string): Setting | undefined {
    return this.#given.get(name)?.at(-1);
  }

  /**
   * A number (milliseconds for a time): the given one, else `fallback`, else the default.
   * @throws Error if the table has no number there, which is a mistake in the program
   */
  number(name: string, fallback?: number): number {
    return toNumber(name, this.get(name)?.value ?? fallback ?? defaultOf(name));
  }

  /** As {@link number}, for a line that goes by what stands above it. */
  numberAbove(name: string, { start }: Span, fallback?: number): number {
    const above = this.#given.get(name)?.findLast(({ span }) => span.start < start);
    return toNumber(name, above?.value ?? fallback ?? defaultOf(name));
  }

  /** Whether a boolean directive is on, by word or by default. */
  flag(name: string): boolean {
    return (this.get(name)?.value ?? defaultOf(name)) === true;
  }

  /** A word or path, or null when there is neither a given one nor a default. */
  word(name: string): string | null {
    const value = this.get(name)?.value ?? defaultOf(name);
    return typeof value === "string" ? value : null;
  }

  /**
   * The given word, or the default.
   * @throws Error if the table knows another word than `words`, which is a mistake in the program
   */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.word(name);
    const known = words.find((word) => word === value);
    if (known !== undefined) return known;
    throw new Error(`directive table: "${name}" may be ${value}`);
  }
}

/** A choice among numbers is a word. */
function toNumber(name: string, value: Value | null): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && !Number.isNaN(number)) return number;
  throw new Error(`directive table: "${name}" has no number as default`);
}

function defaultOf(name: string): Value | null {
  const directive = findDirective(name);
  if (directive === undefined || directive.default === null) return null;
  const reading = readValue(directive.syntax, directive.default);
  return reading.ok ? reading.value : null;
}
