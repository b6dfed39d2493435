/**
 * What waits for a slow line, bounded by the time that the line needs for it. When it grows too
 * long, the oldest heartbeat goes first: the next one says the same and more. Whatever else is
 * dropped is asked for again by the peer.
 */

const HEARTBEAT_START = new TextEncoder().encode(">>>\nt=status\n");

/** Frames in the order in which they leave. */
export class SendQueue {
  readonly #frames: Uint8Array[] = [];
  readonly #capacityBytes: number;
  #bytes = 0;

  /** @param capacityBytes a single frame may be longer */
  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** @returns how many frames were dropped to make room */
  push(frame: Uint8Array): number {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    let dropped = 0;
    for (; this.#bytes > this.#capacityBytes && this.#frames.length > 1; dropped++) {
      const heartbeat = this.#frames.findIndex(isHeartbeat);
      // The newest heartbeat is news, even when it is the only one.
      this.#take(heartbeat >= 0 && heartbeat < this.#frames.length - 1 ? heartbeat : 0);
    }
    return dropped;
  }

  shift(): Uint8Array | undefined {
    return this.#take(0);
  }

  clear(): void {
    this.#frames.length = 0;
    this.#bytes = 0;
  }

  #take(at: number): Uint8Array | undefined {
    const [frame] = this.#frames.splice(at, 1);
    this.#bytes -= frame?.length ?? 0;
    return frame;
  }
}

function isHeartbeat(frame: Uint8Array): boolean {
  return HEARTBEAT_START.every((byte, at) => frame[at] === byte);
}
