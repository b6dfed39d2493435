/**
 * What two groups of haresources must not have in common: an address, a disk, a mount point. The two
 * may run on different nodes, and then both nodes have it; on one node the stop of the one takes it
 * from the other. It reads words only: two names of one disk are not seen.
 */
import type { ResourceConfig } from "../types.ts";
import { quote, type Report } from "./diagnostics.ts";
import type { PlacedGroup } from "./haresources.ts";
import { lineNumber, type Span } from "./source.ts";

interface Thing {
  readonly kind: "address" | "device" | "mount point" | "script";
  readonly name: string;
}

/** A thing and the first word that has it. */
interface Use {
  readonly thing: Thing;
  readonly group: number;
  /** The preferred node of the group. */
  readonly home: string;
  readonly isKey: boolean;
  readonly config: ResourceConfig;
  readonly span: Span;
}

/** What they do once more harms nobody. */
const HARMLESS = new Set(["MailTo", "Delay", "SendArp"]);
/** Several nodes may mount a disk with these at a time. */
const CLUSTER_TYPES = new Set(["gfs", "gfs2", "ocfs2"]);

/** One text for one resource, however it is spelled. */
export function identity({ agent, args }: ResourceConfig): string {
  return [agent, ...args].join("::");
}

/** Reports what stands in two groups, at its second place. A first resource has HB152 of its own. */
export function checkShared(placed: readonly PlacedGroup[], report: Report): void {
  const first = new Map<string, Use>();
  for (const use of placed.flatMap(usesOf)) {
    const name = `${use.thing.kind} ${use.thing.name}`;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, use);
    else if (earlier.group !== use.group && !isRepeatedKey(use, earlier)) {
      tell(use, earlier, report);
    }
  }
  checkNested([...first.values()].filter(({ thing }) => thing.kind === "mount point"), report);
}

function usesOf({ node, resources }: PlacedGroup, group: number): Use[] {
  const home = node.text.toLowerCase();
  return resources.flatMap(({ config, span }, at) =>
    thingsOf(config).map((thing) => ({ thing, group, home, isKey: at === 0, config, span }))
  );
}

function isRepeatedKey(use: Use, earlier: Use): boolean {
  return (use.isKey || earlier.isKey) && identity(use.config) === identity(earlier.config);
}

function tell({ thing, home, span, config }: Use, earlier: Use, report: Report): void {
  const line = lineNumber(earlier.span);
  const help = `delete it here or in line ${line}, or join both lines to one group`;
  if (thing.kind === "script") {
    return report.warning("HB193", span, {
      title: `${quote(config.text)} stands in two groups`,
      caretNote: `stopping this group also stops it for the group in line ${line}`,
      help,
    });
  }
  // Together at home, and with an address no data is at stake; the original starts them, too.
  if (thing.kind === "address" && home === earlier.home) {
    return report.warning("HB192", span, {
      title: `The address ${quote(thing.name)} stands in two groups`,
      caretNote: `stopping or moving this group takes it from the group in line ${line} as well`,
      help,
    });
  }
  report.error("HB192", span, {
    title: `Cannot use the ${thing.kind} ${quote(thing.name)} in two groups`,
    caretNote: `the group in line ${line} has it, too: ${quote(earlier.config.text)}`,
    help,
  });
}

function checkNested(mounts: readonly Use[], report: Report): void {
  for (const { thing, group, span } of mounts) {
    const outer = mounts.find((other) =>
      other.group !== group && thing.name.startsWith(`${other.thing.name}/`)
    );
    if (outer === undefined) continue;
    const line = lineNumber(outer.span);
    report.warning("HB194", span, {
      title: `The mount point ${quote(thing.name)} lies below that of another group`,
      caretNote: `stopping the group in line ${line} unmounts ${quote(outer.thing.name)} and this`,
      help: `join both lines to one group, ${quote(outer.thing.name)} first, or mount it elsewhere`,
    });
  }
}

/** The address that a resource brings up, without mask and interface; null when it brings none. */
export function addressOf(resource: ResourceConfig): string | null {
  return thingsOf(resource).find(({ kind }) => kind === "address")?.name ?? null;
}

function thingsOf(resource: ResourceConfig): Thing[] {
  const { agent, args } = resource;
  const [first = ""] = args;
  switch (agent) {
    case "IPaddr":
    case "IPaddr2":
      return named("address", first.replace(/\/.*/, ""));
    case "IPv6addr":
      // An address with two colons in it was cut there, as every `::` of haresources is.
      return named("address", plainIpv6(args.join("::").replace(/(\/|::preferred_lft=).*/, "")));
    case "Filesystem":
      return fileSystem(args);
    default:
      return HARMLESS.has(agent) ? [] : named("script", identity(resource));
  }
}

function named(kind: Thing["kind"], name: string): Thing[] {
  return name === "" ? [] : [{ kind, name }];
}

/** `2001:db8:0::5` and `2001:DB8::5` are one. */
function plainIpv6(ip: string): string {
  try {
    return new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  } catch {
    return ip;
  }
}

/** A server's directory may be mounted by many, a directory bound to several places. */
function fileSystem([device = "", directory = "", type = "", options = ""]: readonly string[]) {
  const isDisk = /^(\/[^/]|(PART)?(LABEL|UUID)=)/.test(device);
  const mayBeShared = CLUSTER_TYPES.has(type) || /(^|,)(r?bind|ro)(,|$)/.test(options);
  const mountPoint = named("mount point", directory.replace(/\/+$/, ""));
  return [...mountPoint, ...(isDisk && !mayBeShared ? named("device", device) : [])];
}
