/**
 * The members of the cluster: `node` and the ping directives of ha.cf, and which of them is this
 * host (config-files §2, §5).
 */

import { quote, type Report } from "./diagnostics.ts";
import type { HaCf } from "./ha_cf.ts";
import { nearestName } from "./nearest.ts";
import { lineNumber, type Source, type Word } from "./source.ts";

export interface Nodes {
  /** This host, lower case; in `names` unless that was reported. */
  readonly self: string;
  /** Lower case, in file order, without repetition. */
  readonly names: readonly string[];
  /** Names of the ping nodes as written; those of active directives only. */
  readonly activePingNames: readonly string[];
  readonly allPingNames: readonly string[];
}

/** Most nodes of a cluster, ping nodes included (config-files §2). */
const MAX_NODES = 100;

/**
 * @param hostName what this host calls itself
 * @param origin where that name comes from, as messages say it
 */
export function readNodes(
  haCf: HaCf,
  source: Source,
  hostName: string,
  origin: string,
  report: Report,
): Nodes {
  const self = hostName.trim().toLowerCase();
  const words = haCf.statements
    .filter(({ directive }) => directive.name === "node")
    .flatMap(({ args }) => args)
    .filter((word) => isHostName(word, report));
  const unique = new Map<string, Word>();
  for (const word of words) {
    const name = word.text.toLowerCase();
    const first = unique.get(name);
    if (first === undefined) unique.set(name, word);
    else reportDuplicate(word, first, report);
  }
  const pings = haCf.statements.flatMap(({ directive, args }) => {
    if (directive.group !== "ping") return [];
    const words = directive.name === "ping_group" ? args.slice(0, 1) : args;
    return words.map(({ text }) => ({ text, active: directive.state === "active" }));
  });
  const allPingNames = [...new Set(pings.map(({ text }) => text))];
  const nodes = {
    self,
    names: [...unique.keys()],
    allPingNames,
    activePingNames: allPingNames.filter((name) =>
      pings.some((ping) => ping.text === name && ping.active)
    ),
  };
  // A node line that was not understood may have named whoever is missing here.
  if (haCf.settings.readable("node")) {
    checkMembers(nodes, unique, source, hostName.trim(), origin, report);
  }
  return nodes;
}

/** Whether a word can be what `uname -n` prints; letters of any language, as the kernel has it. */
function isHostName(word: Word, report: Report): boolean {
  if (/^[\p{L}\p{N}_]/u.test(word.text) && /^[\p{L}\p{M}\p{N}._-]+$/u.test(word.text)) return true;
  report.error("HB125", word.span, {
    title: `Cannot take ${quote(word.text)} as a node: it is no host name`,
    caretNote: "is it a note?",
    help: `put # before it, or name what "uname -n" prints on that host`,
  });
  return false;
}

function reportDuplicate(word: Word, first: Word, report: Report): void {
  report.error("HB121", word.span, {
    title: `Cannot list the node ${quote(word.text)} twice`,
    caretNote: `already in line ${lineNumber(first.span)}`,
    help: "delete one of them; a node that is listed twice is waited for in vain and declared dead",
  });
}

function checkMembers(
  nodes: Nodes,
  words: ReadonlyMap<string, Word>,
  source: Source,
  hostName: string,
  origin: string,
  report: Report,
): void {
  const { self, names } = nodes;
  const [only] = words.values();
  if (only === undefined) {
    report.error("HB120", source.path, {
      title: `Cannot form a cluster: ${source.path} names no nodes`,
      help: `add the line "node ${hostName} PEER", with what "uname -n" prints on the peer`,
    });
    return;
  }
  if (!words.has(self)) {
    const twin = names.find((name) => name.split(".")[0] === self.split(".")[0]) ??
      nearestName(self, names);
    const wrong = twin === null ? undefined : words.get(twin);
    report.error("HB104", (wrong ?? only).span, {
      title: "Cannot find this machine among the configured nodes",
      caretNote: `this host calls itself ${quote(hostName)} (${origin})`,
      help: wrong === undefined
        ? names.length < 2
          ? `add the line "node ${hostName}", the same on all nodes`
          : `replace the wrong name by "${hostName}", the same on all nodes`
        : `write "node ${names.map((name) => name === twin ? hostName : name).join(" ")}", and ` +
          `${quote(hostName)} for ${quote(wrong.text)} in haresources, too; or let this host be ` +
          `called ${quote(wrong.text)}: hostnamectl set-hostname ${wrong.text}`,
    });
  } else if (names.length === 1) {
    report.warning("HB124", only.span, {
      title: "This node is alone: nobody can take over",
      caretNote: "the only node",
      help: `write "node ${only.text} PEER", with what "uname -n" prints on the peer`,
    });
  }
  const count = names.length + nodes.allPingNames.length;
  if (count > MAX_NODES) {
    report.error("HB122", source.path, {
      title: `Cannot have ${count} nodes, ping nodes included; ${MAX_NODES} is the limit`,
      help: "delete nodes",
    });
  }
}
