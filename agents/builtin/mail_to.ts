/**
 * MailTo: tells somebody by mail that this host has taken the group, and that it has given it up.
 * A notification must never keep a service from coming up: when the mail cannot be handed over, or
 * that takes longer than a second (in a takeover, name service may be what just died), it is logged,
 * the delivery goes on in the background for at most a minute, and the group goes on as well.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { Marker } from "../marker.ts";
import { findProgram } from "../programs.ts";
import { quotedLastLine } from "../last_line.ts";

const NAME = "MailTo";
const STILL_SENDING = 75;
/** A byte that would end a header line, or hide the rest of the message. */
const CONTROL = /\p{Cc}/u;
const DEFAULT_SUBJECT = "Resource group";

/**
 * Hands the message to the mailer in its own process group, so that it may outlive this call, and
 * waits for a second. The message comes in the environment: no quoting, no file.
 */
const DELIVER = `
set -m
printf '%s' "$MESSAGE" | timeout 60 "$@" &
for seconds in 0.01 0.04 0.05 0.1 0.2 0.2 0.2 0.2; do
  sleep $seconds
  kill -0 $! 2>/dev/null || { wait $!; exit; }
done
exit ${STILL_SENDING}`;

export function mailToAgent(host: AgentHost): Agent {
  const marker = ({ args }: AgentContext) => new Marker(host, NAME, args);
  return {
    name: NAME,
    contract: CONTRACT_VERSION,
    summary: "Mail at takeover and at release; never blocks the group",
    parameters: [
      { name: "addresses", required: true, doc: "Who gets it; several with commas." },
      { name: "subject", required: false, doc: `Begins the subject line; "${DEFAULT_SUBJECT}".` },
    ],
    validate: (args) => wrong(args),
    async start(context) {
      if (marker(context).status === "running") return;
      await send(host, context, "taken over by");
      marker(context).set();
    },
    async stop(context) {
      if (marker(context).status === "stopped") return;
      await send(host, context, "given up by");
      marker(context).clear();
    },
    status: (context) => new Promise((resolve) => resolve(marker(context).status)),
  };
}

function wrong([addresses = "", subject = "", ...more]: readonly string[]): string | undefined {
  if (addresses.trim() === "") return "MailTo needs an address: MailTo::admin@example.com";
  if (addresses.startsWith("-")) return `"${addresses}" is not a mail address`;
  if (CONTROL.test(addresses + subject)) return "MailTo: a control character in its arguments";
  if (more.length > 0) return `MailTo takes an address and a subject, not "${more.join("::")}" too`;
  return undefined;
}

async function send(host: AgentHost, context: AgentContext, what: string): Promise<void> {
  const [addresses = "", title = DEFAULT_SUBJECT] = context.args;
  const subject = `${title}: ${what} ${Deno.hostname()}`;
  const text = `${subject}\n\nat ${new Date().toISOString()}, says heartbeat.\n`;
  const delivery = deliveryBy(host, addresses, subject, text);
  if (delivery === undefined) {
    return context.log("warn", "no mail was sent: neither sendmail nor mail is installed");
  }
  const { program, args, message } = delivery;
  try {
    const shell = ["-c", DELIVER, NAME, program, ...args];
    const { code, output } = await context.run("/bin/sh", shell, { MESSAGE: message });
    if (code === STILL_SENDING) {
      context.log("warn", `the mail to ${addresses} is still on its way after a second`);
    } else if (code !== 0) {
      const said = quotedLastLine(output);
      context.log("warn", `no mail to ${addresses}: exit code ${code} from ${program}${said}`);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.log("warn", `no mail to ${addresses}: ${error}`);
  }
}

/** Whether this host has a program that sends mail. */
export function canMail(host: Pick<AgentHost, "programDirs">): boolean {
  return findProgram(host, "sendmail", "mail", "mailx") !== undefined;
}

function deliveryBy(
  host: AgentHost,
  addresses: string,
  subject: string,
  text: string,
): { program: string; args: readonly string[]; message: string } | undefined {
  const sendmail = findProgram(host, "sendmail");
  if (sendmail !== undefined) {
    const headers = [
      `To: ${addresses}`,
      `Subject: ${encodedWord(subject)}`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
    ];
    const message = `${headers.join("\n")}\n\n${text}`;
    return { program: sendmail, args: ["-oi", "-t"], message };
  }
  const mail = findProgram(host, "mail", "mailx");
  if (mail === undefined) return undefined;
  return { program: mail, args: ["-s", subject, ...addresses.split(/[\s,]+/)], message: text };
}

/** A header may hold ASCII only (RFC 2047). */
function encodedWord(subject: string): string {
  if (/^[ -~]*$/.test(subject)) return subject;
  return `=?UTF-8?B?${new TextEncoder().encode(subject).toBase64()}?=`;
}
