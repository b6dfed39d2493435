/**
 * What OCF agents have against the parameters that haresources gives them, shown at the very
 * argument. Each is a warning: one bad group must not keep the daemon from starting the others.
 */

import { quote, type Report } from "./diagnostics.ts";
import type { PlacedGroup, PlacedResource } from "./haresources.ts";
import type { HostFacts, ParameterProblem } from "./host_facts.ts";
import { nearestName } from "./nearest.ts";
import type { Span } from "./source.ts";

/** Some agents have thirty. */
const MAX_NAMES_SHOWN = 8;

export function checkOcfParameters(
  placed: readonly PlacedGroup[],
  facts: HostFacts,
  report: Report,
): void {
  for (const resource of placed.flatMap(({ resources }) => resources)) {
    const fault = facts.parameterProblem?.(resource.config) ?? null;
    if (fault === null) continue;
    if (fault.kind === "missing") reportMissing(resource, fault, report);
    else reportWrong(resource, fault, report);
  }
}

function reportMissing(
  { config, span }: PlacedResource,
  { problem, name, doc }: Extract<ParameterProblem, { kind: "missing" }>,
  report: Report,
): void {
  report.warning("HB202", span, {
    title: `Cannot start ${quote(config.text)}: ${problem}`,
    caretNote: `expected ${name}=VALUE${doc === "" ? "" : `: ${doc}`}`,
    help: `write "${config.text}::${name}=VALUE"`,
  });
}

function reportWrong(
  resource: PlacedResource,
  fault: Extract<ParameterProblem, { kind: "wrong" }>,
  report: Report,
): void {
  const { config } = resource;
  const { problem, arg, name, known } = fault;
  const ocfName = config.agent === "OCF" ? config.args[0] ?? "OCF" : config.agent;
  const near = name === null ? null : nearestName(name, known);
  const shown = known.slice(0, MAX_NAMES_SHOWN).join(", ");
  const list = `it has ${shown}${known.length > MAX_NAMES_SHOWN ? " …" : ""}`;
  const info = `"heartbeat agent info ${ocfName}" shows what it takes`;
  report.warning("HB201", arg === null ? resource.span : spanOfArg(resource, arg), {
    title: `Cannot start ${quote(config.text)}: ${problem}`,
    caretNote: near !== null
      ? `did you mean "${near}"?`
      : name === null
      ? "starting this resource would fail"
      : known.length === 0
      ? "it has no parameters"
      : list,
    help: near === null || arg === null || name === null
      ? info
      : `write "${near}${arg.slice(name.length)}"`,
  });
}

/** Where an argument stands in its word; the whole word where a continued line cuts it. */
function spanOfArg({ config: { text }, span }: PlacedResource, arg: string): Span {
  const at = text.indexOf(`::${arg}`);
  const isWhole = span.end - span.start === text.length;
  if (at < 0 || !isWhole) return span;
  const start = span.start + at + "::".length;
  return { ...span, start, end: start + arg.length };
}
