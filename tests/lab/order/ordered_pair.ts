/**
 * Two lab hosts with one group of five agents, one of each family. It places the agents, runs the
 * pair and tells what the agents did; what they should have done is the test's matter.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { MAIN_COMMAND } from "../../program.ts";
import type { Host } from "../host.ts";
import { Lab } from "../lab.ts";
import { eventually } from "../lab_case.ts";
import { endedIn, historyOf } from "./record.ts";

/** The group as the witnesses name its members, left to right. */
export const GROUP = ["plug::x", "IPaddr", "classic::y", "lsbsvc", "witness"] as const;
export type Member = typeof GROUP[number];
const NAMES = ["ha1", "ha2"] as const;
export type HostName = typeof NAMES[number];

const HARESOURCES = "ha1 plug::x IPaddr::192.168.2.3/24/eth0 classic::y lsbsvc OCF::lab:witness\n";
const HEARTBEAT = MAIN_COMMAND.map((word) => `"${word}"`).join(" ");
/** No pause that the host of a virtual machine makes looks like a death, which would be an act. */
const HA_CF = `
keepalive 100ms
warntime 1
deadtime 2
initdead 20
logfile /var/log/ha-log
bcast eth1
auto_failback on
node ha1 ha2
`;
/** Fixture → path on the hosts. OCF's directory lies below /usr and is laid over at each boot. */
const PLACED = [
  ["note.sh", "/etc/ha.d/note"],
  ["plug.ts", "/etc/ha.d/resource.d/plug.ts"],
  ["witness.sh", "/etc/ha.d/resource.d/classic"],
  ["witness.sh", "/etc/init.d/lsbsvc"],
  ["witness.sh", "/etc/ha.d/ocf/resource.d/lab/witness"],
] as const;
/** Where the lab's agents are laid over; nothing can be laid over what is not there. */
export const OCF_ROOT = "/usr/lib/ocf";

export class OrderedPair implements AsyncDisposable {
  readonly #hosts: ReadonlyMap<HostName, Host>;
  readonly #records = new Map<HostName, string>();
  /** All that had to happen so far. */
  readonly #wanted: string[] = [];

  private constructor(private readonly lab: Lab, hosts: ReadonlyMap<HostName, Host>) {
    this.#hosts = hosts;
  }

  /** Both hosts are off, all files are in their places. */
  static async open(): Promise<OrderedPair> {
    const lab = await Lab.open();
    const hosts = new Map<HostName, Host>();
    for (const [index, name] of NAMES.entries()) {
      const host = await lab.addHost(name, {
        eth0: { network: "lan", address: `192.168.2.${index + 1}/24` },
        eth1: { network: "cross", address: `10.0.0.${index + 1}/24` },
      });
      host.write("/etc/ha.d/ha.cf", HA_CF);
      host.write("/etc/ha.d/haresources", HARESOURCES);
      host.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 lab\n", 0o600);
      for (const [file, path] of PLACED) {
        const text = Deno.readTextFileSync(join(import.meta.dirname ?? ".", file));
        host.write(path, text, file.endsWith(".sh") ? 0o755 : 0o644);
      }
      hosts.set(name, host);
    }
    return new OrderedPair(lab, hosts);
  }

  /** Switches hosts on and starts heartbeat there. */
  async boot(...names: readonly HostName[]): Promise<void> {
    const hosts = names.map((name) => this.#host(name));
    for (const host of hosts) {
      await host.powerOn();
      await host.must(`mount --bind /etc/ha.d/ocf ${OCF_ROOT} && /etc/ha.d/note booted`);
    }
    await Promise.all(hosts.map((host) => host.must(`${HEARTBEAT} start`)));
  }

  async stop(name: HostName): Promise<void> {
    await this.#host(name).must(`${HEARTBEAT} stop`);
  }

  powerOff(name: HostName): Promise<void> {
    return this.#host(name).powerOff();
  }

  /**
   * Orders a standby as soon as the pair is no longer in motion, and waits for its outcome.
   * @returns null when all moved, else why it did not
   */
  async standby(name: HostName): Promise<string | null> {
    let cause: string | null = null;
    const order = async () => {
      const { code, stderr } = await this.#host(name).run(`${HEARTBEAT} standby --wait 60`);
      cause = code === 0 ? null : stderr;
      return !stderr.includes("cannot order");
    };
    await this.#explained("standby", () => eventually(`${name} obeys a standby`, order));
    return cause;
  }

  /** The reasons that `heartbeat status` shows. */
  async reasons(name: HostName): Promise<string> {
    const { stdout } = await this.#host(name).run(`${HEARTBEAT} status --json`);
    return JSON.parse(stdout).verdict.reasons.join("\n");
  }

  /** Lets the next calls of a witness fail. */
  async break(
    name: HostName,
    verb: "start" | "stop",
    member: Member,
    times: number,
  ): Promise<void> {
    await this.#host(name).must(`seq ${times} >/var/tmp/broken.${verb}.${member}`);
  }

  /**
   * Waits for as many operations as these after all that were expected before, and compares.
   * @returns when each began
   */
  async expect(act: string, wanted: readonly string[]): Promise<number[]> {
    this.#wanted.push(...wanted);
    const witnessed = this.#wanted.filter((operation) => !operation.endsWith("IPaddr")).length;
    const over = async () => endedIn(await this.#read()) >= witnessed;
    // That there are too few is told better by the comparison.
    await eventually(act, over).catch(() => {});
    return await this.#explained(act, async () => {
      const found = historyOf(await this.#read());
      assert.deepEqual(found.map(({ text }) => text), this.#wanted);
      return found.slice(-wanted.length).map(({ beganMs }) => beganMs);
    });
  }

  /** Which hosts' kernels hold the service address. */
  async holders(): Promise<readonly HostName[]> {
    const held = await Promise.all(NAMES.map((name) => this.#host(name).addresses()));
    return NAMES.filter((_, index) => held[index]?.includes("192.168.2.3"));
  }

  /** Waits for a line in the log of a host. */
  async logged(name: HostName, words: string): Promise<void> {
    const grep = `grep -qF '${words}' /var/log/ha-log`;
    const found = async () => (await this.#host(name).run(grep)).code === 0;
    await this.#explained("log", () => eventually(`${name} logs "${words}"`, found));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.close();
  }

  #host(name: HostName): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`the pair has no host '${name}'`);
    return host;
  }

  /** What a host without power had written is known from before. */
  async #read(): Promise<ReadonlyMap<string, string>> {
    for (const [name, host] of this.#hosts) {
      if (host.isOn) this.#records.set(name, await host.must("cat /var/tmp/record"));
    }
    return this.#records;
  }

  /** Adds to an error what the hosts wrote. */
  async #explained<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new Error(`${what}\n${await this.#evidence()}`, { cause: error });
    }
  }

  async #evidence(): Promise<string> {
    const parts: string[] = [];
    for (const [name, host] of this.#hosts) {
      if (!host.isOn) continue;
      parts.push(`--- ${name}`, await host.must("cat /var/tmp/record; tail -n 60 /var/log/ha-log"));
    }
    return parts.join("\n");
  }
}
