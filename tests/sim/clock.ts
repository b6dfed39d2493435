/**
 * Virtual time: a queue of what is to happen, ordered by instant and then by the order in which
 * it was planned. Nothing in a simulation waits for a real clock.
 */
interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
  cancelled: boolean;
}

export type Planned = { cancelled: boolean };

export class Clock {
  nowMs = 0;
  #heap: Entry[] = [];
  #order = 0;

  /** Plans `act`; set `cancelled` on the result to call it off. */
  at(atMs: number, act: () => void): Planned {
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, act, cancelled: false };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    return entry;
  }

  after(delayMs: number, act: () => void): Planned {
    return this.at(this.nowMs + delayMs, act);
  }

  /** Lets everything happen until `untilMs`; stops early when `stop` says so. */
  run(untilMs: number, stop: () => boolean): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs || stop()) break;
      this.#removeFirst();
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      next.act();
    }
    if (!stop()) this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #before(a: number, b: number): boolean {
    const x = this.#heap[a];
    const y = this.#heap[b];
    if (x === undefined || y === undefined) return false;
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const x = this.#heap[a];
    const y = this.#heap[b];
    if (x === undefined || y === undefined) return;
    this.#heap[a] = y;
    this.#heap[b] = x;
  }

  #up(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#before(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
