/**
 * The port and the speed of each kind of medium. As in the original, a kind takes what stands above
 * its first line and keeps it for all its lines (config-files §2.1); a value below comes too late,
 * which is said where it makes a difference. `udp` is `bcast` here as well.
 */

import type { Report } from "./diagnostics.ts";
import type { HaCf, Statement } from "./ha_cf.ts";
import type { HostFacts } from "./host_facts.ts";
import { lineNumber } from "./source.ts";

/** What of a medium does not stand in its own line. */
export interface MediumValues {
  readonly port: number;
  readonly baud: number;
}

/** Which directive a kind of medium goes by; mcast and mcast6 have their port in the line. */
const DIRECTIVE_OF: ReadonlyMap<string, "udpport" | "baud"> = new Map([
  ["bcast", "udpport"],
  ["ucast", "udpport"],
  ["ucast6", "udpport"],
  ["serial", "baud"],
]);

/** `udpport` for all to see: the last one, else the service `ha-cluster`, else the default. */
export function udpPortOf(haCf: HaCf, facts: HostFacts): number {
  return haCf.settings.number("udpport", clusterPort(facts));
}

/** The values with which a medium line is read, and a warning for each value that comes too late. */
export function readMediaValues(
  haCf: HaCf,
  facts: HostFacts,
  report: Report,
): (line: Statement) => MediumValues {
  const firsts = new Map<string, Statement>();
  for (const statement of haCf.statements) {
    const kind = kindOf(statement);
    if (statement.directive.group === "medium" && !firsts.has(kind)) firsts.set(kind, statement);
  }
  const valuesAt = ({ keyword: { span } }: Statement): MediumValues => ({
    port: haCf.settings.numberAbove("udpport", span, clusterPort(facts)),
    baud: haCf.settings.numberAbove("baud", span),
  });
  for (const [kind, first] of firsts) reportLate(kind, first, valuesAt(first), haCf, report);
  return (line) => valuesAt(firsts.get(kindOf(line)) ?? line);
}

function kindOf({ directive: { name } }: Statement): string {
  return name === "udp" ? "bcast" : name;
}

function clusterPort(facts: HostFacts): number | undefined {
  return facts.servicePort?.("ha-cluster") ?? undefined;
}

function reportLate(
  kind: string,
  first: Statement,
  { port, baud }: MediumValues,
  { settings }: HaCf,
  report: Report,
): void {
  const name = DIRECTIVE_OF.get(kind);
  const written = name === undefined ? undefined : settings.get(name);
  if (name === undefined || written === undefined || !settings.readable(name)) return;
  const inForce = name === "udpport" ? port : baud;
  if (Number(written.value) === inForce) return;
  const word = first.keyword.text;
  const line = lineNumber(first.keyword.span);
  report.warning("HB148", written.span, {
    title: `"${name} ${written.text}" comes too late for "${word}", which stays at ${inForce}`,
    caretNote: `"${word}" took its ${name === "udpport" ? "port" : "speed"} in line ${line}, ` +
      "as with the original",
    help: `write "${name} ${written.text}" above line ${line} on all nodes, or "${name} ` +
      `${inForce}" if they are to go on with that`,
  });
}
