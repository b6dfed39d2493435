/**
 * Media and ping directives of ha.cf to checked entries (config-files §3).
 */

import { isIPv4, isIPv6 } from "node:net";
import type { MediumConfig } from "../types.ts";
import { quote, type Report } from "./diagnostics.ts";
import type { HaCf, Statement } from "./ha_cf.ts";
import type { HostFacts } from "./host_facts.ts";
import { type MediumValues, readMediaValues } from "./media_values.ts";
import { lineNumber, type Span, type Word } from "./source.ts";

/** A medium, and where it stands in the file. */
export interface MediumEntry {
  readonly config: MediumConfig;
  readonly span: Span;
}

/** Most media of one node (config-files §3). */
export const MAX_MEDIA = 64;
/** IFNAMSIZ of Linux without its final zero. */
const MAX_INTERFACE_CHARS = 15;

/** All media in file order, without repetitions. */
export function readMedia(haCf: HaCf, facts: HostFacts, report: Report): MediumEntry[] {
  const valuesOf = readMediaValues(haCf, facts, report);
  const entries = new Map<string, MediumEntry>();
  for (const statement of haCf.statements) {
    if (statement.directive.group !== "medium") continue;
    const reader = new MediumReader(statement, facts, report);
    for (const [config, word] of reader.read(valuesOf(statement))) {
      const identity = JSON.stringify(config);
      const first = entries.get(identity);
      if (first === undefined) entries.set(identity, { config, span: word.span });
      else {
        report.warning("HB143", word.span, {
          title: `The medium "${config.kind} ${word.text}" is listed twice`,
          caretNote: `already in line ${lineNumber(first.span)}; one is used`,
          help: "delete one of them",
        });
      }
    }
  }
  return [...entries.values()];
}

/** Turns one statement of a medium into media; a wrong argument is reported and gives none. */
class MediumReader {
  readonly #statement: Statement;
  readonly #facts: HostFacts;
  readonly #report: Report;

  constructor(statement: Statement, facts: HostFacts, report: Report) {
    this.#statement = statement;
    this.#facts = facts;
    this.#report = report;
  }

  read({ port, baud }: MediumValues): [MediumConfig, Word][] {
    const { directive, keyword, args } = this.#statement;
    switch (directive.name) {
      case "udp":
        this.#report.warning("HB112", keyword.span, {
          title: `"udp" is the spelling of 1.0 for "bcast"`,
          caretNote: "taken as bcast",
          help: `write "bcast ${args.map(({ text }) => text).join(" ")}"`,
        });
        return this.#readBcast(port);
      case "bcast":
        return this.#readBcast(port);
      case "serial":
        return args.filter((word) => this.#checkDevice(word)).map((
          word,
        ) => [{ kind: "serial", device: word.text, baud }, word]);
      case "ucast":
      case "ucast6":
        return this.#readUcast(directive.name, port);
      case "mcast":
      case "mcast6":
        return this.#readMcast(directive.name);
      default:
        throw new Error(`directive table: nobody reads the medium "${directive.name}"`);
    }
  }

  #readBcast(port: number): [MediumConfig, Word][] {
    return this.#statement.args
      .filter((word) => this.#checkInterface(word))
      .map((word) => [{ kind: "bcast", interface: word.text, port }, word]);
  }

  #readUcast(kind: "ucast" | "ucast6", port: number): [MediumConfig, Word][] {
    const [nic, host, ...rest] = this.#statement.args;
    if (nic === undefined || host === undefined) return this.#missing("the peer's address");
    this.#reportIgnored(rest);
    if (!this.#checkInterface(nic)) return [];
    const right = kind === "ucast6"
      ? isIPv6(host.text)
      : isIPv4(host.text) || /^(?![\d.]*$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(host.text);
    const expected = kind === "ucast6" ? "an IPv6 address" : "an IPv4 address or a host name";
    if (!right) return this.#wrong(host, expected);
    return [[{ kind, interface: nic.text, host: host.text, port }, nic]];
  }

  #readMcast(kind: "mcast" | "mcast6"): [MediumConfig, Word][] {
    const [nic, group, portWord, ttlWord, loopWord, ...rest] = this.#statement.args;
    if (nic === undefined || group === undefined) return this.#missing("the group address");
    if (!this.#checkInterface(nic)) return [];
    const isGroup = kind === "mcast" ? isGroup4 : isGroup6;
    if (!isGroup(group.text)) {
      const range = kind === "mcast" ? "224.0.0.0 to 239.255.255.255" : "ff00::/8";
      return this.#wrong(group, `a group address in ${range}`);
    }
    if (portWord === undefined) return this.#missing("the port");
    const port = wholeNumber(portWord.text);
    if (port < 1 || port > 65535) return this.#wrong(portWord, "a port from 1 to 65535");
    if (ttlWord === undefined) return this.#missing(kind === "mcast" ? "the ttl" : "the hops");
    const ttl = wholeNumber(ttlWord.text);
    if (ttl < 0 || ttl > 4) return this.#wrong(ttlWord, "a number from 0 to 4");
    if (loopWord === undefined) return this.#missing("the loop flag, 0 or 1");
    if (!/^[01]$/.test(loopWord.text)) return this.#wrong(loopWord, "0 or 1");
    this.#reportIgnored(rest);
    const loop = loopWord.text === "1";
    return [[{ kind, interface: nic.text, group: group.text, port, ttl, loop }, nic]];
  }

  #missing(what: string): [] {
    const { directive, args, keyword } = this.#statement;
    const span = args.at(-1)?.span ?? keyword.span;
    this.#report.error("HB115", span, {
      title: `Cannot use this "${directive.name}" line: it ends too early`,
      caretNote: `expected ${what} behind this`,
      help: `write for example "${directive.example}"`,
    });
    return [];
  }

  #wrong(word: Word, expected: string): [] {
    const { directive } = this.#statement;
    this.#report.error("HB115", word.span, {
      title: `Cannot use ${quote(word.text)} in this "${directive.name}" line`,
      caretNote: `expected ${expected}`,
      help: `write for example "${directive.example}"`,
    });
    return [];
  }

  #reportIgnored(rest: readonly Word[]): void {
    const [first] = rest;
    if (first === undefined) return;
    const { directive } = this.#statement;
    const end = rest.at(-1)?.span.end ?? first.span.end;
    this.#report.warning("HB114", { ...first.span, end }, {
      title: `Words at the end of this "${directive.name}" line are ignored`,
      caretNote: "not used",
      help: `write for example "${directive.example}"`,
    });
  }

  #checkInterface(word: Word): boolean {
    if (word.text.length <= MAX_INTERFACE_CHARS && !word.text.includes("/")) return true;
    this.#wrong(word, `an interface name of at most ${MAX_INTERFACE_CHARS} characters`);
    return false;
  }

  #checkDevice(word: Word): boolean {
    if (!word.text.startsWith("/")) {
      this.#wrong(word, `an absolute path, such as /dev/${word.text}`);
      return false;
    }
    if (this.#facts.device?.(word.text) !== "other") return true;
    this.#report.error("HB142", word.span, {
      title: `Cannot use ${quote(word.text)} as serial line`,
      caretNote: "is not a character device",
      help: 'name the device of the serial port, for example "serial /dev/ttyS0"',
    });
    return true;
  }
}

function isGroup4(text: string): boolean {
  return isIPv4(text) && /^(22[4-9]|23\d)\./.test(text);
}

function isGroup6(text: string): boolean {
  return isIPv6(text) && /^ff/i.test(text);
}

function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
}
