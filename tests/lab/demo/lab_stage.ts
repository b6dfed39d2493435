/**
 * The demo's stage on real kernels: two cluster hosts with the article's files and a client, on one
 * LAN, and a second network for the heartbeats. It sets up, obeys and reports what the kernels say.
 */
import { join } from "node:path";
import type { Host } from "../host.ts";
import { Lab } from "../lab.ts";
import type { SerialCable } from "../serial_cable.ts";
import { ARTICLE_DIR, articleFiles } from "./article.ts";
import { epochMs, type Report } from "./client.ts";
import {
  type Answer,
  type HostName,
  HOSTS,
  SERVICE_ADDRESS,
  SERVICE_PORT,
  type Stage,
  type Truth,
} from "./stage.ts";
import type { Timing } from "./timing.ts";

const REPOSITORY = join(import.meta.dirname ?? ".", "../../..");
const MAIN = join(REPOSITORY, "main.ts");
const BEAT_PORT = 694;
const INIT_SCRIPT = "/etc/rc.d/init.d/heartbeat";
/** Directory on a host's disk with the commands under their own names. */
const COMMANDS = "/var/lib/heartbeat-lab";
const INIT = `HEARTBEAT=${COMMANDS}/heartbeat ${INIT_SCRIPT}`;
const LOG_LINES_SHOWN = 30;
/** A classic standby may wait for the peer before it answers. */
const COMMAND_LIMIT_MS = 60_000;

export class LabStage implements Stage {
  readonly #listeners: ((answer: Answer) => void)[] = [];
  readonly #beats = new Map<string, number>();

  private constructor(
    private readonly lab: Lab,
    private readonly hosts: ReadonlyMap<HostName, Host>,
    readonly client: Host,
    /** Between the two cluster hosts. */
    readonly serial: SerialCable,
    readonly deadtimeMs: number,
  ) {}

  /** Opens the lab, writes every host's disk and sets the client to work; both hosts are off. */
  static async open(timing: Timing): Promise<LabStage> {
    const lab = await Lab.open();
    try {
      const hosts = new Map<HostName, Host>();
      for (const [index, name] of HOSTS.entries()) {
        const number = index + 1;
        const host = await lab.addHost(name, {
          eth0: { network: "lan", address: `192.168.2.${number}/24` },
          eth1: { network: "cross", address: `10.0.0.${number}/24` },
        });
        installHeartbeat(host, timing);
        hosts.set(name, host);
      }
      const [ha1, ha2] = [...hosts.values()];
      if (ha1 === undefined || ha2 === undefined) throw new Error("the stage needs two hosts");
      const serial = lab.addSerialCable(ha1, ha2);
      const client = await lab.addHost("client", {
        eth0: { network: "lan", address: "192.168.2.100/24" },
        eth1: { network: "cross", address: "10.0.0.100/24" },
      });
      await client.powerOn();
      const stage = new LabStage(lab, hosts, client, serial, timing.deadtimeMs);
      stage.#listen(client);
      return stage;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  nowMs(): number {
    return epochMs();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  powerOn(host: HostName): Promise<void> {
    return this.host(host).powerOn();
  }

  powerOff(host: HostName): Promise<void> {
    return this.host(host).powerOff();
  }

  async startHeartbeat(host: HostName): Promise<void> {
    await this.host(host).must(`${INIT} start`, COMMAND_LIMIT_MS);
  }

  async stopHeartbeat(host: HostName): Promise<void> {
    await this.host(host).must(`${INIT} stop`, COMMAND_LIMIT_MS);
  }

  async standby(host: HostName): Promise<void> {
    await this.host(host).must(`${COMMANDS}/hb_standby`, COMMAND_LIMIT_MS);
  }

  async truth(name: HostName): Promise<Truth> {
    const host = this.host(name);
    const addresses = await host.addresses();
    return {
      holdsAddress: addresses.includes(SERVICE_ADDRESS),
      runsService: host.listens(SERVICE_PORT),
    };
  }

  onAnswer(listener: (answer: Answer) => void): void {
    this.#listeners.push(listener);
  }

  lastBeatMs(host: HostName): number | undefined {
    return this.#beats.get(`10.0.0.${HOSTS.indexOf(host) + 1}`);
  }

  async evidence(): Promise<string> {
    const logs = [];
    for (const [name, host] of this.hosts) {
      if (!host.isOn) continue;
      const { stdout, stderr } = await host.run(`tail -n ${LOG_LINES_SHOWN} /var/log/ha-log`);
      logs.push(`--- ${name}: the end of /var/log/ha-log\n${stdout}${stderr}`);
    }
    return logs.join("\n");
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The lab host itself, for tests that do to it what no act does. */
  host(name: HostName): Host {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the stage has no host '${name}'`);
    return host;
  }

  /** Pulls a cable of a host, or puts it back. */
  async pull(host: HostName, wire: string): Promise<void> {
    await this.lab.pull(this.host(host), wire);
  }

  async plug(host: HostName, wire: string): Promise<void> {
    await this.lab.plug(this.host(host), wire);
  }

  async #listen(client: Host): Promise<void> {
    const child = client.spawn([
      ...[Deno.execPath(), "run", "-A", join(REPOSITORY, "tests/lab/demo/client.ts")],
      ...[SERVICE_ADDRESS, String(SERVICE_PORT), String(BEAT_PORT)],
    ]);
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#report(JSON.parse(line));
    }
    await child.status;
  }

  #report(report: Report): void {
    if (report.kind === "beat") this.#beats.set(report.from, report.atMs);
    else for (const listener of this.#listeners) listener(report);
  }
}

/** Puts on a host's disk what an administrator would: the program, its script and the three files. */
function installHeartbeat(host: Host, timing: Timing): void {
  const read = (path: string) => Deno.readTextFileSync(path);
  const files = articleFiles(timing);
  host.write("/etc/ha.d/ha.cf", files.haCf);
  host.write("/etc/ha.d/haresources", files.haresources);
  host.write("/etc/ha.d/authkeys", files.authkeys, 0o600);
  for (const file of ["httpd", "page_server.pl"]) {
    host.write(`/etc/rc.d/init.d/${file}`, read(`${ARTICLE_DIR}/${file}`), 0o755);
  }
  host.write(INIT_SCRIPT, read(`${REPOSITORY}/packaging/init.d/heartbeat`), 0o755);
  for (const name of ["heartbeat", "hb_standby", "hb_takeover", "cl_status"]) {
    host.write(`${COMMANDS}/${name}`, command(name), 0o755);
  }
}

/**
 * A command of the package under its own name: the executable that HB_BIN names, or the source tree
 * under the Deno that runs this. It is bash for `exec -a`, which gives a program its name.
 */
function command(name: string): string {
  const program = Deno.env.get("HB_BIN");
  const words = program === undefined ? [Deno.execPath(), "run", "-A", MAIN] : [program];
  const quoted = words.map((word) => `"${word}"`).join(" ");
  return `#!/bin/bash\nexec -a ${name} ${quoted} "$@"\n`;
}
