/**
 * Keeps anybody who can send packets from filling the disk: of each cause only the first few in a
 * window are logged, and the end of the window says in one line how many there were.
 */

/** Occurrences of one cause that are logged one by one in a window. */
export const LOGGED_PER_WINDOW = 3;
export const WINDOW_MS = 60_000;
interface Window {
  startMs: number;
  count: number;
}

export class RateLimit {
  readonly #windows = new Map<string, Window>();

  /**
   * Counts one occurrence; whether it is to be logged itself.
   * @param cause one of a closed set, so that strangers cannot make accounts without end
   */
  admit(cause: string, nowMs: number): boolean {
    let window = this.#windows.get(cause);
    if (window === undefined || isQuiet(window, nowMs)) {
      window = { startMs: nowMs, count: 0 };
      this.#windows.set(cause, window);
    }
    window.count++;
    return window.count <= LOGGED_PER_WINDOW;
  }

  /** Ends the windows that are over and returns what they kept silent about. */
  expire(nowMs: number): { readonly cause: string; readonly suppressed: number }[] {
    const silent = [];
    for (const [cause, window] of this.#windows) {
      if (nowMs - window.startMs < WINDOW_MS) continue;
      this.#windows.delete(cause);
      if (window.count > LOGGED_PER_WINDOW) {
        silent.push({ cause, suppressed: window.count - LOGGED_PER_WINDOW });
      }
    }
    return silent;
  }
}

/** Over, and with nothing in it that a summary would have to tell. */
function isQuiet(window: Window, nowMs: number): boolean {
  return nowMs - window.startMs >= WINDOW_MS && window.count <= LOGGED_PER_WINDOW;
}
