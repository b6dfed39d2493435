/**
 * Reads what the witnesses of both hosts wrote down, as one history of the pair. The hosts share
 * one kernel and so one clock, which makes the order across them known, too.
 */
import assert from "node:assert/strict";

/** One operation that has ended. */
export interface Operation {
  readonly beganMs: number;
  /** `ha1 start plug::x`, with ` fails` behind it when it did. */
  readonly text: string;
}

interface Line {
  readonly host: string;
  /** Counts the boots of the host: an address does not outlive its kernel. */
  readonly life: number;
  readonly timeMs: number;
  readonly address: string;
  readonly stage: string;
  readonly what: string;
}

/** Words of a line that ends an operation of a witness. */
const ENDED = / (ends|fails) /g;

/** How many operations of witnesses are over, which those of IPaddr are not among. */
export function endedIn(records: ReadonlyMap<string, string>): number {
  return [...records.values()].reduce((sum, text) => sum + [...text.matchAll(ENDED)].length, 0);
}

/**
 * The operations of the pair in order; what is not yet over at the end is left out.
 * @param records text of each host's record by the host's name
 * @throws {AssertionError} when one began, on either host, before another had ended
 */
export function historyOf(records: ReadonlyMap<string, string>): readonly Operation[] {
  const lines = [...records].flatMap(([host, text]) => parse(host, text))
    .sort((a, b) => a.timeMs - b.timeMs);
  const addresses = new Map<string, string>();
  const operations: Operation[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [begin, end] = lines.slice(at, at + 2);
    assert.ok(begin !== undefined && end !== undefined);
    const { host, life, address, what, timeMs: beganMs } = begin;
    assert.deepEqual(
      [begin.stage, end.host, end.what, end.address],
      ["begins", host, what, address],
      "one operation at a time, and the address rests meanwhile",
    );
    assert.match(end.stage, /^(ends|fails)$/);
    if (address !== (addresses.get(`${host} ${life}`) ?? "free")) {
      operations.push({ beganMs, text: `${host} ${address === "held" ? "start" : "stop"} IPaddr` });
    }
    addresses.set(`${host} ${life}`, address);
    operations.push({ beganMs, text: `${host} ${what}${end.stage === "fails" ? " fails" : ""}` });
  }
  return operations;
}

function parse(host: string, text: string): Line[] {
  const lines: Line[] = [];
  let life = 0;
  for (const line of text.trim().split("\n")) {
    const [seconds = "", address = "", stage = "", ...what] = line.split(" ");
    if (stage === "booted") life += 1;
    else {lines.push({
        host,
        life,
        timeMs: 1000 * Number(seconds),
        address,
        stage,
        what: what.join(" "),
      });}
  }
  return lines;
}
