/**
 * Groups of haresources against the rest of the configuration: nodes that exist, keys that are
 * unique, agents that are installed, and the two-node rule (config-files §6).
 */

import type { GroupConfig, ResourceConfig } from "../types.ts";
import { quote, type Report } from "./diagnostics.ts";
import { ipv6Resource, type PlacedGroup } from "./haresources.ts";
import type { HostFacts } from "./host_facts.ts";
import { nearestName } from "./nearest.ts";
import type { Nodes } from "./nodes.ts";
import { checkOcfParameters } from "./ocf_parameters.ts";
import { checkShared, identity } from "./shared_things.ts";
import { lineNumber, type Span } from "./source.ts";

/** Said in warnings, since one bad group must not keep the daemon from starting with the others. */
const WOULD_FAIL = "starting this resource would fail";

/**
 * The groups in file order; what is wrong with them is reported.
 * @param nodes null when ha.cf could not be read, so that no node can be judged
 */
export function readGroups(
  placed: readonly PlacedGroup[],
  nodes: Nodes | null,
  facts: HostFacts,
  report: Report,
): GroupConfig[] {
  if (nodes !== null) checkNodes(placed, nodes, report);
  checkKeys(placed, report);
  checkKeysForOriginal(placed, report);
  checkShared(placed, report);
  checkAgents(placed, facts, report);
  checkPlugins(placed, facts, report);
  checkStockWrappers(placed, facts, report);
  checkArguments(placed, facts, report);
  checkOcfParameters(placed, facts, report);
  checkPrograms(placed, facts, report);
  checkPlaces(placed, facts, report);
  checkDarkInterfaces(placed, facts, report);
  checkFixedAddresses(placed, facts, report);
  return placed.flatMap(({ node, resources }, index) => {
    const [first] = resources;
    if (first === undefined) return [];
    return [{
      index,
      key: first.config.text,
      node: node.text.toLowerCase(),
      resources: resources.map(({ config }) => config),
    }];
  });
}

function checkNodes(placed: readonly PlacedGroup[], nodes: Nodes, report: Report): void {
  const [first] = placed;
  if (first !== undefined && nodes.names.length > 2) {
    report.error("HB123", first.node.span, {
      title: `Cannot share groups among ${nodes.names.length} nodes`,
      caretNote: `ha.cf lists ${nodes.names.join(", ")}; who is "the other" must be clear`,
      help: "keep two node names in ha.cf, or empty haresources",
    });
  }
  // Without any node, ha.cf was reported; every line here would only repeat it.
  if (nodes.names.length === 0) return;
  for (const { node } of placed) {
    const name = node.text.toLowerCase();
    // This host was reported where ha.cf lacks it.
    if (nodes.names.includes(name) || name === nodes.self) continue;
    // Likeness of letters could send the group to the wrong home; a domain more or less cannot.
    const same = nodes.names.filter((one) => hostPart(one) === hostPart(name));
    const meant = same.length === 1 ? same : nodes.names;
    const isPing = nodes.allPingNames.some((ping) => ping.toLowerCase() === name);
    report.error("HB150", node.span, {
      title: `Cannot give a group to ${quote(node.text)}: it is not a node of ha.cf`,
      caretNote: isPing
        ? "a ping node cannot own resources"
        : `expected one of ${nodes.names.join(", ")}`,
      help: `begin the line with ${meant.map(quote).join(" or ")}`,
    });
  }
}

function hostPart(name: string): string {
  return name.replace(/\..*/, "");
}

/** A key that stands elsewhere makes the original mix both lines (config-files §6.1). */
function checkKeys(placed: readonly PlacedGroup[], report: Report): void {
  const keyLines = new Map<string, { readonly group: number; readonly span: Span }>();
  for (const [group, { resources }] of placed.entries()) {
    const [first] = resources;
    if (first === undefined || keyLines.has(identity(first.config))) continue;
    keyLines.set(identity(first.config), { group, span: first.span });
  }
  for (const [group, { resources }] of placed.entries()) {
    for (const { config, span } of resources) {
      const key = keyLines.get(identity(config));
      if (key === undefined || key.group === group) continue;
      report.error("HB152", span, {
        title: `Cannot use ${quote(config.text)} in two groups`,
        caretNote: `it is the first resource of the group in line ${lineNumber(key.span)}`,
        help: `delete it here or in line ${lineNumber(key.span)}, or join both lines to one group`,
      });
    }
  }
}

/** It takes the key for a pattern and looks for it in the line, as was seen with each of these. */
function checkKeysForOriginal(placed: readonly PlacedGroup[], report: Report): void {
  for (const { resources: [first] } of placed) {
    const character = /[+?*(^$[\\]/.exec(first?.config.text ?? "")?.[0];
    if (first === undefined || character === undefined) continue;
    report.warning("HB204", first.span, {
      title: `An original node starts nothing of this line: its first resource has ${
        quote(character)
      }`,
      caretNote: "started by this program as any other",
      help: "while the other node is an original, begin the line with another resource",
    });
  }
}

function checkPlugins(placed: readonly PlacedGroup[], facts: HostFacts, report: Report): void {
  const told = new Set<string>();
  for (const { config: { agent }, span } of placed.flatMap(({ resources }) => resources)) {
    if (told.has(agent)) continue;
    told.add(agent);
    const ownName = facts.pluginOwnName?.(agent) ?? null;
    if (ownName !== null) {
      report.warning("HB199", span, {
        title: `The plugin ${quote(agent)} calls itself ${quote(ownName)} in its file`,
        caretNote: "the name of the file counts, here and in the log",
        help: `write name: ${quote(agent)} in the plugin, or give its file the other name`,
      });
    }
    const problem = facts.pluginProblem?.(agent) ?? null;
    if (problem === null) continue;
    report.error("HB159", span, {
      title: `Cannot load the plugin ${quote(agent)}: ${problem}`,
      caretNote: WOULD_FAIL,
      help: "repair that line, then run this check again",
    });
  }
}

/** They serve, but slowly, and whoever has them seldom knows it. */
function checkStockWrappers(
  placed: readonly PlacedGroup[],
  facts: HostFacts,
  report: Report,
): void {
  const told = new Set<string>();
  for (const { config: { agent }, span } of placed.flatMap(({ resources }) => resources)) {
    const path = facts.stockWrapper?.(agent) ?? null;
    if (path === null || told.has(agent)) continue;
    told.add(agent);
    report.warning("HB196", span, {
      title: `${quote(agent)} is run by ${path} of the original's package, which hides the ` +
        "built-in agent",
      caretNote: "it only calls the OCF agent and makes a takeover slower",
      help: `unless the original shall run here again, delete ${path}`,
    });
  }
}

function checkArguments(placed: readonly PlacedGroup[], facts: HostFacts, report: Report): void {
  for (const { config, span } of placed.flatMap(({ resources }) => resources)) {
    const problem = facts.argumentProblem?.(config) ?? null;
    if (problem === null) continue;
    // Agents say "CAUSE; wanted FORM"; the form helps most beside what is wrong.
    const [cause = "", ...wanted] = problem.split("; ");
    report.warning("HB190", span, {
      title: `Cannot start ${quote(config.text)}: ${cause}`,
      caretNote: wanted.join("; ") || WOULD_FAIL,
      help: `"heartbeat agent info ${config.agent}" shows what it takes`,
    });
  }
}

function checkPrograms(placed: readonly PlacedGroup[], facts: HostFacts, report: Report): void {
  for (const { config, span } of placed.flatMap(({ resources }) => resources)) {
    const missing = facts.missingProgram?.(config) ?? null;
    if (missing === null) continue;
    report.warning("HB203", span, {
      title: `${quote(config.text)} does nothing on this host: ${missing.problem}`,
      caretNote: "the group goes on without it",
      help: missing.help,
    });
  }
}

/** The interface may come later. */
function checkPlaces(placed: readonly PlacedGroup[], facts: HostFacts, report: Report): void {
  for (const { config, span } of placed.flatMap(({ resources }) => resources)) {
    const found = facts.addressWithoutPlace?.(config) ?? null;
    if (found === null) continue;
    report.warning("HB191", span, {
      title: `Cannot start ${quote(config.text)} on this host: ${found.problem}`,
      caretNote: WOULD_FAIL,
      help: found.help,
    });
  }
}

/** The cable may come later. */
function checkDarkInterfaces(
  placed: readonly PlacedGroup[],
  facts: HostFacts,
  report: Report,
): void {
  for (const { config, span } of placed.flatMap(({ resources }) => resources)) {
    const dark = facts.darkInterface?.(config) ?? null;
    if (dark === null) continue;
    const { name, up } = dark;
    report.warning("HB197", span, {
      title: `The interface ${name} of ${quote(config.text)} ${up ? "has no carrier" : "is down"}`,
      caretNote: up ? "nobody can reach the address through it" : "a start sets it up",
      help: up
        ? "look at its cable, and at the other end of it"
        : `"ip link set ${name} up" shows whether it has carrier then`,
    });
  }
}

/** What runs already is not started, but it is stopped. */
function checkFixedAddresses(
  placed: readonly PlacedGroup[],
  facts: HostFacts,
  report: Report,
): void {
  for (const { config, span } of placed.flatMap(({ resources }) => resources)) {
    const device = facts.fixedAddress?.(config) ?? null;
    if (device === null) continue;
    report.warning("HB195", span, {
      title: `The address of ${quote(config.text)} is on ${device} already, not by heartbeat`,
      caretNote: `a stop takes it away: if it is this host's own, the host is cut off`,
      help: "write the address for the clients, another one than that of either host; if this is " +
        `it, take it out of the settings of ${device}`,
    });
  }
}

/** The word that says which agent it is: with `OCF` the name of the OCF agent, too. */
function wordOf({ agent, args: [ocfName] }: ResourceConfig): string {
  return agent === "OCF" && ocfName !== undefined ? `OCF::${ocfName}` : agent;
}

function checkAgents(placed: readonly PlacedGroup[], facts: HostFacts, report: Report): void {
  const { agentExists } = facts;
  if (agentExists === undefined) return;
  const known = new Map<string, boolean>();
  for (const { resources } of placed) {
    for (const { config, span } of resources) {
      const name = wordOf(config);
      const exists = known.get(name) ?? agentExists(name);
      known.set(name, exists);
      if (exists) continue;
      if (name !== config.agent) {
        report.warning("HB158", span, {
          title: `Cannot find the OCF agent of ${quote(name)} on this host`,
          caretNote: WOULD_FAIL,
          help: "install it (most come with the package resource-agents), or correct the name; " +
            'an agent of another provider is "OCF::PROVIDER:NAME"',
        });
        continue;
      }
      const ipv6 = ipv6Resource(config.text);
      const near = nearestName(config.agent, facts.agentNames?.() ?? []);
      const corrected = near === null ? null : near + config.text.slice(config.agent.length);
      report.warning("HB158", span, {
        title: `Cannot find an agent or script called ${quote(config.agent)} on this host`,
        caretNote: near === null || ipv6 !== null ? WOULD_FAIL : `did you mean "${near}"?`,
        help: ipv6 !== null
          ? `write "${ipv6}" for the IPv6 address`
          : `${corrected === null ? "" : `write "${corrected}", or `}` +
            `install the service (systemd unit "${config.agent}.service"), an init script or ` +
            'a resource.d script; see "heartbeat agent list"',
      });
    }
  }
}
