/**
 * What one plugin host says for people: so many lines a second, without what its plugins marked
 * secret, also after the call in which they did.
 */
import type { AgentContext } from "../../../agents/contract.ts";
import { Secrets } from "../../../agents/secrets.ts";
import { LineBudget } from "./line_budget.ts";
import { OUT_OF_MEMORY, saysOutOfMemory } from "./plugin_end.ts";

export type AgentLevel = Parameters<AgentContext["log"]>[0];

export class HostWords {
  readonly secrets = new Secrets();
  readonly #budget = new LineBudget();
  readonly #say: (level: AgentLevel, text: string) => void;
  #lastLine: string | undefined;
  #outOfMemory = false;

  constructor(say: (level: AgentLevel, text: string) => void) {
    this.#say = say;
  }

  /** Of what it printed; explains how the runtime itself broke. */
  get lastLine(): string | undefined {
    return this.#lastLine;
  }

  /** What the runtime complained of before it ended. */
  get complaint(): string | undefined {
    return this.#outOfMemory ? OUT_OF_MEMORY : undefined;
  }

  printed(line: string): void {
    if (line.trim() === "") return;
    this.#lastLine = this.secrets.mask(line);
    this.#outOfMemory ||= saysOutOfMemory(line);
    this.log("info", line);
  }

  log(level: AgentLevel, text: string): void {
    if (!this.#budget.admit(performance.now())) return;
    this.tellDropped();
    this.#say(level, this.secrets.mask(text));
  }

  tellDropped(): void {
    const dropped = this.#budget.takeDropped();
    if (dropped > 0) this.#say("warn", `${dropped} lines were too many a second and are lost`);
  }
}
