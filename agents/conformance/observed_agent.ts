/**
 * An agent with an observer between it and the bench: what it runs, prints and when it returns is
 * counted, and one of its programs can be made to fail. Its own work is not changed otherwise.
 */
import type { Agent, AgentContext, RunResult } from "../contract.ts";

export interface Observation {
  /** Whether the agent's own function has come back. */
  returned: boolean;
  /** Programs that it asked for, in their order. */
  readonly programs: string[];
  /** Lines and bytes that its programs printed and that it logged. */
  lines: number;
  bytes: number;
}

/** The program with this number, from 0, does not run; the agent sees exit code 1. */
export interface Sabotage {
  readonly program: number;
}

const OCF_DESCRIPTION = "meta-data";
const FAILED: RunResult = {
  code: 1,
  output: "heartbeat agent test: this program was not run, as if it had failed\n",
};

/** @returns an agent for one call, and what will have been seen when it is over */
export function observed(
  agent: Agent,
  sabotage?: Sabotage,
): { readonly agent: Agent; readonly seen: Observation } {
  const seen: Observation = { returned: false, programs: [], lines: 0, bytes: 0 };
  const around =
    <T>(work: (context: AgentContext) => Promise<T>) => async (given: AgentContext) => {
      try {
        return await work(watched(given, seen, sabotage));
      } finally {
        seen.returned = true;
      }
    };
  return {
    seen,
    agent: {
      ...agent,
      start: around((context) => agent.start(context)),
      stop: around((context) => agent.stop(context)),
      status: around((context) => agent.status(context)),
    },
  };
}

function watched(given: AgentContext, seen: Observation, sabotage?: Sabotage): AgentContext {
  const count = (text: string) => {
    seen.lines += text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    seen.bytes += text.length;
  };
  return {
    ...given,
    log(level, text) {
      count(text);
      given.log(level, text);
    },
    async run(program, args, env) {
      const number = seen.programs.push(program) - 1;
      if (number === sabotage?.program) return FAILED;
      const result = await given.run(program, args, env);
      // What an OCF agent says of itself is asked for, and may be long.
      if (result.output !== "" && args.at(-1) !== OCF_DESCRIPTION) count(result.output);
      return result;
    },
  };
}
