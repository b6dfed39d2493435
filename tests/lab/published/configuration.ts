/**
 * The published configurations as the lab plays them: the files of a folder of
 * tests/config/published, the hosts they ask for, and what has to be adapted to let them run in
 * seconds and on this system. It knows no program and no host of the lab.
 */
import { join } from "node:path";

const PUBLISHED_DIR = join(import.meta.dirname ?? ".", "../../config/published");

/** Interface → the addresses of the first and the second host; serial lines come in pairs, too. */
export type Cabling = Readonly<Record<string, readonly [string, string] | "cable">>;

export interface Group {
  readonly home: string;
  /** As in haresources. */
  readonly words: readonly string[];
}

export interface Published {
  /** Of its folder. */
  readonly name: string;
  readonly haCf: string;
  readonly haresources: string;
  readonly authkeys: string;
  readonly cabling: Cabling;
  /** In the order of ha.cf. */
  readonly hosts: readonly [string, string];
  readonly groups: readonly Group[];
  readonly isFailbackOn: boolean;
}

/** Waiting for minutes shows nothing; no pause of a busy machine looks like a death. */
const PACE: Readonly<Record<string, string>> = {
  keepalive: "300ms",
  warntime: "1",
  deadtime: "3",
  initdead: "20",
};
/** Some files say nothing of the times. */
const TIMES = Object.entries(PACE).map(([word, value]) => `${word} ${value}\n`).join("");
const OTHER_KEYS = "auth 1\n1 sha1 aKeyOfThisTest\n";
/** Where these files expect the original's helpers, and where this system has them. */
const HELPERS = /\/usr\/lib(?:64)?\/heartbeat\//g;
const HELPERS_HERE = "/usr/libexec/heartbeat/";

export function publishedNames(): readonly string[] {
  return [...Deno.readDirSync(PUBLISHED_DIR)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
}

export function readPublished(name: string): Published {
  const read = (file: string) => Deno.readTextFileSync(join(PUBLISHED_DIR, name, file));
  const haCf = read("ha.cf");
  const haresources = read("haresources");
  const [first, second] = [...haCf.matchAll(/^node\s+(.*)$/gm)]
    .flatMap(([, names = ""]) => names.trim().split(/\s+/));
  if (first === undefined || second === undefined) throw new Error(`${name}: no two nodes`);
  return {
    ...{ name, haCf, haresources },
    authkeys: hasKeys(name) ? read("authkeys") : OTHER_KEYS,
    cabling: JSON.parse(read("hosts.json")),
    hosts: [first, second],
    groups: groupsOf(haresources),
    isFailbackOn: /^auto_failback\s+on$/m.test(haCf),
  };
}

function hasKeys(name: string): boolean {
  return [...Deno.readDirSync(join(PUBLISHED_DIR, name))].some((file) => file.name === "authkeys");
}

function groupsOf(haresources: string): readonly Group[] {
  return haresources.replaceAll("\\\n", " ").split("\n").flatMap((line) => {
    const [home = "", ...words] = line.replace(/#.*/, "").trim().split(/\s+/);
    return home === "" ? [] : [{ home, words }];
  });
}

/** As a pair of originals gets it on this system. */
export function forOriginal(published: Published): Published {
  const words = published.groups.flatMap(({ words }) => words);
  const haresources = words.reduce(
    (text, word) => text.replace(word, originalWord(word, published)),
    published.haresources,
  );
  return { ...published, haresources, groups: groupsOf(haresources) };
}

/**
 * The original starts nothing of a line whose first word has a plus sign, and with this system's
 * agents it puts an address without interface on eth0 only.
 */
export function originalWord(word: string, { cabling }: Published): string {
  const isBare = addressOf(word) !== undefined && !word.includes("/");
  return isBare ? `${word}/24/${Object.keys(cabling)[0]}` : word.replaceAll("+", "-");
}

/** Its ha.cf for one of the hosts, at the pace of the test. */
export function haCfFor({ haCf, cabling }: Published, host: 0 | 1): string {
  const paced = haCf.replaceAll(HELPERS, HELPERS_HERE)
    .replace(
      /^(keepalive|warntime|deadtime|initdead)\s.*$/gm,
      (_, word) => `${word} ${PACE[word]}`,
    );
  const timed = /^deadtime/m.test(paced) ? paced : TIMES + paced;
  return host === 0 ? timed : mirrored(timed, cabling);
}

/** A `ucast` line names the other host; what was published is the first one's file. */
function mirrored(haCf: string, cabling: Cabling): string {
  const lines = [...haCf.matchAll(/^ucast\s/gm)];
  if (lines.length > 1) return haCf;
  return haCf.replace(/^ucast\s+(\S+)\s+\S+/gm, (line, wire: string) => {
    const ends = cabling[wire];
    return ends === undefined || ends === "cable" ? line : `ucast ${wire} ${bare(ends[0])}`;
  });
}

/** `192.0.2.1` of `192.0.2.1/24`. */
export function bare(address: string): string {
  return address.split("/")[0] ?? "";
}

/** The IPv4 address of a word that asks for one. */
export function addressOf(word: string): string | undefined {
  return /^(?:IPaddr2?::)?(\d+\.\d+\.\d+\.\d+)(?:\/.*)?$/.exec(word)?.[1];
}

/** Where the stand-in of a word lies: as a classic script, or as a service of the system. */
export function scriptOf(word: string): string {
  const agent = word.split("::")[0] ?? "";
  const isService = agent === word && /^[a-z]/.test(word) && word !== "drbddisk";
  return isService ? `/etc/init.d/${agent}` : `/etc/ha.d/resource.d/${agent}`;
}
