/**
 * What a medium is: a way to hand one frame to whoever listens at the other end, and to hear
 * frames. A medium never blocks, never throws, survives the loss of its device and repairs itself;
 * it knows nothing of messages, signatures or nodes.
 */

/**
 * The longest frame that a medium must carry; nothing that a pair says is near. Of a longer one it may
 * deliver the beginning, as long as that is longer than this: whoever reads it refuses it unread.
 */
export const MAX_FRAME_BYTES = 16 * 1024;

/** Where a medium delivers what it hears; called from the reactor, one frame at a time. */
export interface MediumSink {
  /** A whole frame. The bytes belong to the callee. */
  received(frame: Uint8Array): void;
  /**
   * The device became usable or unusable on this host; called once after `open` and on each change.
   * @param reason what happened, with errno name and interface, for the log
   * @param open false: this host has not let it be opened, so nothing at all can be heard on it. A
   *   lost carrier is another matter: the medium stays open.
   */
  usable(usable: boolean, reason: string, open: boolean): void;
}

/** Counters since the start; all of them only grow. */
export interface MediumStats {
  readonly sentFrames: number;
  readonly sentBytes: number;
  readonly receivedFrames: number;
  readonly receivedBytes: number;
  /** Frames that could not be sent, by errno name. */
  readonly sendErrors: Readonly<Record<string, number>>;
}

export interface Medium {
  /** Directive that made it: `bcast`, `ucast`, `serial` … */
  readonly kind: string;
  /** Link name as the original shows it: interface or tty. */
  readonly name: string;
  /** What `status` shows: `bcast eth1:694`, `serial /dev/ttyS0 19200`. */
  readonly title: string;
  /** Starts listening; problems are reported through `sink.usable(false, …)` and retried. */
  open(sink: MediumSink): void;
  /** Sends now or drops and counts. */
  send(frame: Uint8Array): void;
  /** Ends it; no callback comes after this returns. */
  close(): void;
  stats(): MediumStats;
}
