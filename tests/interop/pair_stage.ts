/**
 * The stage of the interop tests: two lab hosts with the same three files, each served by either
 * program, and a client on the LAN that fetches a page from the address of each group. It sets up,
 * obeys and reports what the kernels and the client say.
 */
import { join } from "node:path";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { epochMs, type Report } from "../lab/demo/client.ts";
import { type Change, Watch } from "../lab/demo/watch.ts";
import type { AutoFailback } from "../../core/types.ts";
import { type Implementation, type Kind, ORIGINAL, OURS } from "./implementation.ts";

export const NODES = ["node1", "node2"] as const;
export type NodeName = typeof NODES[number];

/** Address of the group whose home is that node. */
const ADDRESSES: Readonly<Record<NodeName, string>> = {
  node1: "192.168.2.11",
  node2: "192.168.2.12",
};

export const DEADTIME_MS = 2_000;
const DIRECTIVES = ["keepalive 200ms", "deadtime 2", "warntime 1", "initdead 4", "udpport 694"];
const MEDIA = ["bcast eth1", "bcast eth2"];
/** The article's line; its fourth word is ignored by both programs. */
export const AUTHKEYS = "auth 1\n1 sha1 sha1 myAuthkey\n";
const FETCH_EVERY_MS = 20;
/** A client on a busy machine pauses now and then; longer than this, and nobody counts as answering. */
const SILENT_MS = 500;
const CLIENT = join(import.meta.dirname ?? ".", "../lab/demo/client.ts");
const PAGE_SCRIPT = join(import.meta.dirname ?? ".", "page");

/** Which program serves which node. */
export type Cast = Readonly<Record<NodeName, Kind>>;

export interface SetUp {
  readonly cast: Cast;
  readonly autoFailback: AutoFailback;
  /** Lines of ha.cf that replace the usual timing or media, or add to them. */
  readonly extra?: readonly string[];
}

export class PairStage {
  readonly #watches = new Map<NodeName, Watch>();
  readonly #lastAnswer = new Map<NodeName, { readonly host: string; readonly endedMs: number }>();
  readonly #programs = new Map<NodeName, Implementation>();

  private constructor(
    private readonly lab: Lab,
    private readonly hosts: ReadonlyMap<NodeName, Host>,
    readonly client: Host,
  ) {}

  /** Opens the lab and sets the client to work; both nodes are off and know no program. */
  static async open(): Promise<PairStage> {
    const lab = await Lab.open();
    try {
      const hosts = new Map<NodeName, Host>();
      for (const [index, name] of NODES.entries()) {
        const number = index + 1;
        const host = await lab.addHost(name, {
          eth0: { network: "lan", address: `192.168.2.${number}/24` },
          eth1: { network: "cross", address: `10.0.1.${number}/24` },
          eth2: { network: "second", address: `10.0.2.${number}/24` },
        });
        hosts.set(name, host);
      }
      const plan = { eth0: { network: "lan", address: "192.168.2.100/24" } };
      const client = await lab.addHost("client", plan);
      await client.powerOn();
      const stage = new PairStage(lab, hosts, client);
      for (const home of NODES) stage.#listen(home);
      return stage;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Boots both hosts on blank state directories with these programs; no daemon runs yet. */
  async setUp(setUp: SetUp): Promise<void> {
    for (const name of NODES) {
      const host = this.host(name);
      await host.powerOff();
      await host.powerOn();
      await host.must("rm -rf /etc/ha.d/* /var/lib/heartbeat/* /var/log/ha-log /var/log/page");
      this.cast(name, setUp.cast[name]);
      this.#writeFiles(name, setUp);
    }
  }

  /** Gives a node to a program; its files and its state stay. */
  cast(name: NodeName, kind: Kind): void {
    const program = kind === "ours" ? OURS : ORIGINAL;
    program.install(this.host(name));
    this.#programs.set(name, program);
  }

  #writeFiles(name: NodeName, { autoFailback, extra = [] }: SetUp): void {
    const host = this.host(name);
    const lines = ["logfile /var/log/ha-log", ...DIRECTIVES, `auto_failback ${autoFailback}`];
    lines.push(...MEDIA, ...extra, `node ${NODES.join(" ")}`);
    host.write("/etc/ha.d/ha.cf", lines.join("\n") + "\n");
    const groups = NODES.map((home) =>
      `${home} ${ADDRESSES[home]}/24/eth0 page::${ADDRESSES[home]}\n`
    );
    host.write("/etc/ha.d/haresources", groups.join(""));
    this.writeKeys(name, AUTHKEYS);
    host.write("/etc/ha.d/resource.d/page", Deno.readTextFileSync(PAGE_SCRIPT), 0o755);
  }

  writeKeys(name: NodeName, text: string): void {
    this.host(name).write("/etc/ha.d/authkeys", text, 0o600);
  }

  host(name: NodeName): Host {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the stage has no host '${name}'`);
    return host;
  }

  /** The program that serves a node. */
  program(name: NodeName): Implementation {
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`no program was given to '${name}'`);
    return program;
  }

  start(name: NodeName): Promise<void> {
    return this.program(name).start(this.host(name));
  }

  async startBoth(): Promise<void> {
    await Promise.all(NODES.map((name) => this.start(name)));
  }

  async pull(name: NodeName, ...wires: string[]): Promise<void> {
    for (const wire of wires) await this.lab.pull(this.host(name), wire);
  }

  async plug(name: NodeName, ...wires: string[]): Promise<void> {
    for (const wire of wires) await this.lab.plug(this.host(name), wire);
  }

  nowMs(): number {
    return epochMs();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Nodes whose kernels hold the address of the group with that home. */
  async holders(home: NodeName): Promise<readonly NodeName[]> {
    const lists = await Promise.all(NODES.map((name) => this.#addresses(name)));
    return NODES.filter((_, index) => lists[index]?.includes(ADDRESSES[home]));
  }

  /** None of a host that loses its power while it is asked. */
  async #addresses(name: NodeName): Promise<readonly string[]> {
    const host = this.host(name);
    try {
      return await host.addresses();
    } catch (error) {
      if (host.isOn) throw error;
      return [];
    }
  }

  /** Who serves the page of that group to the client at this moment. */
  answering(home: NodeName): string | null {
    const last = this.#lastAnswer.get(home);
    return last !== undefined && this.nowMs() - last.endedMs <= SILENT_MS ? last.host : null;
  }

  changesSince(home: NodeName, sinceMs: number): readonly Change[] {
    return this.#watch(home).changesSince(sinceMs);
  }

  /** Whole log of a node since its set-up. */
  async log(name: NodeName): Promise<string> {
    return (await this.host(name).run("cat /var/log/ha-log")).stdout;
  }

  /** Number of the life that a node is in, as its state file says. */
  async generation(name: NodeName): Promise<number> {
    return Number(await this.host(name).must("cat /var/lib/heartbeat/hb_generation"));
  }

  /** How many pages were stopped on a node since its set-up. */
  async pagesStopped(name: NodeName): Promise<number> {
    return (await this.host(name).run("cat /var/log/page")).stdout.split("\n").length - 1;
  }

  /** Lines worth reading after a failure. */
  async evidence(lines = 40): Promise<string> {
    const logs = [];
    for (const name of NODES) {
      if (!this.host(name).isOn) continue;
      const tail = (await this.log(name)).trimEnd().split("\n").slice(-lines).join("\n");
      logs.push(`--- ${name} (${this.program(name).kind}): the end of /var/log/ha-log\n${tail}`);
    }
    return logs.join("\n");
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #watch(home: NodeName): Watch {
    const watch = this.#watches.get(home) ?? new Watch();
    this.#watches.set(home, watch);
    return watch;
  }

  async #listen(home: NodeName): Promise<void> {
    const watch = this.#watch(home);
    const child = this.client.spawn([
      ...[Deno.execPath(), "run", "-A", "--no-check", CLIENT],
      ...[ADDRESSES[home], "80", "694", String(FETCH_EVERY_MS)],
    ]);
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const report: Report = JSON.parse(line);
        if (report.kind !== "answer") continue;
        watch.add(report);
        const { host, endedMs } = report;
        if (host !== null) this.#lastAnswer.set(home, { host, endedMs });
      }
    }
    await child.status;
  }
}
