/**
 * The places of the host that agents look at, in one value, so that tests give them other ones and
 * several daemons can run side by side on one file system.
 */
import { dirname, join } from "node:path";
import { THIS_PROGRAM } from "../core/os/this_program.ts";

export interface AgentHost {
  /** Where programs such as `mount` and `systemctl` are; the first hit wins. */
  readonly programDirs: readonly string[];
  /** Classic configuration, for `conf/OCF/TYPE/INSTANCE`. */
  readonly configDir: string;
  /** Holds a file for each done thing that leaves no trace in the system; gone after a boot. */
  readonly markerDir: string;
  /** OCF's root; agents are in `resource.d/PROVIDER/NAME` below it. */
  readonly ocfRoot: string;
  /** Where OCF agents keep what must not outlive a boot. */
  readonly ocfTmpDir: string;
  /** Unit files, in systemd's own order. */
  readonly unitDirs: readonly string[];
  /** Exists if, and only if, systemd is process 1. */
  readonly systemdRunDir: string;
  readonly fstab: string;
  /** Program and first words of the command line that start this program again. */
  readonly thisProgram: readonly [string, ...string[]];
}

/** The host as distributions lay it out. */
export const THIS_HOST: AgentHost = {
  programDirs: ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
  configDir: "/etc/ha.d",
  markerDir: "/run/heartbeat/agents",
  ocfRoot: "/usr/lib/ocf",
  ocfTmpDir: "/run/resource-agents",
  unitDirs: [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
  ],
  systemdRunDir: "/run/systemd/system",
  fstab: "/etc/fstab",
  thisProgram: THIS_PROGRAM,
};

/**
 * The host of a daemon that may live under a root of its own: what it writes moves along, the
 * system's programs and agents stay.
 * @param configDir directory of haresources
 * @param runDir the daemon's own directory below `/run`; absent: that of the real host
 */
export function hostOf(configDir: string, runDir: string | undefined): AgentHost {
  if (runDir === undefined) return { ...THIS_HOST, configDir };
  return {
    ...THIS_HOST,
    configDir,
    markerDir: join(runDir, "agents"),
    ocfTmpDir: join(dirname(runDir), "resource-agents"),
  };
}
