/**
 * Two hosts for the tests of media: two network namespaces joined by veth pairs, and in each a child
 * process with media. Needs root and `ip`; where they are missing, `labReason` says what is.
 */
import type { MediumConfig } from "../../core/types.ts";
import type { MediumStats } from "../../transports/contract.ts";

export type ChildCommand =
  | { readonly do: "open" | "close" | "stats" | "echo"; readonly medium: number }
  | { readonly do: "send"; readonly medium: number; readonly text: string; readonly times?: number }
  | { readonly do: "cycle"; readonly medium: number; readonly times: number }
  | {
    readonly do: "measure";
    readonly medium: number;
    readonly rounds: number;
    readonly bytes: number;
  }
  | { readonly do: "count" | "stop-reactor" };

export type ChildEvent =
  | { readonly event: "received"; readonly medium: number; readonly text: string }
  | {
    readonly event: "usable";
    readonly medium: number;
    readonly usable: boolean;
    readonly reason: string;
  }
  | ({ readonly event: "stats" } & MediumStats)
  | { readonly event: "counted"; readonly fds: number; readonly tasks: number }
  | {
    readonly event: "measured";
    readonly roundTripsUs: readonly number[];
    readonly cpuUs: number;
  }
  | { readonly event: "error"; readonly text: string };

type EventOf<K extends ChildEvent["event"]> = Extract<ChildEvent, { event: K }>;

/** A child has to start before its first event, on a busy machine too. */
const EVENT_TIMEOUT_MS = 60_000;

/** Runs `ip …`; throws what it said when it failed. */
export function ip(...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("ip", { args }).outputSync();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Why there can be no lab here; undefined when there can. */
export function labReason(): string | undefined {
  if (Deno.uid() !== 0) return "needs root";
  // Several files of tests ask at the same time, as threads of one process.
  const name = `hbp${crypto.randomUUID().slice(0, 8)}`;
  try {
    ip("netns", "add", name);
    ip("netns", "del", name);
    return undefined;
  } catch (error) {
    return `no network namespaces: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A child process with media in one namespace. */
export class MediumChild implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();
  /** Everything that the child told and no `next` took yet. */
  readonly events: ChildEvent[] = [];

  constructor(namespace: string, media: readonly MediumConfig[]) {
    const child = new URL("./medium_child.ts", import.meta.url).pathname;
    const deno = [Deno.execPath(), "run", "-A", "--no-check", child];
    this.#process = new Deno.Command("ip", {
      args: ["netns", "exec", namespace, ...deno, ...media.map((config) => JSON.stringify(config))],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  get pid(): number {
    return this.#process.pid;
  }

  async tell(command: ChildCommand): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
  }

  /** Takes the first event of a kind that satisfies `wanted`, waiting for it if need be. */
  async next<K extends ChildEvent["event"]>(
    kind: K,
    wanted: (event: EventOf<K>) => boolean = () => true,
  ): Promise<EventOf<K>> {
    const fits = (event: ChildEvent): event is EventOf<K> =>
      event.event === kind && wanted(event as EventOf<K>);
    const deadline = performance.now() + EVENT_TIMEOUT_MS;
    while (true) {
      const found = this.events.find(fits);
      if (found !== undefined) {
        this.events.splice(this.events.indexOf(found), 1);
        return found;
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        throw new Error(`no "${kind}" in ${EVENT_TIMEOUT_MS} ms; heard ${this.#heard()}`);
      }
      await this.#news(leftMs);
    }
  }

  async stats(medium = 0): Promise<EventOf<"stats">> {
    await this.tell({ do: "stats", medium });
    return await this.next("stats");
  }

  async count(): Promise<EventOf<"counted">> {
    await this.tell({ do: "count" });
    return await this.next("counted");
  }

  /** Opens a medium and waits until it is usable. */
  async openUsable(medium = 0): Promise<void> {
    await this.tell({ do: "open", medium });
    await this.next("usable", (event) => event.medium === medium && event.usable);
  }

  /** Takes what a medium told about its state until it is as wanted. */
  async untilUsable(usable: boolean, medium = 0): Promise<EventOf<"usable">> {
    while (true) {
      const told = await this.next("usable", (event) => event.medium === medium);
      if (told.usable === usable) return told;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), EVENT_TIMEOUT_MS);
    const { code } = await this.#process.status;
    clearTimeout(kill);
    await this.#reading;
    const errors = this.events.filter((event) => event.event === "error");
    if (code !== 0 || errors.length > 0) {
      throw new Error(`the child with media ended with ${code}: ${JSON.stringify(errors)}`);
    }
  }

  #heard(): string {
    return JSON.stringify(this.events).slice(0, 500);
  }

  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.events.push(JSON.parse(line) as ChildEvent);
      for (const wake of [...this.#waiting]) wake();
    }
  }
}

/** The kernel takes up to a second to call a new interface running. */
function waitForCarrier(namespace: string, nic: string): void {
  const deadline = performance.now() + EVENT_TIMEOUT_MS;
  while (!ip("-n", namespace, "link", "show", nic).includes("state UP")) {
    if (performance.now() > deadline) throw new Error(`${nic} in ${namespace} does not come up`);
  }
}

/** Two namespaces with cables: `eth1` is 10.0.1.x, `eth2` is 10.0.2.x; host a is .1, host b .2. */
export class Lab implements Disposable {
  readonly a = `hbm${Deno.pid}a`;
  readonly b = `hbm${Deno.pid}b`;

  constructor(cables: readonly number[] = [1]) {
    ip("netns", "add", this.a);
    ip("netns", "add", this.b);
    for (const cable of cables) this.plug(cable);
  }

  /** Makes a cable, also again after `unplug`. */
  plug(cable: number): void {
    const nic = `eth${cable}`;
    ip("link", "add", nic, "netns", this.a, "type", "veth", "peer", "name", nic, "netns", this.b);
    this.address(this.a, cable, 1);
    this.address(this.b, cable, 2);
    for (const namespace of [this.a, this.b]) waitForCarrier(namespace, nic);
  }

  address(namespace: string, cable: number, host: number): void {
    const nic = `eth${cable}`;
    ip("-n", namespace, "addr", "add", `10.0.${cable}.${host}/24`, "dev", nic);
    ip("-n", namespace, "link", "set", nic, "up");
  }

  unplug(cable: number): void {
    ip("-n", this.a, "link", "del", `eth${cable}`);
  }

  [Symbol.dispose](): void {
    ip("netns", "del", this.a);
    ip("netns", "del", this.b);
  }
}
