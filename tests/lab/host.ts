/**
 * One machine of the lab: a process tree with its own network, host name, mounts and process ids.
 * Its disk (/etc and /var) outlives a power loss, all else vanishes at once. It knows how to be
 * switched on and off, to run programs and to tell the kernel's truth; wires are the lab's matter.
 */
import { dirname, join } from "node:path";
import { HOST_NAMESPACES } from "./namespaces.ts";

/** What the lab lends to its hosts. */
export interface Site {
  /** Words that enter the lab's own user and network namespace. */
  readonly enter: readonly string[];
  /** Words of `nsenter` that enter the lab's user namespace, if it has one. */
  readonly enterUser: readonly string[];
  readonly repository: string;
  /** Lays the host's cables again after power-on, or takes them away. */
  connect(host: Host): Promise<void>;
  disconnect(host: Host): Promise<void>;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Power {
  /** The `unshare` process, parent of the host's first process. */
  readonly holder: Deno.ChildProcess;
  /** Held open while the host lives: its first process ends when this does. */
  readonly lifeline: WritableStreamDefaultWriter<Uint8Array>;
  /** Process id of the host's first process, as the real machine sees it. */
  readonly pid: number;
}

/** Files of the real /etc that must not leak into a lab host. */
const NOT_COPIED = ["ha.d", "rc.d/init.d/heartbeat", "init.d/heartbeat"];
const TCP_LISTEN_STATE = "0A";
/** A daemon that starts or stops on a slow machine may need most of it. */
const COMMAND_LIMIT_MS = 90_000;

export class Host {
  #power: Power | undefined;

  private constructor(
    readonly name: string,
    private readonly disk: string,
    private readonly site: Site,
  ) {}

  /** Makes the disk as a copy of the real /etc and an empty /var; the host is still off. */
  static async build(name: string, disk: string, site: Site): Promise<Host> {
    const directories = ["etc", "var/lib/heartbeat", "var/log", "var/tmp"];
    for (const directory of directories) Deno.mkdirSync(join(disk, directory), { recursive: true });
    // Files that an ordinary user may not read stay out, and `cp` says so with its exit code.
    await new Deno.Command("cp", {
      args: ["-a", "/etc/.", join(disk, "etc")],
      stderr: "null",
    }).output();
    for (const path of NOT_COPIED) {
      await Deno.remove(join(disk, "etc", path), { recursive: true }).catch(() => {});
    }
    for (const directory of ["etc/ha.d", "etc/rc.d/init.d"]) {
      Deno.mkdirSync(join(disk, directory), { recursive: true });
    }
    if (site.enterUser.length > 0) {
      // A user namespace of an ordinary user knows one group; naming others would be a lie.
      Deno.writeTextFileSync(join(disk, "etc/group"), "root:x:0:\n");
    }
    Deno.symlinkSync("/run", join(disk, "var/run"));
    Deno.symlinkSync("/run/lock", join(disk, "var/lock"));
    return new Host(name, disk, site);
  }

  get isOn(): boolean {
    return this.#power !== undefined;
  }

  /** Process id of the host's first process on the real machine. */
  get pid(): number {
    if (this.#power === undefined) throw new Error(`host ${this.name} is switched off`);
    return this.#power.pid;
  }

  /** Boots the host and connects its cables. */
  async powerOn(): Promise<void> {
    if (this.#power !== undefined) throw new Error(`host ${this.name} is already on`);
    const init = join(import.meta.dirname ?? ".", "host_init.sh");
    const [program, ...args] = [
      ...this.site.enter,
      ...["unshare", ...HOST_NAMESPACES, "--kill-child"],
      ...["bash", init, this.name, this.disk, this.site.repository],
    ];
    const holder = new Deno.Command(program ?? "", {
      args,
      clearEnv: true,
      env: environment(),
      stdin: "piped",
      stdout: "piped",
      // Read only when the boot fails: `unshare` also complains there about every killed child.
      stderr: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    const first = await reader.read();
    await reader.cancel();
    if (first.done) {
      const said = await new Response(holder.stderr).text();
      throw new Error(`host ${this.name} did not boot: ${said.trim()}`);
    }
    await holder.stderr.cancel();
    const children = Deno.readTextFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`);
    const pid = Number(children.trim());
    this.#power = { holder, lifeline: holder.stdin.getWriter(), pid };
    await this.site.connect(this);
  }

  /** Takes the power away: every process dies at once, no byte leaves any more. */
  async powerOff(): Promise<void> {
    const power = this.#power;
    if (power === undefined) return;
    this.#power = undefined;
    Deno.kill(power.pid, "SIGKILL");
    await this.site.disconnect(this);
    await power.holder.status;
    // The reader of this pipe is dead, so closing it may fail; the descriptor is free either way.
    await power.lifeline.close().catch(() => {});
  }

  /** Runs one shell command to its end. It is killed after `limitMs`. */
  async run(command: string, limitMs = COMMAND_LIMIT_MS): Promise<RunResult> {
    const child = new Deno.Command("nsenter", {
      ...this.#inside(["sh", "-c", command]),
      stdin: "null",
      signal: AbortSignal.timeout(limitMs),
    });
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** As `run`, but throws with the command's own words when its exit code is not 0. */
  async must(command: string, limitMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, limitMs);
    if (code === 0) return stdout;
    throw new Error(`${this.name}: '${command}' ended with ${code}: ${(stderr + stdout).trim()}`);
  }

  /** Starts a program inside and leaves it running; its output is piped to the caller. */
  spawn(words: readonly string[]): Deno.ChildProcess {
    return new Deno.Command("nsenter", {
      ...this.#inside(words),
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  }

  /** Writes a file below /etc or /var; works while the host is off, too. */
  write(path: string, text: string, mode = 0o644): void {
    if (!/^\/(etc|var)\//.test(path)) {
      throw new Error(`cannot write '${path}': only /etc and /var lie on the disk of a lab host`);
    }
    const file = join(this.disk, path);
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeTextFileSync(file, text);
    Deno.chmodSync(file, mode);
  }

  /** All addresses that the kernel of this host holds, loopback left out; none when it is off. */
  async addresses(): Promise<readonly string[]> {
    if (!this.isOn) return [];
    const listing = await this.must("ip -o addr show");
    return [...listing.matchAll(/^\d+: (?!lo\b)\S+\s+inet6? ([^\s/]+)/gm)].map((hit) =>
      hit[1] ?? ""
    );
  }

  /** Whether any process of this host listens on a TCP port (IPv4), by the kernel's own table. */
  listens(port: number): boolean {
    if (!this.isOn) return false;
    const wanted = ":" + port.toString(16).toUpperCase().padStart(4, "0");
    return Deno.readTextFileSync(`/proc/${this.pid}/net/tcp`).split("\n").some((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      return local?.endsWith(wanted) === true && state === TCP_LISTEN_STATE;
    });
  }

  #inside(words: readonly string[]): Deno.CommandOptions {
    const args = ["-t", String(this.pid), ...this.site.enterUser, "-n", "-u", "-m", "-p", ...words];
    return { args, clearEnv: true, env: environment(), cwd: "/" };
  }
}

/** A short environment, so that nothing of the caller's shell decides what a host does. */
function environment(): Record<string, string> {
  const kept: Record<string, string> = {
    HOME: Deno.env.get("HOME") ?? "/",
    LC_ALL: "C",
    NO_COLOR: "1",
  };
  kept["PATH"] = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const cache = Deno.env.get("DENO_DIR");
  if (cache !== undefined) kept["DENO_DIR"] = cache;
  return kept;
}
