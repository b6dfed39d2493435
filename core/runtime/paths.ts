/**
 * Where everything lives. All paths hang under one root, `/` on a real host, so that tests and the
 * demo run whole daemons side by side on one file system. Only this file knows the layout.
 */
import { join } from "node:path";

/** Environment variable that moves the root; the option `--root DIR` wins over it. */
const ROOT_VARIABLE = "HEARTBEAT_ROOT";

export interface Paths {
  readonly root: string;
  /** Directory of ha.cf, haresources, authkeys, nodeinfo and resource.d. */
  readonly configDir: string;
  readonly resourceDir: string;
  /** LSB scripts, in the order of look-up. */
  readonly initDirs: readonly string[];
  readonly pidFile: string;
  readonly runDir: string;
  readonly controlSocket: string;
  readonly programsFile: string;
  /** Which groups this node holds. */
  readonly heldGroupsFile: string;
  readonly stateDir: string;
  /** Locked by the daemon of this host. */
  readonly lockFile: string;
  readonly generationFile: string;
  readonly uuidFile: string;
  readonly freshnessFile: string;
}

/**
 * The layout under `root` (cluster-semantics §1).
 * @param configDir replaces `etc/ha.d`; used by `heartbeat check --config-dir`
 */
export function pathsUnder(root: string, configDir = join(root, "etc/ha.d")): Paths {
  const runDir = join(root, "run/heartbeat");
  const stateDir = join(root, "var/lib/heartbeat");
  return {
    root,
    configDir,
    resourceDir: join(configDir, "resource.d"),
    initDirs: [join(root, "etc/rc.d/init.d"), join(root, "etc/init.d")],
    pidFile: join(root, "run/heartbeat.pid"),
    runDir,
    controlSocket: join(runDir, "control.sock"),
    programsFile: join(runDir, "programs.json"),
    heldGroupsFile: join(runDir, "held.json"),
    stateDir,
    lockFile: join(stateDir, "lock"),
    generationFile: join(stateDir, "hb_generation"),
    uuidFile: join(stateDir, "hb_uuid"),
    freshnessFile: join(stateDir, "heard.json"),
  };
}

/** A path that ha.cf names (`logfile /var/log/ha-log`), moved under the root. */
export function underRoot(paths: Paths, path: string): string {
  return paths.root === "/" ? path : join(paths.root, path);
}

/** The root of this process: what the option said, else the environment, else `/`. */
export function chosenRoot(option: string | undefined): string {
  return option ?? Deno.env.get(ROOT_VARIABLE) ?? "/";
}
