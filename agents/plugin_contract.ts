/**
 * Holds the default export of a plugin against the agent contract, and says everything that is
 * missing at once. What the functions do is not judged here.
 */
import { type Agent, CONTRACT_VERSION, type ParameterDoc } from "./contract.ts";

const REQUIRED_FUNCTIONS = ["start", "stop", "status"];
const OPTIONAL_FUNCTIONS = ["monitor", "announce", "validate"];

const NO_AGENT = "is no agent of this contract: ";
/** No fault has it in its own words. */
const FAULT_SEPARATOR = "; ";

/** The message of {@link checkedAgent} with a line for each fault, for people at a terminal. */
export function faultsInLines(message: string): string {
  const at = message.indexOf(NO_AGENT);
  if (at < 0) return message;
  const end = at + NO_AGENT.length;
  const faults = message.slice(end).split(FAULT_SEPARATOR).map((fault) => `\n  ${fault}`);
  return message.slice(0, end).trimEnd() + faults.join("");
}

/**
 * @param value the default export
 * @throws {Error} with all that is missing or wrong, in one sentence
 */
export function checkedAgent(value: unknown): Agent {
  if (typeof value !== "object" || value === null) {
    throw new Error(
      "has no agent as its default export; write " +
        "`export default { name, contract: CONTRACT_VERSION, … } satisfies Agent`",
    );
  }
  const wrong = [...wrongWords(value), ...wrongFunctions(value)];
  if (wrong.length > 0) throw new Error(`${NO_AGENT}${wrong.join(FAULT_SEPARATOR)}`);
  return value as Agent;
}

function member(value: object, name: string): unknown {
  return Reflect.get(value, name);
}

function wrongWords(value: object): string[] {
  const wrong: string[] = [];
  for (const name of ["name", "summary"]) {
    const text = member(value, name);
    if (typeof text !== "string" || text === "") {
      wrong.push(`"${name}" must be a string that is not empty`);
    }
  }
  const contract = member(value, "contract");
  if (contract === undefined) {
    wrong.push('"contract" is missing, write contract: CONTRACT_VERSION');
  } else if (contract !== CONTRACT_VERSION) {
    wrong.push(
      `it is written for contract ${JSON.stringify(contract)}, ` +
        `this heartbeat has contract ${CONTRACT_VERSION}`,
    );
  }
  const parameters = member(value, "parameters");
  if (!Array.isArray(parameters) || !parameters.every(isParameter)) {
    wrong.push('"parameters" must be a list of { name, required, doc }, or [] if there are none');
  }
  return wrong;
}

function isParameter(value: unknown): value is ParameterDoc {
  return typeof value === "object" && value !== null &&
    typeof member(value, "name") === "string" &&
    typeof member(value, "required") === "boolean" &&
    typeof member(value, "doc") === "string";
}

function wrongFunctions(value: object): string[] {
  const required = REQUIRED_FUNCTIONS.filter((name) => typeof member(value, name) !== "function");
  const optional = OPTIONAL_FUNCTIONS.filter((name) => {
    const found = member(value, name);
    return found !== undefined && typeof found !== "function";
  });
  return [
    ...required.map((name) => `the function "${name}" is missing`),
    ...optional.map((name) => `"${name}" must be a function or be left out`),
  ];
}
