/**
 * Plays one published configuration with a pair of one program: cold start, orderly stop of the
 * first host, its return, death of the one that serves. It waits for who must own what, and tells
 * what was called meanwhile; whether that is right is the test's matter.
 */
import { join } from "node:path";
import { raisePriority } from "../../../core/os/scheduling.ts";
import { eventually } from "../../eventually.ts";
import {
  type Implementation,
  isAtRest,
  type Kind,
  ORIGINAL,
  OURS,
} from "../../interop/implementation.ts";
import type { Host } from "../host.ts";
import { Lab } from "../lab.ts";
import { addressOf, haCfFor, type Published, scriptOf } from "./configuration.ts";
import { type Call, History, overlaps, REST } from "./history.ts";

/** What a host told in one act. */
export interface Act {
  readonly title: string;
  /** By the name of the host; nothing is said of a host without power. */
  readonly told: Readonly<Record<string, readonly string[]>>;
}

/** Of this process, which is the serial cable. */
const CABLE_PRIORITY = 10;
const LOOK_AGAIN_MS = 100;
/** Where the stand-ins mark what runs. */
const RUNNING_DIR = "/run/stand_in";
/** The original waits ten seconds at its start, once more where a packet was lost; a slow machine. */
const ACT_LIMIT_MS = 240_000;

/** @param length `short` ends with the orderly stop */
export async function play(
  published: Published,
  kind: Kind,
  length: "whole" | "short" = "whole",
): Promise<readonly Act[]> {
  await using stage = await Stage.open(published, kind === "ours" ? OURS : ORIGINAL);
  const [first, second] = published.hosts;
  const atHome = (home: string) => home;
  await stage.act("cold start", () => stage.start(first, second), atHome);
  await stage.act("orderly stop of the first", () => stage.stop(first), () => second);
  if (length === "short") return stage.acts;
  const owner = published.isFailbackOn ? atHome : () => second;
  await stage.act("its return", () => stage.start(first), owner);
  const [dead, alive] = published.isFailbackOn ? [first, second] : [second, first];
  await stage.act(`death of ${dead}`, () => stage.powerOff(dead), () => alive);
  return stage.acts;
}

/** Whether the stand-ins of exactly these words run on a host. */
function isRunning(host: Host, words: readonly string[]): boolean {
  const wanted = words.filter((word) => addressOf(word) === undefined);
  const running = [...Deno.readDirSync(`/proc/${host.pid}/root${RUNNING_DIR}`)]
    .map(({ name }) => name.replaceAll("%", "/"));
  return running.sort().join() === wanted.toSorted().join();
}

/** Looking again at once would only take time from those who are waited for. */
async function notYet(): Promise<false> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  return false;
}

class Stage implements AsyncDisposable {
  readonly acts: Act[] = [];
  readonly #histories = new Map<string, History>();
  readonly #served = new Set<string>();

  private constructor(
    private readonly published: Published,
    private readonly program: Implementation,
    private readonly lab: Lab,
    private readonly hosts: ReadonlyMap<string, Host>,
  ) {}

  /** Both hosts are on; no daemon runs. */
  static async open(published: Published, program: Implementation): Promise<Stage> {
    const lab = await Lab.open();
    const hosts = new Map<string, Host>();
    const stage = new Stage(published, program, lab, hosts);
    try {
      const lines = Object.entries(published.cabling);
      for (const [at, name] of published.hosts.entries()) {
        const plan = lines.flatMap(([wire, ends]) =>
          ends === "cable" ? [] : [[wire, { network: wire, address: ends[at] ?? "" }]]
        );
        hosts.set(name, await lab.addHost(name, Object.fromEntries(plan)));
      }
      const [a, b] = published.hosts.map((name) => stage.#host(name));
      if (a === undefined || b === undefined) throw new Error("a pair has two hosts");
      const cables = lines.filter(([, ends]) => ends === "cable");
      for (const _ of cables) lab.addSerialCable(a, b);
      if (cables.length > 0) raisePriority(CABLE_PRIORITY);
      await stage.#furnish(a, 0);
      await stage.#furnish(b, 1);
      return stage;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  async start(...names: readonly string[]): Promise<void> {
    for (const name of names) this.#served.add(name);
    await Promise.all(names.map((name) => this.program.start(this.#host(name))));
  }

  async stop(name: string): Promise<void> {
    await this.program.stop(this.#host(name));
    this.#served.delete(name);
  }

  async powerOff(name: string): Promise<void> {
    await this.#host(name).powerOff();
    this.#served.delete(name);
  }

  /** Does something and waits until each group is where it must be, and nothing moves. */
  async act(
    title: string,
    work: () => Promise<void>,
    ownerOf: (home: string) => string,
  ): Promise<void> {
    try {
      await work();
      await eventually(title, () => this.#rests(ownerOf), ACT_LIMIT_MS);
      await this.#tell(title);
    } catch (error) {
      throw new Error(`${this.published.name}: ${title}\n${await this.#evidence()}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.close();
  }

  #host(name: string): Host {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the pair has no host '${name}'`);
    return host;
  }

  async #furnish(host: Host, at: 0 | 1): Promise<void> {
    await host.powerOn();
    await host.must(`mkdir ${RUNNING_DIR}`);
    this.program.install(host);
    const script = (name: string) =>
      Deno.readTextFileSync(join(import.meta.dirname ?? ".", `${name}.sh`));
    host.write("/etc/ha.d/note", script("note"), 0o755);
    for (const word of this.published.groups.flatMap(({ words }) => words)) {
      if (addressOf(word) === undefined) host.write(scriptOf(word), script("stand_in"), 0o755);
    }
    host.write("/etc/ha.d/ha.cf", haCfFor(this.published, at));
    host.write("/etc/ha.d/haresources", this.published.haresources);
    host.write("/etc/ha.d/authkeys", this.published.authkeys, 0o600);
    this.#histories.set(host.name, new History(await this.#noted(host)));
  }

  /** The record, ending with what is now. */
  async #noted(host: Host): Promise<string> {
    return await host.must(`/etc/ha.d/note ${REST} && cat /var/tmp/record`);
  }

  /** What costs most is asked last. */
  async #rests(ownerOf: (home: string) => string): Promise<boolean> {
    const hosts = [...this.hosts.values()].filter(({ isOn }) => isOn);
    const words = (host: Host) =>
      this.published.groups.filter(({ home }) => ownerOf(home) === host.name)
        .flatMap((group) => group.words);
    if (!hosts.every((host) => isRunning(host, words(host)))) return await notYet();
    for (const host of hosts) {
      if (!(await this.#holds(host, words(host)))) return await notYet();
    }
    for (const host of hosts) {
      if (this.#served.has(host.name) && !(await isAtRest(this.program, host))) {
        return await notYet();
      }
    }
    return true;
  }

  /** Whether a host has the addresses of these words, and none of the others. */
  async #holds(host: Host, words: readonly string[]): Promise<boolean> {
    const asked = this.published.groups.flatMap((group) => group.words).map(addressOf);
    const held = (await host.addresses()).filter((address) => asked.includes(address));
    const wanted = words.map(addressOf).filter((address) => address !== undefined);
    return held.toSorted().join() === wanted.toSorted().join();
  }

  async #tell(title: string): Promise<void> {
    const told: Record<string, readonly string[]> = {};
    const calls: (readonly Call[])[] = [];
    for (const host of this.hosts.values()) {
      if (!host.isOn) continue;
      const history = this.#histories.get(host.name)?.next(await this.#noted(host));
      told[host.name] = history?.told ?? [];
      calls.push(history?.calls ?? []);
    }
    const early = overlaps(calls);
    if (early.length > 0) throw new Error(`on both hosts at once: ${early.join(", ")}`);
    this.acts.push({ title, told });
  }

  async #evidence(): Promise<string> {
    const parts: string[] = [];
    for (const host of this.hosts.values()) {
      if (!host.isOn) continue;
      const { stdout } = await host.run("cat /var/tmp/record; tail -n 60 /var/log/ha*");
      parts.push(`--- ${host.name} (${this.program.kind})`, stdout);
    }
    return parts.join("\n");
  }
}
