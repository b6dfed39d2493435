/**
 * Finds the agent behind a word of haresources. First hit wins: plugin `resource.d/NAME.ts` or
 * `.js`, executable `resource.d/NAME`, built-in agent, init script, systemd unit, OCF agent; so a
 * site's own file always shadows what we ship. As in the original, a file that is not executable is passed over. Nothing is cached: a
 * script that is installed while the daemon runs is found at the next call.
 */
import { builtInAgent, isClassicOcfName } from "./builtin.ts";
import type { Agent } from "./contract.ts";
import { inspectExecutable } from "./executable.ts";
import { type AgentHost, hostOf } from "./host.ts";
import { ocfAgent } from "./ocf/agent.ts";
import { locateOcfAgent, OCF_PACKAGE } from "./ocf/locate.ts";
import {
  foundOnly,
  inspectPluginFile,
  PLUGIN_EXTENSIONS,
  type PluginAgents,
} from "./plugin_agent.ts";
import { scriptAgent } from "./script.ts";
import { stockWrapper } from "./stock_wrapper.ts";
import { isUnitName, locateUnit, systemdAgent } from "./systemd/agent.ts";
import { dirname } from "node:path";

/** Where scripts are; all movable for tests. */
export interface AgentDirectories {
  /** `/etc/ha.d/resource.d` */
  readonly resourceDir: string;
  /** `/etc/rc.d/init.d`, `/etc/init.d` */
  readonly initDirs: readonly string[];
  /** `/run/heartbeat`; absent: that one. */
  readonly runDir?: string;
}

export type Origin = "plugin" | "resource.d" | "built-in" | "init.d" | "systemd" | "ocf";

export type Finding =
  | {
    readonly kind: "found";
    readonly agent: Agent;
    readonly origin: Origin;
    /** What the log names: the path of a script or unit, or the name of a built-in agent. */
    readonly path: string;
    /** One clause for `heartbeat agent list`: why this one and no other. */
    readonly why: string;
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

/** The look-up of this host. */
export interface SiteRegistry extends Registry {
  /** Other agents of this name, in the order of the search, that `find` does not come to. */
  shadowed(name: string): readonly string[];
  /** Path of an unchanged script of the original's package that hides a built-in agent, or null. */
  stockWrapper(name: string): string | null;
}

/** What one place of the search answers; `skipped` and `broken` as `inspectExecutable` has them. */
type Look =
  | { readonly kind: "hit"; readonly agent: Agent; readonly path: string; readonly why: string }
  | { readonly kind: "absent" }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "broken"; readonly reason: string };

interface Place {
  readonly origin: Origin;
  /** How a message names the place. */
  readonly title: string;
  look(): Look;
}

/**
 * A registry over these directories, the built-in agents, and what the host has installed.
 * @param plugins absent: plugins are found, but cannot be run
 */
export function createRegistry(
  directories: AgentDirectories,
  host: AgentHost = hostOf(dirname(directories.resourceDir), directories.runDir),
  plugins: PluginAgents = foundOnly,
): SiteRegistry {
  const places = (name: string) => placesFor(name, directories, host, plugins);
  return {
    find: (name) => find(name, places(name)),
    shadowed: (name) =>
      places(name).map(({ look }) => look()).flatMap((one) => one.kind === "hit" ? one.path : [])
        .slice(1),
    stockWrapper: (name) => stockWrapper(name, find(name, places(name))),
  };
}

function find(name: string, places: readonly Place[]): Finding {
  if (name === "" || name.includes("/") || name === "." || name === "..") {
    const reason = `"${name}" cannot be the name of a resource script: it names no single file`;
    return { kind: "missing", reason, searched: [] };
  }
  const remarks: string[] = [];
  for (const { origin, title, look } of places) {
    const found = look();
    switch (found.kind) {
      case "absent":
        break;
      case "skipped":
        remarks.push(found.reason);
        break;
      case "broken":
        return { kind: "missing", reason: found.reason, searched: [title] };
      case "hit":
        return { ...found, kind: "found", origin, remarks };
      default: {
        const never: never = found;
        return never;
      }
    }
  }
  const searched = places.map(({ title }) => title);
  const reason = `Cannot locate resource script ${name}: ` +
    [...remarks, `looked for ${searched.join(", ")}`].join("; ");
  return { kind: "missing", reason, searched };
}

/** The order of the search. */
function placesFor(
  name: string,
  directories: AgentDirectories,
  host: AgentHost,
  plugins: PluginAgents,
): Place[] {
  const ocf = ocfPlace(name, host);
  const classic = isClassicOcfName(name);
  return [
    ...PLUGIN_EXTENSIONS.map((end) => pluginPlace(directories.resourceDir, name, end, plugins)),
    scriptPlace("resource.d", directories.resourceDir, name),
    builtInPlace(name, host),
    ...(classic ? [ocf] : []),
    ...directories.initDirs.map((dir) => scriptPlace("init.d", dir, name)),
    systemdPlace(name, host),
    ...(classic ? [] : [ocf]),
  ];
}

function pluginPlace(dir: string, name: string, end: string, plugins: PluginAgents): Place {
  const path = `${dir}/${name}${end}`;
  return {
    origin: "plugin",
    title: path,
    look: () => {
      const file = inspectPluginFile(path);
      if (file !== undefined) return file;
      return { kind: "hit", agent: plugins(name, path), path, why: "a site's own plugin wins" };
    },
  };
}

function scriptPlace(origin: "resource.d" | "init.d", dir: string, name: string): Place {
  const path = `${dir}/${name}`;
  return {
    origin,
    title: path,
    look: () => {
      const file = inspectExecutable(path);
      if (file.kind !== "usable") return file;
      const init = origin === "init.d";
      const agent = scriptAgent(
        name,
        path,
        init ? "init script of this host" : "classic resource script",
      );
      const why = init ? "no built-in agent has this name" : "a site's own file wins";
      return { kind: "hit", agent, path, why };
    },
  };
}

function builtInPlace(name: string, host: AgentHost): Place {
  return {
    origin: "built-in",
    title: "built-in agents",
    look: () => {
      const agent = builtInAgent(name, host);
      if (agent === undefined) return { kind: "absent" };
      return { kind: "hit", agent, path: name, why: "no resource.d file has this name" };
    },
  };
}

function ocfPlace(name: string, host: AgentHost): Place {
  return {
    origin: "ocf",
    title: `${host.ocfRoot}/resource.d/*/${name}`,
    look: () => {
      const located = locateOcfAgent(host, name);
      switch (located.kind) {
        case "found": {
          const why = isClassicOcfName(name)
            ? `a classic name that ${OCF_PACKAGE} provides`
            : "nothing before it has this name";
          const agent = ocfAgent(host, located);
          return { kind: "hit", agent, path: located.path, why };
        }
        case "absent":
          if (!isClassicOcfName(name)) return located;
          return {
            kind: "skipped",
            reason: `the agent ${name} comes with the package ${OCF_PACKAGE}, ` +
              `which is not installed`,
          };
        case "broken":
          return located;
        default: {
          const never: never = located;
          return never;
        }
      }
    },
  };
}

/** A word with `.service` and the like is a unit and nothing else, so that its error is told. */
function systemdPlace(name: string, host: AgentHost): Place {
  return {
    origin: "systemd",
    title: `systemd unit ${isUnitName(name) ? name : `${name}.service`}`,
    look: () => {
      const unit = isUnitName(name) ? name : `${name}.service`;
      const located = locateUnit(host, unit);
      if (located.kind !== "found") return located;
      const why = isUnitName(name) ? "the word names a unit" : "no script has this name";
      return { kind: "hit", agent: systemdAgent(host, unit), path: located.path, why };
    },
  };
}
