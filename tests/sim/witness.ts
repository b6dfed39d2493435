/** Who listens to what a simulated host does. */
import type { Effect } from "../../core/engine/effects.ts";
import type { Event } from "../../core/engine/events.ts";
import type { Message, Operation, Outcome } from "../../core/types.ts";
import type { Host } from "./host.ts";

/** What a host tells the world about itself; the checkers listen here. */
export interface Witness {
  sends(host: Host, message: Message): void;
  starts(host: Host, operation: Operation): void;
  ends(host: Host, operation: Operation, outcome: Outcome): void;
  stepped(host: Host, event: Event, effects: readonly Effect[]): void;
  says(host: Host, text: string): void;
  /** A packet that this life has heard before, or a forged one (null), changed something. */
  fooled(host: Host, message: Message | null): void;
}
