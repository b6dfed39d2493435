/**
 * What a reader finds in /usr/share/doc/heartbeat: the pages for administrators and authors of agents,
 * and every example, as they lie in the source. A test holds the list against the directories.
 */
import readmeMd from "../../../README.md" with { type: "text" };
import agentsREADMEMd from "../../../agents/README.md" with { type: "text" };
import docsOperationMd from "../../../docs/operation.md" with { type: "text" };
import docsMigrationMd from "../../../docs/migration.md" with { type: "text" };
import docsDifferencesMd from "../../../docs/differences.md" with { type: "text" };
import packagingDocSELINUXMd from "../../../packaging/doc/SELINUX.md" with { type: "text" };
import examplesAgentsREADMEMd from "../../../examples/agents/README.md" with { type: "text" };
import examplesAgentsCloudAddressTs from "../../../examples/agents/cloud_address.ts" with {
  type: "text",
};
import examplesAgentsPostgresqlPrimaryTs from "../../../examples/agents/postgresql_primary.ts" with {
  type: "text",
};
import examplesAgentsQueueWorkerTs from "../../../examples/agents/queue_worker.ts" with {
  type: "text",
};
import examplesAgentsWorkerSh from "../../../examples/agents/worker.sh" with { type: "text" };
import examplesArticleREADMEMd from "../../../examples/article/README.md" with { type: "text" };
import examplesArticleAuthkeys from "../../../examples/article/authkeys" with { type: "text" };
import examplesArticleHaCf from "../../../examples/article/ha.cf" with { type: "text" };
import examplesArticleHaresources from "../../../examples/article/haresources" with {
  type: "text",
};
import examplesArticleHttpd from "../../../examples/article/httpd" with { type: "text" };
import examplesArticlePageServerPl from "../../../examples/article/page_server.pl" with {
  type: "text",
};
import examplesDatabaseREADMEMd from "../../../examples/database/README.md" with { type: "text" };
import examplesDatabaseAuthkeys from "../../../examples/database/authkeys" with { type: "text" };
import examplesDatabaseHaCf from "../../../examples/database/ha.cf" with { type: "text" };
import examplesDatabaseHaresources from "../../../examples/database/haresources" with {
  type: "text",
};
import examplesFtpREADMEMd from "../../../examples/ftp/README.md" with { type: "text" };
import examplesFtpAuthkeys from "../../../examples/ftp/authkeys" with { type: "text" };
import examplesFtpHaCf from "../../../examples/ftp/ha.cf" with { type: "text" };
import examplesFtpHaresources from "../../../examples/ftp/haresources" with { type: "text" };
import examplesFtpVsftpdConf from "../../../examples/ftp/vsftpd.conf" with { type: "text" };
import examplesHttpREADMEMd from "../../../examples/http/README.md" with { type: "text" };
import examplesHttpAuthkeys from "../../../examples/http/authkeys" with { type: "text" };
import examplesHttpHaCf from "../../../examples/http/ha.cf" with { type: "text" };
import examplesHttpHaresources from "../../../examples/http/haresources" with { type: "text" };
import examplesHttpHttpdConf from "../../../examples/http/httpd.conf" with { type: "text" };
import examplesLdapREADMEMd from "../../../examples/ldap/README.md" with { type: "text" };
import examplesLdapAuthkeys from "../../../examples/ldap/authkeys" with { type: "text" };
import examplesLdapHaCf from "../../../examples/ldap/ha.cf" with { type: "text" };
import examplesLdapHaresources from "../../../examples/ldap/haresources" with { type: "text" };
import examplesLdapSlapdConf from "../../../examples/ldap/slapd.conf" with { type: "text" };
import examplesLdapSlapdDefault from "../../../examples/ldap/slapd.default" with { type: "text" };
import examplesNfsREADMEMd from "../../../examples/nfs/README.md" with { type: "text" };
import examplesNfsAuthkeys from "../../../examples/nfs/authkeys" with { type: "text" };
import examplesNfsGanesha from "../../../examples/nfs/ganesha" with { type: "text" };
import examplesNfsGaneshaConf from "../../../examples/nfs/ganesha.conf" with { type: "text" };
import examplesNfsHaCf from "../../../examples/nfs/ha.cf" with { type: "text" };
import examplesNfsHaresources from "../../../examples/nfs/haresources" with { type: "text" };

export interface Document {
  /** Below /usr/share/doc/heartbeat. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export const DOCUMENTS: readonly Document[] = [
  page("README.md", readmeMd),
  page("agents.md", agentsREADMEMd),
  page("operation.md", docsOperationMd),
  page("migration.md", docsMigrationMd),
  page("differences.md", docsDifferencesMd),
  page("SELINUX.md", packagingDocSELINUXMd),
  page("examples/agents/README.md", examplesAgentsREADMEMd),
  page("examples/agents/cloud_address.ts", examplesAgentsCloudAddressTs),
  page("examples/agents/postgresql_primary.ts", examplesAgentsPostgresqlPrimaryTs),
  page("examples/agents/queue_worker.ts", examplesAgentsQueueWorkerTs),
  script("examples/agents/worker.sh", examplesAgentsWorkerSh),
  page("examples/article/README.md", examplesArticleREADMEMd),
  page("examples/article/authkeys", examplesArticleAuthkeys),
  page("examples/article/ha.cf", examplesArticleHaCf),
  page("examples/article/haresources", examplesArticleHaresources),
  script("examples/article/httpd", examplesArticleHttpd),
  page("examples/article/page_server.pl", examplesArticlePageServerPl),
  page("examples/database/README.md", examplesDatabaseREADMEMd),
  page("examples/database/authkeys", examplesDatabaseAuthkeys),
  page("examples/database/ha.cf", examplesDatabaseHaCf),
  page("examples/database/haresources", examplesDatabaseHaresources),
  page("examples/ftp/README.md", examplesFtpREADMEMd),
  page("examples/ftp/authkeys", examplesFtpAuthkeys),
  page("examples/ftp/ha.cf", examplesFtpHaCf),
  page("examples/ftp/haresources", examplesFtpHaresources),
  page("examples/ftp/vsftpd.conf", examplesFtpVsftpdConf),
  page("examples/http/README.md", examplesHttpREADMEMd),
  page("examples/http/authkeys", examplesHttpAuthkeys),
  page("examples/http/ha.cf", examplesHttpHaCf),
  page("examples/http/haresources", examplesHttpHaresources),
  page("examples/http/httpd.conf", examplesHttpHttpdConf),
  page("examples/ldap/README.md", examplesLdapREADMEMd),
  page("examples/ldap/authkeys", examplesLdapAuthkeys),
  page("examples/ldap/ha.cf", examplesLdapHaCf),
  page("examples/ldap/haresources", examplesLdapHaresources),
  page("examples/ldap/slapd.conf", examplesLdapSlapdConf),
  page("examples/ldap/slapd.default", examplesLdapSlapdDefault),
  page("examples/nfs/README.md", examplesNfsREADMEMd),
  page("examples/nfs/authkeys", examplesNfsAuthkeys),
  script("examples/nfs/ganesha", examplesNfsGanesha),
  page("examples/nfs/ganesha.conf", examplesNfsGaneshaConf),
  page("examples/nfs/ha.cf", examplesNfsHaCf),
  page("examples/nfs/haresources", examplesNfsHaresources),
];

function page(path: string, text: string): Document {
  return { path, text, executable: false };
}

function script(path: string, text: string): Document {
  return { path, text, executable: true };
}
