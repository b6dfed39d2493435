/**
 * Reads what the stand-ins of one host noted, as a history: each call that changed something, and
 * between two calls the addresses that came and went.
 */

interface Line {
  readonly timeMs: number;
  /** `192.0.2.3/24 eth0 brd 192.0.2.255`, as the kernel held them. */
  readonly held: readonly string[];
  readonly words: string;
}

/** One call of a stand-in. */
export interface Call {
  readonly timeMs: number;
  /** `start drbddisk::r0`. */
  readonly words: string;
}

/** What the test itself notes when everything is at rest. */
export const REST = "rest";

export class History {
  #read = 0;
  #held: readonly string[];

  /** @param fixed addresses of the host itself, as the first note shows them */
  constructor(record: string) {
    const first = parse(record)[0];
    this.#held = first?.held ?? [];
    this.#read = 1;
  }

  /** What is new in a record since the last look. */
  next(record: string): { readonly told: readonly string[]; readonly calls: readonly Call[] } {
    const lines = parse(record).slice(this.#read);
    this.#read += lines.length;
    const told: string[] = [];
    const calls: Call[] = [];
    for (const { timeMs, held, words } of lines) {
      const come = held.filter((address) => !this.#held.includes(address));
      const gone = this.#held.filter((address) => !held.includes(address));
      told.push(...gone.map((address) => `- ${address}`), ...come.map((address) => `+ ${address}`));
      this.#held = held;
      if (words === REST) continue;
      told.push(words);
      calls.push({ timeMs, words });
    }
    return { told: ordered(told), calls };
  }
}

/** Whether it tells of an address, not of a call. */
export function isAddress(told: string): boolean {
  return /^[-+] /.test(told);
}

/** Addresses that came or went between the same two calls, in no order that the notes could show. */
export function ordered(told: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  for (const line of told) {
    const from = sorted.findLastIndex((one) => !isAddress(one)) + 1;
    sorted.push(line);
    if (isAddress(line)) sorted.push(...sorted.splice(from).sort());
  }
  return sorted;
}

function parse(record: string): readonly Line[] {
  return record.split("\n").filter((line) => line !== "").map((line) => {
    const [seconds = "", held = "", ...words] = line.split(";");
    return {
      timeMs: 1000 * Number(seconds),
      held: held.trim().split(" ").filter((address) => address !== "").map(shown),
      words: words.join(";"),
    };
  });
}

/** The broadcast address of a network of one host is no difference: the original sets the host's. */
function shown(address: string): string {
  const [own = "", wire = "", broadcast = ""] = address.split("@");
  const said = broadcast === "" || own === `${broadcast}/32` ? "" : ` brd ${broadcast}`;
  return `${own} ${wire}${said}`;
}

/**
 * Resources that began on one host before they had ended on the other.
 * @param calls of each host that has power
 */
export function overlaps(calls: readonly (readonly Call[])[]): readonly string[] {
  const ends = new Map(
    calls.flat().filter(({ words }) => words.startsWith("stop "))
      .map(({ words, timeMs }) => [words.slice("stop ".length), timeMs]),
  );
  return calls.flat().filter(({ words, timeMs }) =>
    words.startsWith("start ") && (ends.get(words.slice("start ".length)) ?? 0) > timeMs
  ).map(({ words }) => words);
}
