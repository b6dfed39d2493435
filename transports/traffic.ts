/**
 * Counts what a medium carries and what it could not, the same for every kind of medium.
 */
import type { MediumStats } from "./contract.ts";

export class Traffic {
  #sentFrames = 0;
  #sentBytes = 0;
  #receivedFrames = 0;
  #receivedBytes = 0;
  readonly #sendErrors: Record<string, number> = {};

  sent(bytes: number): void {
    this.#sentFrames++;
    this.#sentBytes += bytes;
  }

  received(bytes: number): void {
    this.#receivedFrames++;
    this.#receivedBytes += bytes;
  }

  /** Frames that were not sent, under the errno that says why. */
  failed(errnoName: string, frames = 1): void {
    if (frames > 0) this.#sendErrors[errnoName] = (this.#sendErrors[errnoName] ?? 0) + frames;
  }

  get stats(): MediumStats {
    return {
      sentFrames: this.#sentFrames,
      sentBytes: this.#sentBytes,
      receivedFrames: this.#receivedFrames,
      receivedBytes: this.#receivedBytes,
      sendErrors: { ...this.#sendErrors },
    };
  }
}
