import { expect, test } from "vitest";
import { causeOf } from "../../../installer/doctor/causes.ts";

const said: [line: string, id: string][] = [
  ["Error: listen EADDRINUSE: address already in use 127.0.0.1:4400", "address-in-use"],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "address-in-use"],
  ["listen tcp :80: bind: permission denied", "port-needs-root"],
  ["Error: listen EACCES: permission denied 0.0.0.0:443", "port-needs-root"],
  ['PANIC:  could not write to file "pg_wal/xlogtemp.41": No space left on device', "disk-full"],
  ["FATAL:  could not create shared memory segment: No space left on device", "shared-memory"],
  ["accept4: too many open files; retrying in 1s", "files"],
  ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "out-of-memory"],
  ['FATAL:  data directory "/x/data/postgres" has invalid permissions', "data-permissions"],
  ["FATAL:  database files are incompatible with server", "data-version"],
  [
    "DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 18.4.",
    "data-version",
  ],
  ['FATAL:  lock file "/x/data/postgres/postmaster.pid" already exists', "already-running"],
  ['FATAL:  password authentication failed for user "gitea"', "password"],
  ['FATAL:  database "gitea" does not exist', "database-missing"],
  ["acme: error: 403 :: urn:ietf:params:acme:error:unauthorized :: invalid response", "certificate"],
  ["tls: failed to verify certificate: x509: certificate has expired or is not yet valid", "certificate"],
  ["sh: 1: bin/weed: Exec format error", "program-damaged"],
  ["open /x/data/code/conf/app.ini: permission denied", "permission"],
  ["dial tcp 127.0.0.1:4402: connect: connection refused", "refused"],
];

test.each(said)("the cause of %j is %s", (line, id) => {
  expect(causeOf(["something before", line, "shutting down"])?.id).toBe(id);
});

test("the last line that is known decides, and lines that are not known decide nothing", () => {
  expect(causeOf(["connection refused", "No space left on device"])?.id).toBe("disk-full");
  expect(causeOf(["all is well"])).toBeUndefined();
  expect(causeOf([])).toBeUndefined();
});
