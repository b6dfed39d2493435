/**
 * Two lab hosts with the files of one example, and a client. The example's disk `/dev/drbd0` is a
 * directory that both hosts see; everything else is as in the example, only at a faster pace.
 */
import { join } from "node:path";
import { eventually } from "../lab_case.ts";
import type { Host } from "../host.ts";
import { Lab } from "../lab.ts";

const REPOSITORY = join(import.meta.dirname ?? ".", "../../..");
const MAIN = join(REPOSITORY, "main.ts");
const HEARTBEAT = "/var/lib/heartbeat-lab/heartbeat";
const DISK = /Filesystem::\/dev\/drbd0::(\S+)::ext4/;
const NAMES = ["ha1", "ha2"] as const;
/** In place of the example's values; patient enough for servers that start on a busy machine. */
const PACE: Readonly<Record<string, string>> = {
  keepalive: "200ms",
  warntime: "2",
  deadtime: "4",
  initdead: "20",
};
/** Until a server has started; a database on a slow machine takes its time. */
const TAKEOVER_LIMIT_MS = 90_000;
/** A try that is cut off may have written all the same, so it is not; each has limits of its own. */
const TRY_LIMIT_MS = 30_000;
export const SERVICE_ADDRESS = "192.168.2.3";

export type HostName = typeof NAMES[number];

/** Files of the example besides the three: name there → path on the hosts. */
export type Placed = Readonly<Record<string, string>>;

export class ServicePair implements AsyncDisposable {
  /** What is on the shared disk. */
  readonly disk: string;
  readonly #folder: string;
  readonly #hosts = new Map<HostName, Host>();
  #client: Host | undefined;

  private constructor(private readonly lab: Lab, example: string) {
    this.#folder = join(REPOSITORY, "examples", example);
    this.disk = Deno.makeTempDirSync({ prefix: `hb-${example}-` });
    Deno.chmodSync(this.disk, 0o755);
  }

  /** Both hosts and the client are on, heartbeat is not yet started. */
  static async open(example: string, placed: Placed = {}): Promise<ServicePair> {
    const pair = new ServicePair(await Lab.open(), example);
    try {
      for (const [index, name] of NAMES.entries()) {
        const host = await pair.#addHost(name, index + 1);
        pair.#install(host, placed);
        await host.powerOn();
        pair.#hosts.set(name, host);
      }
      pair.#client = await pair.#addHost("client", 100);
      await pair.#client.powerOn();
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a shell command on both hosts. */
  async onBoth(command: string): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.must(command)));
  }

  async start(): Promise<void> {
    await this.onBoth(`${HEARTBEAT} start`);
  }

  async powerOff(name: HostName): Promise<void> {
    await this.#hosts.get(name)?.powerOff();
  }

  /** Waits until the client's shell command succeeds and prints this. */
  async clientSees(command: string, wanted: RegExp): Promise<void> {
    let last = "";
    const holds = async () => {
      const { code, stdout, stderr } = await this.#must().run(command, TRY_LIMIT_MS);
      last = `exit code ${code}: ${stdout}${stderr}`;
      return code === 0 && wanted.test(stdout);
    };
    try {
      await eventually(`the client sees ${wanted} by ${command}`, holds, TAKEOVER_LIMIT_MS);
    } catch (error) {
      throw new Error(`${error}; last ${last}\n${await this.evidence()}`);
    }
  }

  /** Which hosts have the service address. */
  async holders(): Promise<readonly string[]> {
    const held: string[] = [];
    for (const [name, host] of this.#hosts) {
      if ((await host.addresses()).includes(SERVICE_ADDRESS)) held.push(name);
    }
    return held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.close();
    Deno.removeSync(this.disk, { recursive: true });
  }

  #must(): Host {
    if (this.#client === undefined) throw new Error("the pair has no client yet");
    return this.#client;
  }

  #addHost(name: string, number: number): Promise<Host> {
    return this.lab.addHost(name, {
      eth0: { network: "lan", address: `192.168.2.${number}/24` },
      eth1: { network: "cross", address: `10.0.0.${number}/24` },
    });
  }

  #install(host: Host, placed: Placed): void {
    const read = (name: string) => Deno.readTextFileSync(join(this.#folder, name));
    const haCf = read("ha.cf").replace(/^(\S+) .*$/gm, (line, word: string) => {
      const value = PACE[word];
      return value === undefined ? line : `${word} ${value}`;
    });
    const haresources = read("haresources");
    const [, mountPoint = ""] = DISK.exec(haresources) ?? [];
    host.write("/etc/ha.d/ha.cf", `${haCf}logfile /var/log/ha-log\n`);
    host.write(
      "/etc/ha.d/haresources",
      haresources.replace(DISK, `Filesystem::${this.disk}::$1::none::bind`),
    );
    // No name server is there to be asked; a server that asks for its own name would wait for it.
    host.write("/etc/hosts", "127.0.0.1 localhost\n192.168.2.1 ha1\n192.168.2.2 ha2\n");
    host.write("/etc/resolv.conf", "");
    host.write("/etc/ha.d/authkeys", read("authkeys"), 0o600);
    host.write(`${mountPoint}/.not-mounted`, "");
    for (const [name, path] of Object.entries(placed)) {
      host.write(path, read(name), path.includes("resource.d") ? 0o755 : 0o644);
    }
    const program = `exec "${Deno.execPath()}" run -A "${MAIN}" "$@"`;
    host.write(HEARTBEAT, `#!/bin/sh\n${program}\n`, 0o755);
  }

  /** The end of both hosts' logs. */
  async evidence(): Promise<string> {
    const logs: string[] = [];
    for (const [name, host] of this.#hosts) {
      if (!host.isOn) continue;
      const { stdout } = await host.run("tail -n 40 /var/log/ha-log");
      logs.push(`--- ${name}\n${stdout}`);
    }
    return logs.join("\n");
  }
}
