/**
 * One step in progress: the instant, the state, and the effects gathered so far. The modules of
 * this room receive a turn and nothing else. It decides nothing.
 */
import type { LogLevel, Message, Operation } from "../types.ts";
import type { Effect } from "./effects.ts";
import type { Instant } from "./events.ts";
import type { State } from "./state.ts";
import { type Timer, timerKey } from "./timer.ts";

/** The same complaint is logged once in this time; the counters tell the rest. */
const COMPLAINT_EVERY_MS = 60_000;

export class Turn {
  readonly effects: Effect[] = [];

  constructor(readonly state: State, readonly at: Instant) {}

  get nowMs(): number {
    return this.at.monoMs;
  }

  log(level: LogLevel, text: string): void {
    this.effects.push({ kind: "log", level, text });
  }

  send(message: Message): void {
    this.effects.push({ kind: "send", message });
  }

  run(operation: Operation): void {
    this.effects.push({ kind: "run", operation });
  }

  reply(id: number, accepted: boolean, text: string): void {
    this.effects.push({ kind: "reply", id, accepted, text });
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Asks to be woken at `atMs`; a timer that already stands at that instant is left alone. */
  arm(timer: Timer, atMs: number): void {
    if (this.dueMs(timer) === atMs) return;
    this.state.timers.set(timerKey(timer), atMs);
    this.effects.push({ kind: "arm", timer, atMs });
  }

  /** Asks to be woken at `atMs`, unless the timer stands already. */
  armOnce(timer: Timer, atMs: number): void {
    if (this.dueMs(timer) === undefined) this.arm(timer, atMs);
  }

  disarm(timer: Timer): void {
    if (this.state.timers.delete(timerKey(timer))) this.effects.push({ kind: "disarm", timer });
  }

  /** When it is due; undefined when it is not armed. */
  dueMs(timer: Timer): number | undefined {
    return this.state.timers.get(timerKey(timer));
  }

  count(name: string): void {
    this.state.counters.set(name, (this.state.counters.get(name) ?? 0) + 1);
  }

  /** Counts a dropped or odd packet and logs the first of its kind in each minute. */
  complain(kind: string, level: LogLevel, text: string): void {
    this.count(kind);
    const last = this.state.complaints.get(kind);
    if (last !== undefined && this.nowMs - last < COMPLAINT_EVERY_MS) return;
    this.state.complaints.set(kind, this.nowMs);
    this.log(level, text);
  }
}
