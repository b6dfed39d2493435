/**
 * A scripted original 3.0.6 as the peer of one engine: it beats without the word `native`, numbers
 * what it says, and keeps what it hears. What it does in which case is told by the test, taken from
 * captures of the real one; it decides nothing by itself.
 */
import { field } from "../../core/engine/outbox.ts";
import type { NodeStatus } from "../../core/engine/view.ts";
import type { AutoFailback, Field, Message } from "../../core/types.ts";
import { text } from "../../core/wire/fields.ts";
import { DEADTIME_MS, KEEPALIVE_MS, Pair } from "./pair.ts";

export class OriginalPeer {
  readonly pair: Pair;
  #status: NodeStatus = "up";
  #generation = 1_000;
  #seq = 0;
  #silent = true;

  /** `ha1` is ours and boots at once; the original is `ha2`, still silent. */
  constructor(autoFailback: AutoFailback) {
    this.pair = new Pair({ autoFailback });
    this.pair.ha1.powerOn();
    this.#beat();
  }

  /** Boots, and is active after a moment. */
  boots(): this {
    this.#silent = false;
    this.#generation += 1;
    this.#seq = 0;
    this.#status = "up";
    this.#sayStatus();
    this.#status = "active";
    this.pair.pass(KEEPALIVE_MS);
    return this;
  }

  /** Nothing of it arrives any more, or again. */
  silent(silent: boolean): void {
    this.#silent = silent;
  }

  /** Says one numbered message, `t` first: `says("resource", { rsc_hold: "all" })`. */
  says(type: string, own: Readonly<Record<string, string>> = {}): void {
    this.#seq += 1;
    const fields: Field[] = [field("t", type)];
    for (const [name, value] of Object.entries(own)) fields.push(field(name, value));
    fields.push(field("src", "ha2"));
    fields.push({ type: 1, name: "srcuuid", value: new Uint8Array(16).fill(2) });
    fields.push(field("seq", this.#seq.toString(16)));
    fields.push(field("hg", this.#generation.toString(16)), field("ts", "1"), field("ttl", "3"));
    if (!this.#silent) this.pair.ha1.hear("eth1", fields);
  }

  /** What ours said since the last call, beats and `NS_` left out: type and the telling fields. */
  heard(): string[] {
    const said = this.pair.sent.splice(0).map(({ message }) => wordsOf(message));
    return said.filter((words) => !/^(status|NS_)/.test(words));
  }

  #sayStatus(): void {
    this.says("status", { st: this.#status, dt: DEADTIME_MS.toString(16), protocol: "1" });
  }

  #beat(): void {
    if (!this.#silent) this.#sayStatus();
    this.pair.clock.after(KEEPALIVE_MS, () => this.#beat());
  }
}

function wordsOf(message: Message): string {
  const names = ["t", "dest", "rsc_hold", "isstable", "info", "ipaddr", "weown", "ok"];
  return names.map((name) => text(message, name)).filter((word) => word !== undefined).join(" ");
}
