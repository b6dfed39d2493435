/**
 * Checks across directives and files that no single reader can make: modes that do not exist here,
 * enough media, keys that fit the media, failback, logs (config-files §2, §5, §9).
 */

import type { AutoFailback } from "../types.ts";
import type { PlacedKeys } from "./authkeys.ts";
import type { Report } from "./diagnostics.ts";
import { type Directive, DIRECTIVES } from "./directives.ts";
import type { HaCf } from "./ha_cf.ts";
import type { HostFacts } from "./host_facts.ts";
import { MAX_MEDIA, type MediumEntry } from "./media.ts";
import type { Settings } from "./settings.ts";
import type { Source } from "./source.ts";

/** Pacemaker mode and joining nodes do not exist here. */
export function checkModes(settings: Settings, report: Report): void {
  for (const name of ["crm", "pacemaker"]) {
    const setting = settings.get(name);
    if (setting === undefined || setting.value === false) continue;
    report.error("HB113", setting.span, {
      title: `Cannot run in the Pacemaker mode that "${name} ${setting.text}" asks for`,
      caretNote: "only off is possible: groups come from haresources",
      help: `write "${name} off", or delete the line`,
    });
  }
  const autojoin = settings.get("autojoin");
  if (autojoin !== undefined && autojoin.value !== "none") {
    report.error("HB113", autojoin.span, {
      title: `Cannot let unlisted nodes join ("autojoin ${autojoin.text}")`,
      caretNote: "only none is possible together with haresources",
      help: 'write "autojoin none", or delete the line',
    });
  }
}

/**
 * `auto_failback`, else what `nice_failback` meant in 1.0, else the default. Which line comes first does
 * not matter (config-files §9).
 */
export function readAutoFailback(settings: Settings, report: Report): AutoFailback {
  const asked = settings.flag("auto_failback") ? "on" : "off";
  const chosen = settings.word("auto_failback") === "legacy" ? "legacy" : asked;
  const nice = settings.get("nice_failback");
  if (nice === undefined) return chosen;
  const translated = nice.value === true ? "off" : "legacy";
  const wins = settings.get("auto_failback") !== undefined;
  report.warning("HB112", nice.span, {
    title: `"nice_failback" is a spelling of 1.0`,
    caretNote: wins
      ? `not used, because "auto_failback ${chosen}" is given`
      : `taken as "auto_failback ${translated}"; 3.0.6 would take it as legacy, on or off alike`,
    help: `write "auto_failback ${wins ? chosen : translated}"` + (wins ? " alone" : ""),
  });
  return wins ? chosen : translated;
}

/** At least one medium that works, and not more than the protocol allows. */
export function checkMedia(
  entries: readonly MediumEntry[],
  haCf: HaCf,
  source: Source,
  report: Report,
): void {
  if (entries.length > MAX_MEDIA) {
    report.error("HB144", source.path, {
      title: `Cannot use ${entries.length} media; ${MAX_MEDIA} is the limit`,
      help: "delete media lines",
    });
  }
  const has = (group: Directive["group"]) =>
    haCf.statements.some(({ directive }) => directive.group === group);
  // A medium line that could not be read was reported with its own cause.
  const media = DIRECTIVES.filter(({ group }) => group === "medium").map(({ name }) => name);
  if (has("medium") || !haCf.settings.readable(...media)) return;
  report.error("HB140", source.path, {
    title: has("ping")
      ? `Cannot reach the peer: ${source.path} names ping nodes, but no medium`
      : `Cannot reach the peer: ${source.path} names no medium`,
    help: 'add for example "bcast eth1" or "ucast eth0 ADDRESS_OF_THE_PEER"',
  });
}

/** A port of another service is legal, but surprises (config-files §2, udpport). */
export function checkPort(settings: Settings, facts: HostFacts, report: Report): void {
  const port = settings.get("udpport");
  if (port === undefined || typeof port.value !== "number") return;
  const owner = facts.serviceOfPort?.(port.value) ?? null;
  if (owner === null || owner === "ha-cluster") return;
  report.warning("HB145", port.span, {
    title: `UDP port ${port.value} belongs to the service "${owner}"`,
    caretNote: "reserved in /etc/services",
    help: 'write "udpport 694" unless both nodes agree on another port',
  });
}

/** The daemon starts without its log: that must not cost the service. */
export function checkLogFiles(settings: Settings, facts: HostFacts, report: Report): void {
  for (const name of ["logfile", "debugfile"]) {
    const setting = settings.get(name);
    if (setting === undefined || typeof setting.value !== "string") continue;
    const problem = facts.logFileProblem?.(setting.value) ?? null;
    if (problem === null) continue;
    report.warning("HB119", setting.span, {
      title: problem,
      caretNote: "nothing would be logged there",
      help: 'name a file that root can write, such as "/var/log/ha-log"',
    });
  }
}

/**
 * What a key does not protect: crc on anything but serial cables. The original accepts every listed
 * key, not only the signing one (config-files §7); here crc counts only while crc signs.
 */
export function checkMethods(
  placed: PlacedKeys,
  entries: readonly MediumEntry[],
  report: Report,
): void {
  const onlySerial = entries.length > 0 && entries.every(({ config }) => config.kind === "serial");
  for (const { number, method } of placed.keys.keys) {
    const span = placed.methodSpans.get(number);
    if (span === undefined) continue;
    if (method === "sha256") {
      report.warning("HB173", span, {
        title: `Key ${number} uses a method that the original heartbeat does not know`,
        caretNote: "an original peer refuses to start with this file",
        help: `write "${number} sha1 SECRET" while an original node is in the cluster`,
      });
    }
    if (method !== "crc" || onlySerial) continue;
    const { signing } = placed.keys;
    const isAccepted = signing.method === "crc";
    report.warning("HB170", span, {
      title: isAccepted
        ? "ANYBODY on these networks can forge heartbeats and take the cluster down"
        : `Key ${number} (crc) is never accepted while key ${signing.number} signs`,
      caretNote: isAccepted
        ? "crc has no key, it only detects line noise"
        : "an original peer would accept it from anybody",
      help: isAccepted ? `write "${number} sha1 SECRET" on all nodes` : "delete this line",
    });
  }
}
