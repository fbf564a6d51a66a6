/** What the unit must know of where it will run. */
export interface UnitFacts {
  stack: string;
  /** Folder of this checkout. */
  checkout: string;
  /** Absolute path of the answers file. */
  answers: string;
  /** Folder that stacks are kept in. */
  home: string;
  /** Who runs it; absent: it is a unit of that person's own, as for rootless Docker. */
  user?: string;
}

/**
 * The systemd unit that looks after an appliance. Docker itself stops its containers in time when the machine goes down
 * and starts them when it comes up; the unit then sees to it that all are there and healthy, and says so.
 */
export function renderUnit({ stack, checkout, answers, home, user }: UnitFacts): string {
  const up = `${quoted(`${checkout}/devflow`)} up --yes --stack ${stack}`;
  const docker = user === undefined ? "" : "Requires=docker.service\nAfter=docker.service\n";
  return `[Unit]
Description=DevFlow appliance ${stack}
Wants=network-online.target
After=network-online.target
${docker}
[Service]
Type=oneshot
RemainAfterExit=yes
${user === undefined ? "" : `User=${user}\n`}WorkingDirectory=${escaped(checkout)}
Environment=${quoted(`DEVFLOW_ANSWERS=${answers}`)} ${quoted(`DEVFLOW_HOME=${home}`)}
ExecStart=${up}
ExecReload=${up}
TimeoutStartSec=30min

[Install]
WantedBy=${user === undefined ? "default.target" : "multi-user.target"}
`;
}

/** systemd takes % for its own words, and what has spaces in quotes. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%%");
}
