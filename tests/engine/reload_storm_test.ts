/**
 * Two nodes that hear each other, and an operator who reloads, stops, starts and hands over in any
 * order with files that give the same resources to other lines and homes. Whatever he does, no
 * resource runs twice; and once both have started with the same file, each runs once. The simulator
 * (tests/sim) cannot do this: there a resource has one place for ever. His orders are further apart than
 * the way of a packet: two nodes that change to each other's file in that time may each take the other
 * for agreed.
 */
import assert from "node:assert/strict";
import { withHomesOf } from "../../core/engine/reload.ts";
import { Chance } from "../sim/chance.ts";
import type { Host } from "../sim/host.ts";
import { configOf, Pair } from "./pair.ts";

const WORDS = ["ip1", "ip2", "a", "b", "c"];
const LAST = ["ha1 ip1 a", "ha2 ip2 b c"];
const FILES: readonly (readonly string[])[] = [
  LAST,
  ["ha1 ip1 a c", "ha2 ip2 b"],
  ["ha1 ip1 a", "ha2 ip2 b", "ha1 c"],
  ["ha1 ip1 a", "ha2 ip2 b", "ha2 c"],
  ["ha2 ip1 a c", "ha1 ip2 b"],
  ["ha1 ip1 c", "ha2 ip2 b a"],
  ["ha1 ip1 a c b"],
  ["ha2 ip2 b"],
  ["ha1 ip1", "ha1 ip2", "ha2 a b c"],
  ["ha1 ip1", "ha2 ip2 b a c"],
];
const SEEDS = 300;
const KEPT_SEEDS = [
  [1023, "both listed the same removed lines at once and took that for the same file"],
  [27345, "a node took what its new file gave it from what it was just handing over"],
] as const;
const ORDERS = 12;

class Storm {
  readonly #chance: Chance;
  readonly #pair: Pair;
  readonly #hosts: readonly [Host, Host];
  readonly #orders: string[] = [];

  constructor(private readonly seed: number) {
    this.#chance = new Chance(seed, "storm");
    this.#pair = new Pair({ autoFailback: this.#chance.pick(["on", "off"]) });
    this.#hosts = [this.#pair.ha1, this.#pair.ha2];
    for (const host of this.#hosts) {
      host.powered = true;
      host.restartAfterMs = Infinity;
      this.#start(host, FILES[1] ?? LAST);
    }
    this.#pass(8_000);
  }

  play(): void {
    for (let count = 0; count < ORDERS; count += 1) {
      this.#order(this.#chance.pick(this.#hosts));
      this.#pass(this.#chance.pick([20, 200, 1_500, 6_000, 20_000]));
    }
    this.#pair.network.weather = { loss: 0, repeat: 0, minMs: 1, maxMs: 1 };
    for (const host of this.#hosts) {
      host.mood = { ...host.mood, minMs: 10, maxMs: 10 };
      host.order({ kind: "stop" });
      this.#pass(40_000);
      this.#start(host, LAST);
      this.#pass(40_000);
    }
    this.#pass(60_000);
    const counts = WORDS.map((_, at) => this.#hosts.filter((host) => host.truth[0]?.[at]).length);
    assert.deepEqual(counts, WORDS.map(() => 1), this.#story());
  }

  #order(host: Host): void {
    const chance = this.#chance;
    const dice = chance.unit();
    if (dice < 0.6) this.#reload(host, chance.pick(FILES));
    else if (dice < 0.7) {
      const kind = chance.pick(["standby", "takeover"] as const);
      const share = chance.pick(["all", "local", "foreign"] as const);
      this.#orders.push(`${host.name} ${kind} ${share}`);
      host.order({ kind, share });
    } else if (dice < 0.8) {
      this.#orders.push(`${host.name} stop`);
      host.order({ kind: "stop" });
    } else if (dice < 0.95) {
      this.#start(host, chance.pick(FILES));
    } else if (dice < 0.975) {
      const loss = chance.pick([0, 0.2]);
      this.#orders.push(`loss ${loss}`);
      this.#pair.network.weather = { loss, repeat: 0, minMs: 1, maxMs: loss === 0 ? 1 : 15 };
    } else {
      const ms = chance.pick([10, 700, 3_000]);
      this.#orders.push(`${host.name} takes ${ms} ms`);
      host.mood = { ...host.mood, minMs: ms, maxMs: ms };
    }
  }

  #reload(host: Host, lines: readonly string[]): void {
    if (host.engine === null) return;
    this.#orders.push(`${host.name} reload ${lines}`);
    const { config } = host.engine;
    const groups = withHomesOf(config.groups, configOf(host.name, { groups: lines }).groups);
    host.dispatch({ kind: "reload", at: host.at, config: { ...config, groups } });
  }

  #start(host: Host, lines: readonly string[]): void {
    if (host.engine !== null) return;
    this.#orders.push(`${host.name} start ${lines}`);
    Object.assign(host.config, { groups: configOf(host.name, { groups: lines }).groups });
    host.startDaemon();
    // What really runs is looked up here, whatever line it stands in.
    const { groups } = configOf(host.name, { groups: [`ha1 ${WORDS.join(" ")}`] });
    Object.assign(host.config, { groups });
    host.truth = [host.truth[0]?.length === WORDS.length ? host.truth[0] : WORDS.map(() => false)];
  }

  #pass(forMs: number): void {
    const [one, other] = this.#hosts;
    for (let ms = 0; ms < forMs; ms += 20) {
      this.#pair.pass(20);
      const twice = WORDS.filter((_, at) => one.truth[0]?.[at] && other.truth[0]?.[at]);
      if (twice.length > 0) assert.fail(`${twice} run(s) twice: ${this.#story()}`);
      for (const host of this.#hosts) this.#believesTruly(host);
    }
  }

  /** What a host takes for running does run: no line stops what another one has begun. */
  #believesTruly(host: Host): void {
    for (const { config, members } of host.engine?.groups ?? []) {
      const wrong = config.resources.filter(({ text }, at) =>
        members[at] === "up" && host.truth[0]?.[WORDS.indexOf(text)] !== true
      );
      if (wrong.length > 0) {
        assert.fail(
          `${host.name} believes that ${wrong.map(({ text }) => text)} runs: ${this.#story()}`,
        );
      }
    }
  }

  #story(): string {
    return [`seed ${this.seed}`, ...this.#orders, "log:", ...this.#pair.log.slice(-20)].join("\n");
  }
}

Deno.test("storms of reloads: nothing runs twice, and in the end all runs", () => {
  for (let seed = 0; seed < SEEDS; seed += 1) new Storm(seed).play();
});

for (const [seed, found] of KEPT_SEEDS) {
  Deno.test(`storm ${seed}: ${found}`, () => new Storm(seed).play());
}
