import { describe, expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { type App, buildApp, type ServerMessage } from "../../../glue-services/kit/index.ts";
import { kept } from "../../../glue-services/kit/live/channel.ts";
import { mostConnections, roomFor } from "../../../glue-services/kit/live/room.ts";
import { people, person } from "../build.ts";

/** Who cannot be asked for: the database is away. */
const away = new Set<string>();

/** An app that listens, with the topics `notes`, `secret` for owners and `weather` for everyone. */
async function live(): Promise<{ app: App; url: string }> {
  const app = await buildApp({
    version: "1",
    logLevel: "silent",
    async verify({ headers: { authorization = "" } }) {
      if (away.has(authorization)) throw new Error("Connection terminated unexpectedly");
      return people.get(authorization);
    },
    services: [
      {
        name: "topics",
        register({ live }) {
          live.topic("notes");
          live.topic("notes/*");
          live.topic("secret", { authorise: ({ roles }) => roles.includes("owner") });
          live.topic("weather", { shared: true });
        },
      },
    ],
  });
  onTestFinished(() => app.close());
  const address = await app.listen({ port: 0, host: "127.0.0.1" });
  return { app, url: `${address.replace("http", "ws")}/api/live` };
}

/** A client that remembers what it was sent. */
async function connect(url: string, headers: Record<string, string>) {
  const socket = new WebSocket(url, { headers });
  const messages: ServerMessage[] = [];
  socket.on("message", (raw) => messages.push(JSON.parse(String(raw))));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    socket,
    closed,
    messages,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    received: (count: number) => expect.poll(() => messages.length).toBeGreaterThanOrEqual(count),
  };
}

describe("live updates", () => {
  test("what is published is heard by its organisation only", async () => {
    const { app, url } = await live();
    const [one, other] = [person(), person()];
    const [mine, theirs] = [await connect(url, one.headers), await connect(url, other.headers)];
    for (const client of [mine, theirs])
      for (const topic of ["notes/1", "weather"]) client.send({ type: "subscribe", topic });
    await mine.received(2);
    await theirs.received(2);
    app.live.publish("notes/1", { n: 1 }, one.identity);
    app.live.publish("weather", "rain");
    await mine.received(4);
    await theirs.received(3);
    const heard = (messages: ServerMessage[]) =>
      messages.flatMap((message) => (message.type === "message" ? [message.data] : []));
    expect(heard(mine.messages)).toEqual([{ n: 1 }, "rain"]);
    expect(heard(theirs.messages)).toEqual(["rain"]);
  });

  test("who comes back gets what was missed, once; who was away too long is told to read anew", async () => {
    const { app, url } = await live();
    const { headers, identity } = person();
    const say = (n: number) => app.live.publish("notes", n, identity);
    const first = await connect(url, headers);
    first.send({ type: "subscribe", topic: "notes" });
    await first.received(1);
    say(1);
    await first.received(2);
    const { at } = first.messages[1] as { at: string };
    first.socket.terminate();
    say(2);
    say(3);
    const second = await connect(url, headers);
    second.send({ type: "subscribe", topic: "notes", after: at });
    await second.received(3);
    say(4);
    await second.received(4);
    expect(second.messages.map((message) => (message.type === "message" ? message.data : message.type))).toEqual([
      "subscribed",
      2,
      3,
      4,
    ]);

    for (let n = 0; n < kept; n++) say(n);
    const third = await connect(url, headers);
    third.send({ type: "subscribe", topic: "notes", after: at });
    await third.received(1);
    third.send({ type: "subscribe", topic: "notes", after: "00000000:1" });
    await third.received(2);
    expect(third.messages.map(({ type }) => type)).toEqual(["resync", "resync"]);
    say(5);
    await third.received(3);
    expect(third.messages[2]).toMatchObject({ type: "message", data: 5 });
  });

  test("a topic that is not there and one that is not for them look the same", async () => {
    const { url } = await live();
    const member = await connect(url, person().headers);
    member.send({ type: "subscribe", topic: "secret" });
    member.send({ type: "subscribe", topic: "nothing" });
    member.send({ type: "subscribe", topic: "NOT a topic" });
    await member.received(3);
    expect(member.messages.map(({ type }) => type)).toEqual(expect.arrayContaining(["refused", "refused", "invalid"]));
    const owner = await connect(url, person({ roles: ["owner"] }).headers);
    owner.send({ type: "subscribe", topic: "secret" });
    await owner.received(1);
    expect(owner.messages[0]).toMatchObject({ type: "subscribed", topic: "secret" });
  });

  test("nobody, and a page of another site, get no connection", async () => {
    const { url } = await live();
    await expect(connect(url, {})).rejects.toThrow("401");
    const session = person({ via: "session" }).headers;
    await expect(connect(url, { ...session, origin: "https://evil.test" })).rejects.toThrow("403");
    await connect(url, { ...session, origin: url.replace("ws", "http").replace("/api/live", "") });
  });

  test("who loses a role loses the topic, who is signed out loses the connection", async () => {
    const { app, url } = await live();
    const { headers, identity } = person({ roles: ["owner"] });
    const client = await connect(url, headers);
    client.send({ type: "subscribe", topic: "secret" });
    client.send({ type: "subscribe", topic: "notes" });
    await client.received(2);
    people.set(headers.authorization, { ...identity, roles: [] });
    await expect.poll(() => client.messages.at(-1)).toEqual({ type: "refused", topic: "secret" });
    app.live.publish("secret", "plans", identity);
    app.live.publish("notes", "lunch", identity);
    await client.received(4);
    expect(client.messages.at(-1)).toMatchObject({ topic: "notes", data: "lunch" });
    people.delete(headers.authorization);
    expect(await client.closed).toBe(4401);
  });

  test("a client that does not read is let go, the others are not held up", async () => {
    const { app, url } = await live();
    const { headers, identity } = person();
    const [slow, quick] = [await connect(url, headers), await connect(url, headers)];
    for (const client of [slow, quick]) {
      client.send({ type: "subscribe", topic: "notes" });
      await client.received(1);
    }
    slow.socket.pause();
    const text = "x".repeat(256 * 1024);
    for (let n = 0; n < 60; n++) {
      app.live.publish("notes", text, identity);
      await quick.received(n + 2);
    }
    slow.socket.resume();
    expect([1006, 4008]).toContain(await slow.closed);
    expect(slow.messages.length).toBeLessThan(61);
    expect(quick.messages).toHaveLength(61);
  });

  test("one person has so many connections and no more; others get theirs", async () => {
    const { url } = await live();
    const { headers, identity } = person();
    const own = await Promise.all(Array.from({ length: mostConnections.ofHolder }, () => connect(url, headers)));
    // A second key of the same person is the same person.
    const key = person({ ...identity, person: undefined, maker: String(identity.person), credential: "another" });
    expect(await (await connect(url, key.headers)).closed).toBe(4029);
    const other = await connect(url, person().headers);
    other.send({ type: "subscribe", topic: "notes" });
    await other.received(1);
    own[0]?.socket.terminate();
    await own[0]?.closed;
    const again = await connect(url, headers);
    again.send({ type: "subscribe", topic: "notes" });
    await again.received(1);
  });

  test("where all have too many, the organisation with the most loses its oldest, whoever its people are", () => {
    const seat = (organisation: string, holder: string) => ({ organisation, holder });
    const most = { ofHolder: 2, all: 4 };
    const seats = [seat("a", "1"), seat("b", "1"), seat("b", "2"), seat("b", "3")];
    expect(roomFor(seats, seat("c", "9"), most)).toBe(seats[1]);
    expect(roomFor(seats, seat("b", "9"), most)).toBe(seats[1]);
    expect(roomFor(seats.slice(1), seat("c", "9"), most)).toBeUndefined();
    expect(roomFor([...seats, seat("a", "1")], seat("a", "1"), most)).toBe("full");
  });

  test("whoever cannot be asked for now is let go to come back, and is not told that they are signed out", async () => {
    const { app, url } = await live();
    const { headers } = person();
    const client = await connect(url, headers);
    client.send({ type: "subscribe", topic: "notes" });
    await client.received(1);
    away.add(headers.authorization);
    onTestFinished(() => void away.delete(headers.authorization));
    expect(await client.closed).toBe(1001);
    expect(app.server.listening).toBe(true);
  });

  test("a service can publish neither what it did not declare nor to nobody", async () => {
    const { app } = await live();
    expect(() => app.live.publish("nothing", 1)).toThrow(/not declared/);
    expect(() => app.live.publish("notes", 1)).toThrow(/needs an organisation/);
    expect(() => app.live.topic("notes")).toThrow(/already declared/);
  });
});
