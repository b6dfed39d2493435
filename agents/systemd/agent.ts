/**
 * A systemd unit as an agent, through systemctl. A start has succeeded when the unit is active and
 * a stop when it is inactive, whatever systemctl's own exit code; in between it is waited. When a
 * unit does not come up, the error says what systemd and the journal know about it.
 */
import { existsSync } from "node:fs";
import {
  type Agent,
  type AgentContext,
  CONTRACT_VERSION,
  ProgramMissing,
  type Status,
} from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { quotedLastLine } from "../last_line.ts";
import { findProgram, needProgram, pause, succeed } from "../programs.ts";
import { endText, parseShow, settledState, SHOWN, type UnitState } from "./unit_state.ts";

const UNIT_NAME = /\.(service|socket|timer|mount|path|target)$/;
const POLL_MS = 200;
const JOURNAL_LINES = 5;

/** Whether a word can only be a unit: `nginx.service`. */
export function isUnitName(name: string): boolean {
  return UNIT_NAME.test(name);
}

/** Looks for the unit's file; `x@y.service` is an instance of `x@.service`. */
export function locateUnit(
  host: AgentHost,
  unit: string,
):
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "absent" }
  | { readonly kind: "skipped"; readonly reason: string } {
  const names = [unit, unit.replace(/@[^@]+\./, "@.")];
  const path = host.unitDirs.flatMap((dir) => names.map((name) => `${dir}/${name}`)).find((path) =>
    existsSync(path)
  );
  if (path === undefined) return { kind: "absent" };
  if (existsSync(host.systemdRunDir)) return { kind: "found", path };
  return { kind: "skipped", reason: `${path} exists, but ${notRunning(host)}` };
}

function notRunning({ systemdRunDir }: AgentHost): string {
  return `systemd is not process 1 here (${systemdRunDir} does not exist)`;
}

/** The agent of one unit. */
export function systemdAgent(host: AgentHost, unit: string): Agent {
  const call = (context: AgentContext): UnitCall => new UnitCall(host, unit, context);
  return {
    name: unit,
    contract: CONTRACT_VERSION,
    summary: "systemd unit of this host",
    parameters: [],
    validate: (args) =>
      args.length === 0 ? undefined : `the unit ${unit} takes no arguments, but there is ` +
        `"${args.join("::")}"; for an OCF agent write OCF::${unit.replace(UNIT_NAME, "")}::…`,
    start: async (context) => await call(context).start(),
    stop: async (context) => await call(context).stop(),
    status: async (context) => await call(context).status(),
  };
}

class UnitCall {
  readonly #host: AgentHost;
  readonly #unit: string;
  readonly #context: AgentContext;
  readonly #systemctl: string;

  constructor(host: AgentHost, unit: string, context: AgentContext) {
    this.#host = host;
    this.#unit = unit;
    this.#context = context;
    if (!existsSync(host.systemdRunDir)) {
      throw new ProgramMissing(`cannot manage ${unit}: ${notRunning(host)}`);
    }
    this.#systemctl = needProgram(host, "systemd", "systemctl");
  }

  async start(): Promise<void> {
    const before = await this.#show();
    if (before.unitFileState === "enabled") {
      this.#context.log(
        "warn",
        `${this.#unit} also starts at boot, on every host (fix: systemctl disable ${this.#unit})`,
      );
    }
    const { code, output } = await this.#context.run(this.#systemctl, ["start", this.#unit]);
    const state = await this.#settled();
    if (settledState(state) === "running") return;
    const said = code === 0 ? "" : `; systemctl start${quotedLastLine(output)}`;
    throw new Error(`${this.#unit} ${endText(state)}${said}${await this.#journal()}`);
  }

  async stop(): Promise<void> {
    const { code, output } = await this.#context.run(this.#systemctl, ["stop", this.#unit]);
    const state = await this.#settled();
    if (settledState(state) === "stopped") return;
    const said = code === 0 ? "" : `; systemctl stop${quotedLastLine(output)}`;
    throw new Error(`${this.#unit} is still ${state.active} (${state.sub})${said}`);
  }

  async status(): Promise<Status> {
    const state = await this.#settled();
    return settledState(state) === "running" ? "running" : "stopped";
  }

  /** Asks until the unit is on its way to nowhere; the deadline of the call ends it. */
  async #settled(): Promise<UnitState> {
    for (;;) {
      const state = await this.#show();
      if (settledState(state) !== undefined) return state;
      await pause(this.#context, POLL_MS);
    }
  }

  async #show(): Promise<UnitState> {
    const { output } = await succeed(
      this.#context,
      this.#systemctl,
      "show",
      `--property=${SHOWN.join(",")}`,
      this.#unit,
    );
    return parseShow(this.#unit, output);
  }

  /** The last words of the unit; a journal that cannot be read has none. */
  async #journal(): Promise<string> {
    const journalctl = findProgram(this.#host, "journalctl");
    if (journalctl === undefined) return "";
    const args = ["-u", this.#unit, "-n", String(JOURNAL_LINES), "-o", "cat", "--no-pager", "-q"];
    const { code, output } = await this.#context.run(journalctl, args);
    const lines = output.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    return code !== 0 || lines.length === 0 ? "" : `; its journal ends: ${lines.join(" | ")}`;
  }
}
