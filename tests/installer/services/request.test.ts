import { expect, test } from "vitest";
import type { CommandDeclaration } from "../../../glue-services/kit/declare/index.ts";
import { requestOf } from "../../../installer/services/call.ts";
import { seeded } from "../../seeded.ts";

const random = seeded(11);
const alphabet = [..."aZ7 -_./?&=#%é…", '"', "\\"];
const word = () =>
  Array.from({ length: 1 + Math.floor(random() * 8) }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");

const command = (method: CommandDeclaration["route"]["method"]): CommandDeclaration => ({
  name: "move",
  summary: "Move a note",
  arguments: [
    { name: "id", description: "its id", required: true },
    { name: "words", description: "what it says", variadic: true },
  ],
  options: [{ flags: "-f, --to-folder <name>", description: "where to" }],
  examples: [],
  route: { method, path: "/api/notes/{id}/move" },
});

test("whatever is typed reaches the route as it was typed, and nothing of it leaves its place", () => {
  for (let round = 0; round < 300; round++) {
    const [id, first, second, toFolder] = [word(), word(), word(), word()];
    const input = { args: [id, first, second], options: { toFolder } };
    const posted = requestOf(command("POST"), input);
    expect(posted.path.split("/").map(decodeURIComponent)).toEqual(["", "api", "notes", id, "move"]);
    expect(posted).toMatchObject({ query: "", body: { words: `${first} ${second}`, toFolder } });
    const asked = requestOf(command("GET"), input);
    expect(Object.fromEntries(new URLSearchParams(asked.query))).toEqual({ words: `${first} ${second}`, toFolder });
    expect(asked.body).toBeUndefined();
  }
});

test("what was not given is not sent", () => {
  expect(requestOf(command("DELETE"), { args: ["7"], options: {} })).toEqual({
    method: "DELETE",
    path: "/api/notes/7/move",
    query: "",
  });
});
