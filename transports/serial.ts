/**
 * `serial TTY`: a null-modem cable, node-serialport on our own binding. Frames leave at the pace of
 * the line, so that what is still to be dropped waits here and not in the kernel. A port that
 * vanishes is opened again with growing pauses; a peer that does not read costs nobody but itself.
 *
 * A cut cable cannot be told from a silent peer, so `usable` speaks of the port alone.
 */
import { SerialPortStream } from "@serialport/stream";
import { Buffer } from "node:buffer";
import { SystemError } from "../core/os/errno.ts";
import type { Reactor } from "../core/os/reactor.ts";
import type { MediumConfig } from "../core/types.ts";
import { MAX_FRAME_BYTES, type Medium, type MediumSink, type MediumStats } from "./contract.ts";
import { FfiBinding } from "./serial_binding.ts";
import { FrameParser } from "./serial_frames.ts";
import { SendQueue } from "./serial_queue.ts";
import { repairLine, RepairReader } from "./serial_repair.ts";
import { Traffic } from "./traffic.ts";

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** What waits is never older than the line needs for it. */
const MAX_QUEUED_S = 2;
/** A break longer than any byte, so that the other side sees that something begins. */
const BREAK_MS = 250;
/** So long nothing may be taken before people are told. */
const STALLED_MS = 5_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 4_000;
const STREAM_BUFFER_BYTES = 4096;

type Port = SerialPortStream<FfiBinding>;

/** A medium over one serial line. */
export class SerialMedium implements Medium {
  readonly kind = "serial";
  readonly name: string;
  readonly title: string;
  readonly #config: Extract<MediumConfig, { kind: "serial" }>;
  readonly #binding: FfiBinding;
  readonly #queue: SendQueue;
  #sink: MediumSink | undefined;
  #port: Port | undefined;
  /** The port is open and past its break. */
  #ready = false;
  #writing = false;
  /** When the line will have sent what it was given. */
  #lineFreeAtMs = 0;
  #breakTimer: number | undefined;
  #paceTimer: number | undefined;
  #stallTimer: number | undefined;
  #retryTimer: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** What was reported last: usable, and open. */
  #reported: readonly [boolean, boolean] | undefined;
  /** Counted for frames that come while there is no port: why there is none. */
  #closedErrno = "ENOTCONN";
  readonly #traffic = new Traffic();

  constructor(config: Extract<MediumConfig, { kind: "serial" }>, reactor: Reactor) {
    this.name = config.device;
    this.title = `serial ${config.device} ${config.baud}`;
    this.#config = config;
    this.#binding = new FfiBinding(reactor);
    this.#queue = new SendQueue(MAX_QUEUED_S * config.baud / BITS_PER_BYTE);
  }

  open(sink: MediumSink): void {
    this.#sink = sink;
    this.#reported = undefined;
    this.#openPort();
  }

  send(frame: Uint8Array): void {
    if (this.#port === undefined) return this.#traffic.failed(this.#closedErrno);
    if (frame.length > MAX_FRAME_BYTES) return this.#traffic.failed("EMSGSIZE");
    this.#traffic.failed("ENOBUFS", this.#queue.push(frame));
    this.#pump();
  }

  close(): void {
    this.#sink = undefined;
    clearTimeout(this.#retryTimer);
    this.#dropPort();
    this.#closedErrno = "ENOTCONN";
  }

  stats(): MediumStats {
    return this.#traffic.stats;
  }

  #openPort(): void {
    const { device: path, baud: baudRate, rtscts = false } = this.#config;
    const port: Port = new SerialPortStream({
      ...{ binding: this.#binding, path, baudRate, rtscts },
      ...{ autoOpen: false, highWaterMark: STREAM_BUFFER_BYTES },
    });
    this.#port = port;
    port.on("error", (error: Error) => this.#lost(port, error));
    port.on("close", (error: Error | null) => this.#lost(port, error));
    const received = (frame: Uint8Array) => this.#received(port, frame);
    const repair = new RepairReader(received);
    port.pipe(new FrameParser(received));
    port.on("data", (chunk: Uint8Array) => repair.push(chunk));
    port.open((error) => {
      if (this.#port !== port) closePort(port);
      else if (error !== null) this.#lost(port, error);
      else this.#beginWithBreak(port);
    });
  }

  /** As the original does, so that the other side throws away what it has of an earlier frame. */
  #beginWithBreak(port: Port): void {
    port.set({ brk: true }, (error) => {
      if (error !== null) this.#lost(port, error);
    });
    this.#breakTimer = setTimeout(() => {
      port.set({ brk: false }, (error) => {
        if (error !== null) return this.#lost(port, error);
        if (this.#port !== port) return;
        this.#ready = true;
        this.#retryMs = FIRST_RETRY_MS;
        this.#report(undefined);
        this.#pump();
      });
    }, BREAK_MS);
  }

  #dropPort(): void {
    const port = this.#port;
    this.#port = undefined;
    this.#ready = this.#writing = false;
    clearTimeout(this.#breakTimer);
    clearTimeout(this.#paceTimer);
    clearTimeout(this.#stallTimer);
    this.#queue.clear();
    if (port !== undefined) closePort(port);
  }

  /** No port for now: says why, and tries again later. */
  #lost(port: Port, error: Error | null): void {
    if (this.#port !== port) return;
    this.#dropPort();
    this.#closedErrno = error instanceof SystemError ? error.name : "EIO";
    this.#retryTimer = setTimeout(() => this.#openPort(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#report(error?.message ?? `${this.title} was closed`);
  }

  #pump(): void {
    clearTimeout(this.#paceTimer);
    const port = this.#port;
    if (port === undefined || !this.#ready || this.#writing || this.#queue.isEmpty) return;
    const nowMs = performance.now();
    if (nowMs < this.#lineFreeAtMs) {
      this.#paceTimer = setTimeout(() => this.#pump(), this.#lineFreeAtMs - nowMs);
      return;
    }
    const frame = this.#queue.shift();
    if (frame === undefined) return;
    // Parity is for lines with time to spare; what waits is worth more.
    const repair = this.#queue.isEmpty ? repairLine(frame) : undefined;
    const bytes = repair === undefined ? frame : Buffer.concat([frame, repair]);
    this.#writing = true;
    this.#lineFreeAtMs = nowMs + 1000 * BITS_PER_BYTE * bytes.length / this.#config.baud;
    this.#stallTimer = setTimeout(() => this.#stalled(), STALLED_MS);
    port.write(bytes, (error) => {
      if (error || this.#port !== port) return;
      clearTimeout(this.#stallTimer);
      this.#writing = false;
      this.#traffic.sent(bytes.length);
      this.#report(undefined);
      this.#pump();
    });
  }

  #stalled(): void {
    this.#report(`${this.title}: nothing is taken since ${STALLED_MS / 1000} s (EAGAIN)`);
  }

  #received(port: Port, frame: Uint8Array): void {
    if (this.#port !== port) return;
    this.#traffic.received(frame.length);
    this.#sink?.received(frame);
  }

  #report(trouble: string | undefined): void {
    const [usable, open] = [trouble === undefined, this.#port !== undefined];
    if (usable === this.#reported?.[0] && open === this.#reported[1]) return;
    this.#reported = [usable, open];
    this.#sink?.usable(usable, trouble ?? `${this.title} is ready`, open);
  }
}

/** A port that is not open yet is closed by its `open`. */
function closePort(port: Port): void {
  if (port.isOpen) port.close(() => {});
}
