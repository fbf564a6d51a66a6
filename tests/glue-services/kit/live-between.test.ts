import { Type } from "typebox";
import { describe, expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { type App, addJob, job, type ServerMessage, type Service } from "../../../glue-services/kit/index.ts";
import { build, cloneDatabase, person } from "../build.ts";

/** Two topics of a service that has a database, so that its hosts have one too. */
const topics: Service = {
  name: "notes",
  migrations: new URL("../notes/migrations/", import.meta.url),
  register({ live }) {
    live.topic("notes");
    live.topic("weather", { shared: true });
    live.topic("machine", { shared: true, here: true });
  },
};

async function host(url: string, background = false): Promise<App> {
  const { app } = await build([topics], { database: { url }, background });
  return app;
}

/** Listens at a host to these topics, and remembers what it was sent. */
async function listen(app: App, headers: Record<string, string>, names: string[]) {
  const address = await app.listen({ port: 0, host: "127.0.0.1" }).catch(() => app.listeningOrigin);
  const socket = new WebSocket(`${address.replace("http", "ws")}/api/live`, { headers });
  onTestFinished(() => socket.terminate());
  const messages: ServerMessage[] = [];
  socket.on("message", (raw) => messages.push(JSON.parse(String(raw))));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  for (const topic of names) socket.send(JSON.stringify({ type: "subscribe", topic }));
  await expect.poll(() => messages.length).toBe(names.length);
  return {
    socket,
    messages,
    heard: () => messages.flatMap((one) => (one.type === "message" ? [one.data] : [])),
  };
}

describe("live updates across hosts on one database", () => {
  test("what one host publishes is heard at another, once, in order, by its organisation only", async () => {
    const { url } = await cloneDatabase();
    const [one, other] = [await host(url), await host(url)];
    const [mine, stranger] = [person(), person()];
    const here = await listen(one, mine.headers, ["notes", "weather", "machine"]);
    const there = await listen(other, mine.headers, ["notes", "weather", "machine"]);
    const strange = await listen(other, stranger.headers, ["notes", "weather"]);
    for (let n = 0; n < 50; n++) one.live.publish("notes", { n, text: "é".repeat(n * 40) }, mine.identity);
    one.live.publish("machine", "warm");
    one.live.publish("weather", "rain");
    other.live.publish("notes", "from the other", mine.identity);
    await expect.poll(() => there.heard().length).toBe(52);
    await expect.poll(() => here.heard().length).toBe(53);
    await expect.poll(() => strange.heard()).toEqual(["rain"]);
    const numbered = there.heard().flatMap((data) => ((data as { n?: number }).n === undefined ? [] : [data]));
    expect(numbered).toEqual(Array.from({ length: 50 }, (_, n) => ({ n, text: "é".repeat(n * 40) })));
    expect(there.heard()).not.toContain("warm");
    expect(here.heard()).toContain("warm");
  });

  test("who comes back to another host is told to read anew, and misses nothing after it", async () => {
    const { url } = await cloneDatabase();
    const [one, other] = [await host(url), await host(url)];
    const { headers, identity } = person();
    const first = await listen(one, headers, ["notes"]);
    one.live.publish("notes", 1, identity);
    await expect.poll(() => first.heard()).toEqual([1]);
    const { at } = first.messages.at(-1) as { at: string };
    first.socket.terminate();
    const second = await listen(other, headers, []);
    second.socket.send(JSON.stringify({ type: "subscribe", topic: "notes", after: at }));
    // What was published before may still be on its way from host to host.
    await expect.poll(() => second.messages[0]?.type).toBe("resync");
    one.live.publish("notes", 2, identity);
    await expect.poll(() => second.heard().at(-1)).toBe(2);
  });

  test("when the database was away, pages are told to read anew, and hear again", async () => {
    const { url, owner } = await cloneDatabase();
    const [one, other] = [await host(url), await host(url)];
    const { headers, identity } = person();
    const there = await listen(other, headers, ["notes"]);
    const cut = () =>
      owner.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'devflow host'",
      );
    await cut();
    one.live.publish("notes", "lost?", identity);
    await expect.poll(() => there.messages.map(({ type }) => type)).toContain("resync");
    one.live.publish("notes", "again", identity);
    await expect.poll(() => there.heard()).toContain("again");
  });

  test("a message that is too large for a notification arrives whole, and one beyond all measure as a resync", async () => {
    const { url } = await cloneDatabase();
    const [one, other] = [await host(url), await host(url)];
    const { headers, identity } = person();
    const there = await listen(other, headers, ["notes"]);
    const large = "x".repeat(100_000);
    one.live.publish("notes", large, identity);
    await expect.poll(() => there.heard()).toEqual([large]);
    one.live.publish("notes", "y".repeat(2_000_000), identity);
    await expect.poll(() => there.messages.at(-1)?.type).toBe("resync");
  });
});

test("the progress of a job is heard at a host that does not run it", async () => {
  const { url } = await cloneDatabase();
  const work = job({
    name: "notes.work",
    payload: Type.Object({}),
    async run(_payload, { tenant }) {
      for (const step of [1, 2, 3]) worker?.live.publish("notes", { step }, tenant);
    },
  });
  let worker: App | undefined;
  let asked: App | undefined;
  const service = (own: (app: App) => void): Service => ({
    ...topics,
    jobs: [work as never],
    register(app) {
      own(app);
      return topics.register(app);
    },
  });
  const page = (await build([service((app) => (asked = app))], { database: { url }, background: false })).app;
  await build([service((app) => (worker = app))], { database: { url } });
  const { headers, identity } = person();
  const there = await listen(page, headers, ["notes"]);
  await asked?.database.withTenant(identity, (tx) => addJob(tx, work as never, {}));
  await expect.poll(() => there.heard()).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }]);
});
