import { expect, test } from "vitest";
import { runAt, type Standing } from "./inside.ts";

interface Member {
  workload: string;
  /** That it says are open. */
  ports: number[];
  /** On every network that it is on. */
  addresses: string[];
}

/** Who reaches whom, tried from within the networks of a running appliance. */
export function testWalls(given: () => Standing): void {
  test("a job reaches Git hosting, and no other door of the stack: neither by address nor by name", async () => {
    const members = await membersOf(given());
    const others = members.filter(({ workload }) => workload !== "runner");
    const code = others.find(({ workload }) => workload === "code");
    const byAddress = others.flatMap(({ addresses, ports }) => addresses.flatMap((at) => ports.map(doorAt(at))));
    const byName = others.flatMap(({ workload, ports }) =>
      [workload, `${workload}.inside`, `${workload}.for-runner`].flatMap((at) => ports.map(doorAt(at))),
    );
    const open = await openOf(given(), "runner", [...byAddress, ...byName]);
    const names = open.map(([host]) => others.find(({ addresses }) => addresses.includes(host))?.workload ?? host);
    expect([...new Set(names)]).toEqual(["code"]);
    expect(open.map(([, port]) => port)).toEqual(open.map(() => code?.ports[0]));
  });

  test("the same doors are open to those who may: the trial sees what is open", async () => {
    const members = await membersOf(given());
    const open = async (from: string) => {
      const doors = members.flatMap(({ addresses, ports }) => addresses.flatMap((at) => ports.map(doorAt(at))));
      const found = await openOf(given(), from, doors);
      return new Set(found.map(([host]) => members.find(({ addresses }) => addresses.includes(host))?.workload));
    };
    expect(await open("code")).toEqual(
      new Set(["backups", "code", "metrics", "platform", "postgres", "proxy", "runner", "storage"]),
    );
    expect(await open("platform")).toEqual(new Set(["code", "metrics", "platform", "postgres", "proxy"]));
  });

  test("of object storage nothing is open to its neighbours but what it says, and one door that takes its own certificate only", async () => {
    const storage = (await membersOf(given())).find(({ workload }) => workload === "storage");
    const around = Array.from({ length: 80 }, (_, index) => given().port + index);
    // It answers gRPC at ten thousand above each of its ports.
    const doors = [...around, ...around.map((port) => port + 10_000)].filter((port) => port < 65_536);
    const reached = async (from: string) =>
      (
        await openOf(
          given(),
          from,
          (storage?.addresses ?? []).flatMap((at) => doors.map(doorAt(at))),
        )
      ).map(([, port]) => port);
    const [s3 = 0] = storage?.ports ?? [];
    // Its S3 part takes gRPC where it takes S3.
    expect(new Set(await reached("code"))).toEqual(new Set([...(storage?.ports ?? []), s3 + 1]));
    expect((await reached("storage")).length).toBeGreaterThanOrEqual(storage?.ports.length ?? 1);
  });
}

type Door = [host: string, port: number];

function doorAt(host: string): (port: number) => Door {
  return (port) => [host, port];
}

/** The doors that open to whoever is in this workload's network. */
async function openOf(given: Standing, from: string, doors: Door[]): Promise<Door[]> {
  const script = `
    const { connect } = require("node:net");
    const doors = ${JSON.stringify(doors)};
    const tried = ([host, port]) => new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 8000 });
      const end = (open) => { socket.destroy(); resolve(open); };
      socket.on("connect", () => end(true)).on("error", () => end(false)).on("timeout", () => end(false));
    });
    Promise.all(doors.map(tried)).then((open) => {
      console.log(JSON.stringify(doors.filter((_, index) => open[index])));
      process.exit();
    });`;
  return JSON.parse(await runAt(given, `container:${given.prefix}-${from}`, script)) as Door[];
}

async function membersOf({ engine, prefix }: Standing): Promise<Member[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`dev.devflow.stack=${prefix}`] }));
  const found = await engine.call<
    { Labels: Record<string, string>; NetworkSettings: { Networks: Record<string, { IPAddress: string }> } }[]
  >("GET", `/containers/json?filters=${filters}`);
  return found.map(({ Labels: labels, NetworkSettings: { Networks: networks } }) => ({
    workload: labels["dev.devflow.workload"] ?? "",
    ports: (labels["dev.devflow.ports"] ?? "").split(",").filter(Boolean).map(Number),
    addresses: Object.values(networks).map(({ IPAddress }) => IPAddress),
  }));
}
