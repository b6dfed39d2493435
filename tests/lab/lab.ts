/**
 * The laboratory: real hosts without real machines. Each host is a set of Linux namespaces; switches
 * are bridges in a network namespace that belongs to the lab alone, so that nothing of it is ever
 * seen by the real network. All of it ends with the process that opened it, however that ends.
 */
import { join } from "node:path";
import { Host, type Site } from "./host.ts";
import { namespacePermission, type Privilege, userNamespace } from "./namespaces.ts";
import { SerialCable } from "./serial_cable.ts";

/** One cable: from an interface of a host to a switch. */
interface Cable {
  readonly interface: string;
  readonly address: string;
  readonly network: string;
  /** Name of the switch's end, in the lab's own network namespace. */
  readonly port: string;
  /** Hardware address of the host's end, the same after every power-on, as on a real card. */
  readonly mac: string;
}

const REPOSITORY = join(import.meta.dirname ?? ".", "../..");

// The lab's own process: holds the switches' network namespace until its standard input ends, then
// clears the disks. Ctrl-C in a terminal reaches it, too, and must not keep it from doing that.
const GROUND = 'trap "" INT TERM HUP; echo ready; read -r _; rm -rf "$1"';

export class Lab {
  readonly #hosts = new Map<string, Host>();
  readonly #cables = new Map<string, Cable[]>();
  readonly #switches = new Set<string>();
  readonly #serialCables: SerialCable[] = [];
  /** Terminals at the host's ends of serial cables; the first is its /dev/ttyS0. */
  readonly #terminals = new Map<string, string[]>();
  #ports = 0;

  private constructor(
    private readonly ground: Deno.ChildProcess,
    /** Directory of the hosts' disks on the real machine. */
    readonly disks: string,
    private readonly privilege: Privilege,
  ) {}

  /** @throws {Error} with the reason where namespaces are not permitted */
  static async open(): Promise<Lab> {
    const permission = await namespacePermission();
    if (!permission.allowed) throw new Error(`no namespaces for a lab: ${permission.reason}`);
    const disks = await Deno.makeTempDir({ prefix: "heartbeat-lab-" });
    const ground = new Deno.Command("unshare", {
      args: [...userNamespace(permission.privilege), "--net", "sh", "-c", GROUND, "sh", disks],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = ground.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new Lab(ground, disks, permission.privilege);
  }

  /** Builds a host, switched off, with the cables that `plan` gives: interface → switch, address. */
  async addHost(
    name: string,
    plan: Readonly<Record<string, { readonly network: string; readonly address: string }>>,
  ): Promise<Host> {
    if (this.#hosts.has(name)) throw new Error(`the lab already has a host '${name}'`);
    const cables = Object.entries(plan).map(([wire, end]) => {
      const number = ++this.#ports;
      const mac = `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`;
      return { interface: wire, ...end, port: `port${number}`, mac };
    });
    for (const { network } of cables) await this.#addSwitch(network);
    const host = await Host.build(name, join(this.disks, name), this.#site());
    this.#hosts.set(name, host);
    this.#cables.set(name, cables);
    return host;
  }

  /** Joins two hosts by a null-modem cable: the next /dev/ttyS… of each, from power-on. */
  addSerialCable(a: Host, b: Host): SerialCable {
    const cable = new SerialCable();
    this.#serialCables.push(cable);
    for (const [at, host] of [a, b].entries()) {
      const terminals = this.#terminals.get(host.name) ?? [];
      this.#terminals.set(host.name, [...terminals, cable.devices[at] ?? ""]);
    }
    return cable;
  }

  /** Pulls one cable: the host sees its carrier go. */
  async pull(host: Host, wire: string): Promise<void> {
    await this.#ip([`link set ${this.#cable(host, wire).port} down`]);
  }

  /** Puts a pulled cable back. */
  async plug(host: Host, wire: string): Promise<void> {
    await this.#ip([`link set ${this.#cable(host, wire).port} up`]);
  }

  /** Switches every host off and removes all traces. */
  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await host.powerOff();
    for (const cable of this.#serialCables) await cable[Symbol.asyncDispose]();
    await this.ground.stdin.close().catch(() => {});
    await this.ground.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #site(): Site {
    const user = this.privilege === "user" ? ["-U", "--preserve-credentials"] : [];
    return {
      enter: ["nsenter", "-t", String(this.ground.pid), ...user, "-n"],
      enterUser: user,
      repository: REPOSITORY,
      connect: (host) => this.#connect(host),
      disconnect: (host) => this.#disconnect(host),
    };
  }

  #cable(host: Host, wire: string): Cable {
    const cable = this.#cables.get(host.name)?.find((candidate) => candidate.interface === wire);
    if (cable === undefined) throw new Error(`host ${host.name} has no interface '${wire}'`);
    return cable;
  }

  async #addSwitch(network: string): Promise<void> {
    if (this.#switches.has(network)) return;
    this.#switches.add(network);
    // Without snooping, multicast reaches every port, as on the plain switch of a small office.
    await this.#ip([
      `link add name ${network} type bridge mcast_snooping 0`,
      `link set ${network} up`,
    ]);
  }

  async #connect(host: Host): Promise<void> {
    const cables = this.#cables.get(host.name) ?? [];
    await this.#ip(cables.flatMap(({ port, mac, network, interface: wire }) => [
      `link add name ${port} type veth peer name ${wire} address ${mac} netns ${host.pid}`,
      `link set ${port} master ${network} up`,
    ]));
    for (const { interface: wire, address } of cables) {
      await host.must(`ip addr add ${address} brd + dev ${wire} && ip link set ${wire} up`);
    }
    for (const [number, terminal] of this.#terminals.get(host.name)?.entries() ?? []) {
      await host.must(`ln -s ${terminal} /dev/ttyS${number}`);
    }
  }

  async #disconnect(host: Host): Promise<void> {
    // The kernel removes the pairs itself some milliseconds after the host's death; a power loss
    // must not wait for it, and finding one already gone is what is wanted.
    const gone = (this.#cables.get(host.name) ?? []).map(({ port }) => `link del ${port}`);
    await this.#ip(gone, ["-force"]).catch(() => {});
  }

  async #ip(commands: readonly string[], options: readonly string[] = []): Promise<void> {
    const [program, ...args] = [...this.#site().enter, "ip", ...options, "-batch", "-"];
    const child = new Deno.Command(program ?? "", {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(commands.join("\n") + "\n"));
    await writer.close();
    const { success, stderr } = await child.output();
    if (success) return;
    throw new Error(`ip '${commands.join("; ")}': ${new TextDecoder().decode(stderr).trim()}`);
  }
}
