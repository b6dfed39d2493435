/**
 * Finds the agent behind a word of haresources. First hit wins: executable `resource.d/NAME`,
 * built-in agent, then the init scripts; so a site's own file always shadows what we ship. As in
 * the original, a file that is not executable is passed over. Nothing is cached: a script that is
 * installed while the daemon runs is found at the next call.
 */
import type { Agent } from "./contract.ts";
import { inspectExecutable } from "./executable.ts";
import { ipaddrAgent } from "./ipaddr.ts";
import { scriptAgent } from "./script.ts";

/** Where scripts are; all movable for tests. */
export interface AgentDirectories {
  /** `/etc/ha.d/resource.d` */
  readonly resourceDir: string;
  /** `/etc/rc.d/init.d`, `/etc/init.d` */
  readonly initDirs: readonly string[];
}

export type Finding =
  | {
    readonly kind: "found";
    readonly agent: Agent;
    readonly origin: "resource.d" | "built-in" | "init.d";
    /** What the log names: the path of a script, or the name of a built-in agent. */
    readonly path: string;
    /** Files that were passed over on the way, and why. */
    readonly remarks: readonly string[];
  }
  | {
    readonly kind: "missing";
    /** One sentence with every place that was searched and what was wrong there. */
    readonly reason: string;
    readonly searched: readonly string[];
  };

export interface Registry {
  /** @param name the part of a resource before the first `::` */
  find(name: string): Finding;
}

const BUILT_IN: ReadonlyMap<string, Agent> = new Map(
  [ipaddrAgent("IPaddr"), ipaddrAgent("IPaddr2")].map((agent) => [agent.name, agent]),
);

interface Place {
  readonly origin: "resource.d" | "built-in" | "init.d";
  readonly path: string;
}

/** A registry over these directories and the built-in agents. */
export function createRegistry(directories: AgentDirectories): Registry {
  return { find: (name) => find(name, directories) };
}

function find(name: string, { resourceDir, initDirs }: AgentDirectories): Finding {
  if (name === "" || name.includes("/") || name === "." || name === "..") {
    const reason = `"${name}" cannot be the name of a resource script: it names no single file`;
    return { kind: "missing", reason, searched: [] };
  }
  const places: Place[] = [
    { origin: "resource.d", path: `${resourceDir}/${name}` },
    { origin: "built-in", path: name },
    ...initDirs.map((dir): Place => ({ origin: "init.d", path: `${dir}/${name}` })),
  ];
  const remarks: string[] = [];
  for (const { origin, path } of places) {
    const agent = origin === "built-in" ? BUILT_IN.get(name) : undefined;
    if (agent !== undefined) return { kind: "found", agent, origin, path, remarks };
    if (origin === "built-in") continue;
    const file = inspectExecutable(path);
    switch (file.kind) {
      case "absent":
        break;
      case "skipped":
        remarks.push(file.reason);
        break;
      case "broken":
        return { kind: "missing", reason: file.reason, searched: [path] };
      case "usable":
        return { kind: "found", agent: fileAgent(origin, name, path), origin, path, remarks };
      default: {
        const never: never = file;
        return never;
      }
    }
  }
  return missing(name, places, remarks);
}

function fileAgent(origin: "resource.d" | "init.d", name: string, path: string): Agent {
  const summary = origin === "init.d" ? "init script of this host" : "classic resource script";
  return scriptAgent(name, path, summary);
}

function missing(name: string, places: readonly Place[], remarks: readonly string[]): Finding {
  const searched = places.map(({ origin, path }) =>
    origin === "built-in" ? "built-in agents" : path
  );
  const reason = `Cannot locate resource script ${name}: ` +
    [...remarks, `looked for ${searched.join(", ")}`].join("; ");
  return { kind: "missing", reason, searched };
}
