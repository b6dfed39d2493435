/**
 * A lab host that runs in a bare root: on its disk are the C library, one static shell, and what a
 * package manager put there. Nothing of the machine that plays the lab is in its sight.
 */
import { dirname, join } from "node:path";
import { SERVICE_ADDRESS } from "../lab/demo/stage.ts";
import type { Host } from "../lab/host.ts";
import { makeRoot } from "./chroot.ts";
import type { PackageManager } from "./package_manager.ts";

/** Where the bare root lies on a lab host. */
const ROOT = "/var/root";
const SEARCH_PATH = "/bin:/usr/bin:/usr/sbin";
/** Unpacking takes a second; a busy machine may need many. */
const INSTALL_LIMIT_MS = 120_000;
/** Below the root: one word for each time that httpd was called. */
export const HTTPD_CALLS = "/var/log/httpd.calls";
/** The article's httpd needs perl; this one is up while a file exists, and tells what was asked. */
const HTTPD = `#!/bin/sh
echo "$1" >>${HTTPD_CALLS}
case "$1" in
  start) touch /run/httpd.up ;;
  stop) rm -f /run/httpd.up ;;
  status) if [ -e /run/httpd.up ]; then echo running; else echo stopped; exit 3; fi ;;
esac
`;

export class BareHost {
  private constructor(
    readonly host: Host,
    readonly manager: PackageManager,
    /** The bare root, as this machine names it. */
    readonly root: string,
  ) {}

  /** Lays the bare root on the disk of a host that is off. */
  static async build(
    host: Host,
    disk: string,
    program: string,
    manager: PackageManager,
  ): Promise<BareHost> {
    const root = join(disk, ROOT);
    await makeRoot(root, program);
    await manager.prepare(root);
    const bare = new BareHost(host, manager, root);
    bare.write(`${manager.initDir}/httpd`, HTTPD, 0o755);
    bare.write(HTTPD_CALLS, "");
    return bare;
  }

  async boot(): Promise<void> {
    await this.host.powerOn();
    await this.host.must(`mount -t proc proc ${ROOT}/proc && mount --rbind /dev ${ROOT}/dev`);
  }

  /** Runs a command below the root, with a clean environment. */
  inside(command: string): Promise<string> {
    return this.host.must(below(command));
  }

  /** Whether a command below the root succeeds. */
  async obeys(command: string): Promise<boolean> {
    return (await this.host.run(below(command))).code === 0;
  }

  init(verb: string): Promise<string> {
    return this.inside(`${this.manager.initDir}/heartbeat ${verb}`);
  }

  /** @returns what the package manager and the package's scripts printed */
  install(file: string): Promise<string> {
    return this.host.must(`${this.manager.install(ROOT, file)} 2>&1`, INSTALL_LIMIT_MS);
  }

  removePackage(): ReturnType<Host["run"]> {
    return this.host.run(`${this.manager.remove(ROOT)} 2>&1`, INSTALL_LIMIT_MS);
  }

  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.root, path);
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeTextFileSync(file, text);
    Deno.chmodSync(file, mode);
  }

  read(path: string): string {
    return Deno.readTextFileSync(join(this.root, path));
  }

  /** What the daemon logged so far. */
  get log(): string {
    try {
      return this.read("/var/log/ha-log");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "nothing";
      throw error;
    }
  }

  /** Whether the kernel has the service address, and whether httpd is up. */
  async holds(): Promise<readonly [address: boolean, script: boolean]> {
    const up = await this.host.run(`test -e ${ROOT}/run/httpd.up`);
    return [(await this.host.addresses()).includes(SERVICE_ADDRESS), up.code === 0];
  }

  /** Process id of the daemon, and whether the file that it runs is gone from the disk. */
  async daemon(): Promise<{ readonly pid: string; readonly isReplaced: boolean }> {
    const pid = this.read("run/heartbeat.pid").trim();
    const program = await this.host.must(`readlink /proc/${pid}/exe`);
    return { pid, isReplaced: program.trim().endsWith(" (deleted)") };
  }
}

function below(command: string): string {
  return `env -i PATH=${SEARCH_PATH} chroot ${ROOT} ${command}`;
}
