/**
 * The article's pair for the tests of media: both daemons up, ha1 the owner, and the questions that
 * such tests ask. The demo's stage does the work.
 */
import { raisePriority } from "../../core/os/scheduling.ts";
import type { DaemonView } from "../../core/runtime/protocol.ts";
import { LabStage } from "./demo/lab_stage.ts";
import { type HostName, HOSTS } from "./demo/stage.ts";
import type { Timing } from "./demo/timing.ts";
import { articleFiles } from "./demo/article.ts";
import { eventually } from "./lab_case.ts";

const STATUS = "/var/lib/heartbeat-lab/heartbeat status --json";
export const SERIAL_LINK = "/dev/ttyS0";
/** That of the daemons. */
const CABLE_PRIORITY = 10;

export class MediaPair implements AsyncDisposable {
  private constructor(readonly stage: LabStage) {}

  /** @param media which media lines of the article's ha.cf stay; both when absent */
  static async boot(timing: Timing, media: "both" | "serial" = "both"): Promise<MediaPair> {
    const stage = await LabStage.open(timing);
    const pair = new MediaPair(stage);
    try {
      if (media === "serial") {
        const haCf = articleFiles(timing).haCf.replace(/^udp .*\n/m, "");
        for (const name of HOSTS) stage.host(name).write("/etc/ha.d/ha.cf", haCf);
      }
      for (const name of HOSTS) await stage.powerOn(name);
      await Promise.all(HOSTS.map((name) => stage.startHeartbeat(name)));
      const [ha1] = HOSTS;
      const owned = async () => (await pair.holders()).join() === ha1;
      await eventually("ha1 holds the address", owned);
      for (const name of HOSTS) {
        await eventually(`${name} hears every link`, () => pair.hearsAll(name));
      }
      // This process is the cable, and no wire waits for a busy machine.
      raisePriority(CABLE_PRIORITY);
      return pair;
    } catch (error) {
      const evidence = await stage.evidence();
      await stage.close();
      throw new Error(`the pair did not start\n${evidence}`, { cause: error });
    }
  }

  async holders(): Promise<readonly HostName[]> {
    const held = await Promise.all(
      HOSTS.map(async (host) => (await this.stage.truth(host)).holdsAddress),
    );
    return HOSTS.filter((_, index) => held[index]);
  }

  /** Every different set of holders in that time, in order. */
  async holdersDuring(lengthMs: number): Promise<readonly string[]> {
    const seen: string[] = [];
    const endMs = this.stage.nowMs() + lengthMs;
    while (this.stage.nowMs() < endMs) {
      const now = (await this.holders()).join(" and ") || "nobody";
      if (seen.at(-1) !== now) seen.push(now);
      await this.stage.sleep(20);
    }
    return seen;
  }

  /** Whether every link that a host knows to the other is up, the serial line's among them. */
  async hearsAll(host: HostName): Promise<boolean> {
    const links = (await this.status(host)).engine.nodes.find(({ self }) => !self)?.links ?? [];
    return links.some(({ name }) => name === SERIAL_LINK) &&
      links.every(({ status }) => status === "up");
  }

  /** How often a text stands in a host's log. */
  async logged(host: HostName, text: string): Promise<number> {
    const { stdout } = await this.stage.host(host).run(`grep -cF '${text}' /var/log/ha-log`);
    return Number(stdout);
  }

  /** Time until a text stands in a host's log once more than before. */
  async untilLogged(
    host: HostName,
    text: string,
    act: () => Promise<void> | void,
  ): Promise<number> {
    const before = await this.logged(host, text);
    const beganMs = this.stage.nowMs();
    await act();
    await eventually(
      `${host} logs "${text}"`,
      async () => (await this.logged(host, text)) > before,
    );
    return this.stage.nowMs() - beganMs;
  }

  /** The word of `status` on a host, and its exit code. */
  async verdict(host: HostName): Promise<string> {
    const { stdout, code } = await this.stage.host(host).run(STATUS);
    return `${JSON.parse(stdout).verdict.word}, ${code}`;
  }

  /** What the daemon of a host answers to `status --json`. */
  async status(host: HostName): Promise<DaemonView> {
    const { stdout } = await this.stage.host(host).run(STATUS);
    return JSON.parse(stdout).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage.close();
  }
}
