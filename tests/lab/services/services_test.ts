/**
 * The example set-ups with the servers of the distribution: a client reads, and where the service
 * permits it writes, before the owner loses its power; afterwards the other host gives the same.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { namespacePermission } from "../namespaces.ts";
import { type Placed, SERVICE_ADDRESS, ServicePair } from "./service_pair.ts";

const permission = await namespacePermission();

interface Service {
  readonly example: string;
  readonly placed?: Placed;
  /** Files without which it is not tested: server and client, and the packages that have them. */
  readonly needs: Readonly<Record<string, string>>;
  /** Puts the first data on the disk, before heartbeat is started. */
  prepare(pair: ServicePair): Promise<void> | void;
  /** Once, through the service; absent where clients may only read. */
  readonly write?: string;
  readonly read: string;
  readonly wanted: RegExp;
}

const LDAP = `-x -H ldap://${SERVICE_ADDRESS}`;
const LDAP_ADMIN = `${LDAP} -D cn=admin,dc=example,dc=org -w replace-this-password`;
const LDAP_ENTRY = "dn: dc=example,dc=org\\nobjectClass: dcObject\\nobjectClass: organization\\n" +
  "o: Example\\ndc: example\\n";
const PSQL = `psql -AtqX -h ${SERVICE_ADDRESS} -U postgres`;
const POSTGRESQL = "/usr/lib/postgresql/15/bin/postgres";

const SERVICES: readonly Service[] = [
  {
    example: "http",
    placed: { "httpd.conf": "/etc/ha.d/httpd.conf" },
    needs: {
      "/usr/sbin/apache2": "apache2-bin",
      "/usr/lib/ocf/resource.d/heartbeat/apache": "resource-agents",
      "/usr/bin/wget": "wget",
    },
    prepare: ({ disk }) => Deno.writeTextFileSync(join(disk, "index.html"), "the page\n"),
    read: `wget -q -T 2 -t 1 -O - http://${SERVICE_ADDRESS}/`,
    wanted: /^the page$/m,
  },
  {
    example: "ldap",
    placed: { "slapd.conf": "/etc/ldap/slapd.conf", "slapd.default": "/etc/default/slapd" },
    needs: { "/usr/sbin/slapd": "slapd", "/usr/bin/ldapsearch": "ldap-utils" },
    prepare: ({ disk }) => give(disk, "openldap"),
    write: `printf '${LDAP_ENTRY}' | ldapadd ${LDAP_ADMIN}`,
    read: `ldapsearch ${LDAP_ADMIN} -LLL -b dc=example,dc=org -o nettimeout=2`,
    wanted: /^dc: example$/m,
  },
  {
    example: "database",
    needs: {
      [POSTGRESQL]: "postgresql-15",
      "/etc/postgresql/15/main/pg_hba.conf": "postgresql-15 (its cluster 15/main)",
      "/usr/bin/psql": "postgresql-client-15",
    },
    async prepare(pair) {
      await give(pair.disk, "postgres");
      const data = join(pair.disk, "15/main");
      await run(
        "runuser",
        "-u",
        "postgres",
        "--",
        POSTGRESQL.replace(/postgres$/, "initdb"),
        "-A",
        "trust",
        "-N",
        "-D",
        data,
      );
      await pair.onBoth(
        "cd /etc/postgresql/15/main; echo \"listen_addresses = '*'\" >>postgresql.conf; " +
          "echo 'ssl = off' >>postgresql.conf; echo 'host all all 192.168.2.0/24 trust' >>pg_hba.conf; " +
          "install -d -o postgres /var/log/postgresql",
      );
    },
    write: `${PSQL} -c "CREATE TABLE t AS SELECT 'committed' AS word"`,
    read: `PGCONNECT_TIMEOUT=2 ${PSQL} -c 'SELECT word FROM t'`,
    wanted: /^committed$/m,
  },
  {
    example: "ftp",
    placed: { "vsftpd.conf": "/etc/vsftpd.conf" },
    needs: { "/usr/sbin/vsftpd": "vsftpd", "/usr/bin/wget": "wget" },
    prepare: ({ disk }) => Deno.writeTextFileSync(join(disk, "file"), "the file\n"),
    read: `wget -q -T 2 -t 1 -O - ftp://${SERVICE_ADDRESS}/file`,
    wanted: /^the file$/m,
  },
  {
    example: "nfs",
    placed: {
      "ganesha": "/etc/ha.d/resource.d/ganesha",
      "ganesha.conf": "/etc/ganesha/ganesha.conf",
    },
    needs: {
      "/usr/bin/ganesha.nfsd": "nfs-ganesha nfs-ganesha-vfs",
      "/usr/bin/nfs-cat": "libnfs-utils",
    },
    prepare({ disk }) {
      Deno.mkdirSync(join(disk, "export"));
      Deno.writeTextFileSync(join(disk, "export/file"), "the file\n");
    },
    read: `timeout 4 nfs-cat 'nfs://${SERVICE_ADDRESS}/export/file?version=4'`,
    wanted: /^the file$/m,
  },
];

for (const service of SERVICES) {
  const missing = Object.entries(service.needs).filter(([path]) => !existsSync(path));
  const reason = !permission.allowed
    ? permission.reason
    : Deno.uid() !== 0
    ? "servers that change their user need root"
    : missing.length > 0
    ? `not installed: ${missing.map(([, name]) => name).join(" ")}`
    : undefined;
  if (reason !== undefined) console.log(`examples/${service.example} is not tested: ${reason}`);
  Deno.test({
    name: `examples/${service.example}: the client gets the same from the other host`,
    ignore: reason !== undefined,
    fn: () => failOver(service),
  });
}

async function failOver({ example, placed, prepare, write, read, wanted }: Service): Promise<void> {
  await using pair = await ServicePair.open(example, placed);
  await prepare(pair);
  await pair.start();
  if (write !== undefined) await pair.clientSees(write, /^/);
  await pair.clientSees(read, wanted);
  assert.deepEqual(await pair.holders(), ["ha1"], await pair.evidence());
  await pair.powerOff("ha1");
  await pair.clientSees(read, wanted);
  assert.deepEqual(await pair.holders(), ["ha2"], await pair.evidence());
}

async function give(path: string, user: string): Promise<void> {
  await run("chown", user, path);
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd: "/", stdin: "null" })
    .output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}
