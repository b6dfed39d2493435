/**
 * The wires between the simulated hosts: two media, each lossy, slow, repeating and cut as the
 * faults of a run have it. A share of the runs sends every packet through the real codecs.
 */
import { text } from "../../core/wire/fields.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import type { AuthKeys, Message } from "../../core/types.ts";
import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import type { Host } from "./host.ts";

export const MEDIA = ["eth1", "ttyS0"] as const;
export type MediumName = (typeof MEDIA)[number];

const KEY = { number: 1, method: "sha1", secret: new TextEncoder().encode("sim") } as const;
const KEYS: AuthKeys = { signing: KEY, keys: [KEY] };

/** Weather on all media. */
export interface Weather {
  loss: number;
  repeat: number;
  minMs: number;
  maxMs: number;
}

/** Packets that an eavesdropper keeps, to send them again later. */
const RECORDED = 200;

export class Network {
  weather: Weather = { loss: 0, repeat: 0, minMs: 0.1, maxMs: 2 };
  /** Directions that are cut: `from>to@medium`, counted because faults may overlap. */
  #cuts = new Map<string, number>();
  #recorded: { medium: MediumName; message: Message; key: number }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly throughCodec: boolean,
    private readonly hosts: () => readonly Host[],
  ) {}

  cut(from: string, to: string, medium: MediumName): void {
    const key = `${from}>${to}@${medium}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
  }

  mend(from: string, to: string, medium: MediumName): void {
    const key = `${from}>${to}@${medium}`;
    this.#cuts.set(key, Math.max(0, (this.#cuts.get(key) ?? 0) - 1));
  }

  isCut(from: string, to: string, medium: MediumName): boolean {
    return (this.#cuts.get(`${from}>${to}@${medium}`) ?? 0) > 0;
  }

  /** Whether `to` can hear `from` on at least one medium now. */
  reaches(from: string, to: string): boolean {
    return MEDIA.some((medium) => !this.isCut(from, to, medium));
  }

  send(from: Host, message: Message): void {
    const sent = this.throughCodec ? viaCodec(message) : message;
    for (const medium of MEDIA) {
      if (this.chance.happens(0.05)) this.#record(medium, sent, from.otherKeys);
      for (const to of this.hosts()) this.#carry(from, to, medium, sent);
    }
  }

  /** An enemy sends something again that was said before, to everybody. */
  replay(): void {
    if (this.#recorded.length === 0) return;
    const { medium, message, key } = this.chance.pick(this.#recorded);
    for (const to of this.hosts()) {
      this.clock.after(1, () => {
        if (to.otherKeys === key) to.hearAgain(medium, message);
      });
    }
  }

  #record(medium: MediumName, message: Message, key: number): void {
    this.#recorded.push({ medium, message, key });
    if (this.#recorded.length > RECORDED) this.#recorded.shift();
  }

  #carry(from: Host, to: Host, medium: MediumName, message: Message): void {
    if (to === from) {
      // A broadcast comes back to its sender, on the network but not on the serial line.
      if (medium === "eth1") this.clock.after(0, () => to.hear(medium, message));
      return;
    }
    const key = from.otherKeys;
    const copies = this.chance.happens(this.weather.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.isCut(from.name, to.name, medium) || this.chance.happens(this.weather.loss)) {
        continue;
      }
      const delayMs = this.chance.between(this.weather.minMs, this.weather.maxMs);
      this.clock.after(delayMs, () => {
        if (to.otherKeys === key) to.hear(medium, message);
        else to.hearForged(medium, from.name, text(message, "t") === "status");
      });
    }
  }
}

function viaCodec(message: Message): Message {
  const decoded = decodeFrame(encodeNetstring(message, KEYS, { innerAuth: true }), KEYS);
  if (decoded.kind === "message") return decoded.message;
  throw new Error(`our own packet was refused: ${decoded.cause} ${decoded.detail}`);
}
