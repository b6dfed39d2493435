/**
 * An executable file as an agent: `FILE args… verb`, as `haresources` has always called the scripts
 * in resource.d and init.d. A code other than 0 is a failure of start and stop; `status` is judged
 * by `script_status.ts`. The script owns its resource: what it does is not second-guessed here.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION } from "./contract.ts";
import { quotedLastLine } from "./last_line.ts";
import { judgeStatus } from "./script_status.ts";

/**
 * The agent that runs one file.
 * @param name as `haresources` has it
 * @param path of the executable file
 * @param summary for `heartbeat agent list`
 */
export function scriptAgent(name: string, path: string, summary: string): Agent {
  return {
    name,
    contract: CONTRACT_VERSION,
    summary,
    parameters: [{
      name: "arguments",
      required: false,
      doc: "Passed to the script one by one, in front of the verb.",
    }],
    start: (context) => mustSucceed(path, "start", context),
    stop: (context) => mustSucceed(path, "stop", context),
    async status(context) {
      const result = await context.run(path, [...context.args, "status"]);
      const { status, remark } = judgeStatus(result);
      if (status === "unknown") {
        throw new Error(
          `cannot tell from ${path} status: ${remark}` +
            quotedLastLine(result.output),
        );
      }
      if (remark !== undefined) {
        context.log(
          "warn",
          `${path} status: ${remark}; taken as ${status}`,
        );
      }
      return status;
    },
  };
}

async function mustSucceed(
  path: string,
  verb: "start" | "stop",
  context: AgentContext,
): Promise<void> {
  const { code, output } = await context.run(path, [...context.args, verb]);
  if (code === 0) return;
  throw new Error(
    `Return code ${code} from ${path} ${verb}${quotedLastLine(output)}`,
  );
}
