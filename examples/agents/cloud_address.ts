/**
 * cloud_address: points an address of a cloud provider at this host, where no gratuitous ARP can:
 * the provider's network asks its API, not its neighbours. In haresources before the address itself:
 *
 *     ha1 cloud_address::203.0.113.7::https://api.example.com/v1::i-0a1 203.0.113.7 apache
 *
 * The API here is a plain one: GET, PUT and DELETE of ENDPOINT/addresses/ADDRESS, whose body is
 * `{"instance": ID}`. Change the three functions at the end for another one; nothing else.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION } from "heartbeat";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** Readable for root only; absent: no token is sent. */
const TOKEN_FILE = "/etc/ha.d/cloud_token";
const NOT_FOUND = 404;

export default {
  name: "cloud_address",
  contract: CONTRACT_VERSION,
  summary: "An address of a cloud provider, pointed at this host through the provider's API",
  parameters: [
    { name: "address", required: true, doc: "The address." },
    { name: "endpoint", required: true, doc: "URL of the API, without a slash at its end." },
    { name: "instance", required: false, doc: "Name of this host there; its host name if absent." },
  ],
  validate([address = "", endpoint = "", ...more]) {
    if (isIP(address) === 0) return `"${address}" is not an IP address`;
    if (!/^https?:\/\/[^/]/.test(endpoint)) return `"${endpoint}" is not a URL of an API`;
    return more.length <= 1 ? undefined : `"${more.slice(1).join("::")}" is too much`;
  },
  async start(context) {
    if (await holder(context) !== instance(context)) await assign(context);
  },
  async stop(context) {
    // The peer may have taken it meanwhile; what is not ours is not ours to release.
    if (await holder(context) === instance(context)) await release(context);
  },
  async status(context) {
    return await holder(context) === instance(context) ? "running" : "stopped";
  },
} satisfies Agent;

function instance({ args }: AgentContext): string {
  return args[2] ?? hostname();
}

/** The instance to which the address points; null for none. */
async function holder(context: AgentContext): Promise<string | null> {
  const answer = await ask(context, "GET");
  if (answer.status === NOT_FOUND) return null;
  const body: { instance?: unknown } = await answer.json();
  return typeof body.instance === "string" ? body.instance : null;
}

async function assign(context: AgentContext): Promise<void> {
  await ask(context, "PUT", JSON.stringify({ instance: instance(context) }));
}

async function release(context: AgentContext): Promise<void> {
  await ask(context, "DELETE");
}

/** @throws {Error} with the API's own words; the signal's reason when the deadline passes */
async function ask(context: AgentContext, method: string, body?: string): Promise<Response> {
  const { args: [address = "", endpoint = ""], signal } = context;
  const url = `${endpoint}/addresses/${encodeURIComponent(address)}`;
  const headers = { "content-type": "application/json", ...authorization() };
  const answer = await fetch(url, {
    method,
    signal,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (answer.ok || answer.status === NOT_FOUND && method !== "PUT") return answer;
  throw new Error(`${method} ${url}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
}

function authorization(): { authorization?: string } {
  try {
    return { authorization: `Bearer ${readFileSync(TOKEN_FILE, "utf8").trim()}` };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}
