/**
 * What `heartbeat init` asks, and how answers are taken: from options, or from a person, whose every
 * answer is judged as soon as it is given. What makes an answer good or bad is told from outside.
 */
import { ipv6Resource } from "../config/haresources.ts";
import { troubleText } from "../runtime/file_trouble.ts";
import { type Call, UsageError } from "./command.ts";

/** What a new cluster is made of. */
export interface Answers {
  /** `uname -n` of both hosts; the first is where the services are at home. */
  readonly nodes: readonly string[];
  /** Lines of ha.cf, such as `bcast eth1`. */
  readonly media: readonly string[];
  /** As haresources writes it: `192.168.2.3/24`, `IPv6addr::fd00::5/64`. */
  readonly address: string;
  readonly services: readonly string[];
  readonly autoFailback: string;
}

interface Question {
  readonly option: "node" | "medium" | "address" | "service" | "auto-failback";
  readonly text: string;
  /** The answer may be several, separated by this; null: the whole line is one. */
  readonly separator: RegExp | null;
  readonly mayBeEmpty: boolean;
}

const QUESTIONS: readonly Question[] = [
  {
    option: "node",
    text:
      'Names of both hosts on one line, as "uname -n" prints them; the services\' home first, ' +
      'such as "ha1 ha2":',
    separator: /[\s,]+/,
    mayBeEmpty: false,
  },
  {
    option: "medium",
    text: 'Media on one line, such as "bcast eth1, serial /dev/ttyS0":',
    separator: /\s*,\s*/,
    mayBeEmpty: false,
  },
  {
    option: "address",
    text: "Address of the service, such as 192.168.2.3/24:",
    separator: null,
    mayBeEmpty: false,
  },
  {
    option: "service",
    text: "Services, in the order of their start, such as httpd (Enter: none):",
    separator: /[\s,]+/,
    mayBeEmpty: true,
  },
  {
    option: "auto-failback",
    text: "Shall services go home when their host returns (on, off) [off]:",
    separator: null,
    mayBeEmpty: true,
  },
];
/** Puts a question to a person; null when they have gone. */
export type Ask = (question: string) => string | null;
/** What is wrong with the answers so far, a line each; empty when nothing is. */
export type Judge = (answers: Answers) => Promise<readonly string[]>;
const NODES = 2;
/** How often one question is put. */
const MAX_TRIES = 5;
/** Nothing is wrong with them, so that what is told of a first answer is its own. */
const UNANSWERED: Answers = {
  nodes: [],
  media: ["serial /dev/null"],
  address: "192.0.2.1",
  services: [],
  autoFailback: "off",
};

/**
 * The answers of the command line; a person is asked for those that it does not give.
 * @param ask null when nobody is there
 * @param say shows a line to the person
 * @throws {UsageError} for an answer that is missing, or wrong as often as is allowed
 */
export async function answersOf(
  call: Call,
  ask: Ask | null,
  judge: Judge,
  say: (line: string) => void,
): Promise<Answers> {
  let answers = UNANSWERED;
  for (const question of QUESTIONS) {
    const given = call.values(question.option);
    answers = given.length > 0 || ask === null
      ? withAnswer(answers, question, given)
      : await asked(answers, question, { ask, judge, say });
  }
  return answers;
}

/** Puts the question until the answer is good, or nobody answers any more. */
async function asked(
  answers: Answers,
  question: Question,
  { ask, judge, say }: { ask: Ask; judge: Judge; say: (line: string) => void },
): Promise<Answers> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const line = answerTo(question.text, ask)?.trim();
    if (line === undefined) return withAnswer(answers, question, []);
    if (line === "" && !question.mayBeEmpty) {
      say("this question needs an answer");
      continue;
    }
    const { separator } = question;
    const words = line === "" ? [] : separator === null ? [line] : line.split(separator);
    try {
      const next = withAnswer(answers, question, words);
      const wrong = await judge(next);
      if (wrong.length === 0) return next;
      for (const one of wrong) say(one);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      say(error.message);
    }
  }
  throw new UsageError(`${MAX_TRIES} answers were wrong; see "heartbeat init --help"`);
}

/**
 * A terminal without an entry below /dev/pts, as after `nsenter`, cannot be asked.
 * @throws {UsageError} with the other way
 */
function answerTo(text: string, ask: Ask): string | null {
  try {
    return ask(text);
  } catch (error) {
    throw new UsageError(
      `this terminal cannot be asked (${troubleText(error)}); give the answers as options: ` +
        QUESTIONS.map(({ option, mayBeEmpty }) => mayBeEmpty ? `[--${option} …]` : `--${option} …`)
          .join(" "),
    );
  }
}

/** @throws {UsageError} for what is no answer */
function withAnswer(
  answers: Answers,
  { option, mayBeEmpty }: Question,
  words: readonly string[],
): Answers {
  const [word] = words;
  if (word === undefined) {
    if (mayBeEmpty) return answers;
    throw new UsageError(`--${option} is missing`);
  }
  switch (option) {
    case "node":
      if (words.length === NODES && new Set(words.map((one) => one.toLowerCase())).size === NODES) {
        return { ...answers, nodes: words };
      }
      throw new UsageError(
        `the names of two different hosts are wanted together, not "${words.join(" ")}"`,
      );
    case "medium":
      return { ...answers, media: words };
    case "address":
      return { ...answers, address: ipv6Resource(word) ?? word };
    case "service":
      return { ...answers, services: words };
    case "auto-failback":
      if (word === "on" || word === "off") return { ...answers, autoFailback: word };
      throw new UsageError(`auto-failback "${word}" is not one of on, off`);
    default: {
      const never: never = option;
      return never;
    }
  }
}
