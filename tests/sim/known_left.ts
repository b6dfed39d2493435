/** What a simulated host has heard that the other one left running, by the beats that it took in. */
import type { Message } from "../../core/types.ts";
import { hexNumber, text } from "../../core/wire/fields.ts";
import type { Host } from "./host.ts";

export class KnownLeft {
  #words: readonly string[] = [];
  /** Life of the other host that said so. */
  #generation = 0;

  has(word: string): boolean {
    return this.#words.includes(word);
  }

  clear(): void {
    this.#words = [];
  }

  note(host: Host, message: Message): void {
    const source = text(message, "src") ?? "";
    if (text(message, "t") !== "status" || source === host.name) return;
    const generation = hexNumber(message, "hg") ?? 0;
    if (host.engine?.nodes.get(source)?.generation !== generation) return;
    const left = text(message, "left");
    // Older beats of that life come late, or again.
    if (left === undefined && generation === this.#generation) return;
    this.#words = (left ?? "").split(" ");
    this.#generation = generation;
  }
}
