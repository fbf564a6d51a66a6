import { describe, expect, test } from "vitest";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { type Hub, startHub } from "./knowledge.ts";
import { docx, pdf, zip } from "./made-files.ts";

async function read(hub: Hub, name: string, body: Buffer | string): Promise<SourceTold["run"]> {
  const { id } = await hub.upload(name, body);
  let run: SourceTold["run"] = null;
  await expect
    .poll(
      async () => {
        run = (await hub.ask<SourceTold>("GET", `/sources/${id}`)).run;
        return run?.state;
      },
      { interval: 50 },
    )
    .toBe("done");
  return run;
}

describe("files", () => {
  test("PDF, Word, HTML, Markdown, text and code are read, each with its structure", async () => {
    const hub = await startHub();
    const files: [string, Buffer | string, string, string][] = [
      ["paper.pdf", pdf("The cassowary kicks."), "cassowary", "Page 1"],
      ["letter.docx", docx("Greeting", "The echidna curls up."), "echidna", "Greeting"],
      [
        "page.html",
        "<html><title>Quolls</title><body><main><h2>Night</h2><p>The quoll hunts.</p></main></body></html>",
        "quoll",
        "Night",
      ],
      ["notes.md", "# Notes\n\n## Bilby\n\nThe bilby has long ears.", "bilby", "Bilby"],
      ["plain.txt", "The numbat eats termites.", "numbat", "plain.txt"],
      ["code.py", "import os\n\ndef feedTheWallaby(hour):\n    return hour > 6\n", "wallaby", "feedTheWallaby"],
    ];
    for (const [name, body] of files) expect([name, await read(hub, name, body)]).toMatchObject([name, { failed: 0 }]);
    for (const [name, , word, heading] of files) {
      const [hit] = await hub.hits(word, { mode: "words" });
      expect([name, hit?.citation.page.address, hit?.heading]).toEqual([name, name, expect.stringContaining(heading)]);
    }
  });

  test("an example of code is kept whole, however long the page around it", async () => {
    const hub = await startHub();
    const code = Array.from({ length: 60 }, (_, i) => `  step${i}(); // of the bandicoot`).join("\n");
    const text = "Words about nothing in particular. ".repeat(80);
    await read(hub, "long.md", `# Long\n\n${text}\n\n## Example\n\nDo it so:\n\n\`\`\`js\n${code}\n\`\`\`\n\n${text}`);
    const [hit] = await hub.hits("bandicoot", { kind: "code" });
    expect(hit?.content).toContain(`\`\`\`js\n${code}\n\`\`\``);
  });

  test("files that come while others are read, or just as their reading ends, are all read", async () => {
    const hub = await startHub();
    const names = Array.from({ length: 40 }, (_, at) => `note-${at}.txt`);
    let source = "";
    for (const name of names) source = (await hub.upload(name, `${name} is of the potoroo.`)).id;
    await expect.poll(async () => (await hub.ask<SourceTold>("GET", `/sources/${source}`)).run?.state).toBe("done");
    const { rows } = await hub.owner.query<{ address: string }>("select address from knowledge.page");
    expect(rows.map(({ address }) => address).sort()).toEqual(names.toSorted());
    expect((await hub.owner.query("select from knowledge.upload")).rowCount).toBe(0);
  });

  test("the same file again changes nothing; a changed one replaces it", async () => {
    const hub = await startHub();
    await read(hub, "a.md", "# A\n\nThe old dingo.");
    expect(await read(hub, "a.md", "# A\n\nThe old dingo.")).toMatchObject({ read: 0, unchanged: 1 });
    expect(await read(hub, "a.md", "# A\n\nThe new dingo.")).toMatchObject({ read: 1 });
    expect((await hub.hits("dingo", { mode: "words" })).map(({ content }) => content)).toEqual(["The new dingo."]);
  });

  test("malformed and hostile files are told apart from faults of ours, and the next one is read", async () => {
    const hub = await startHub();
    const zeros = Buffer.alloc(90 * 1024 * 1024);
    const bad: [string, Buffer | string, RegExp][] = [
      [
        "broken.pdf",
        "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 9 0 R >>\nnot a pdf at all",
        /no PDF that can be read/,
      ],
      ["cut.pdf", pdf("Cut off.").subarray(0, 180), /no PDF that can be read|has no text/],
      ["bomb.docx", zip([{ name: "word/document.xml", data: zeros }]), /unpacks to more than 64 MiB/],
      // It says that it is small.
      ["liar.docx", zip([{ name: "word/document.xml", data: zeros, says: 100 }]), /no Word document|unpacks to more/],
      ["way-out.docx", zip([{ name: "../../../etc/cron.d/evil", data: Buffer.from("x") }]), /no Word document/],
      [
        "many.docx",
        zip(Array.from({ length: 2500 }, (_, i) => ({ name: `word/document${i}.xml`, data: Buffer.from("x") }))),
        /unpacks to more than/,
      ],
      ["not.docx", "PK but no archive", /no Word document/],
      ["photo.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]), /is no text, HTML/],
    ];
    for (const [name, body, why] of bad) {
      const run = await read(hub, name, body);
      expect([name, run]).toMatchObject([name, { failed: 1, read: 0, note: expect.stringMatching(why) }]);
    }
    expect(await read(hub, "good.txt", "The kookaburra laughs.")).toMatchObject({ failed: 0, read: 1 });
    expect(await hub.hits("kookaburra")).toHaveLength(1);
  });

  test("a name is a name, never a path, and a body of 50 MB is refused before it is kept", async () => {
    const hub = await startHub();
    await read(hub, "../../etc/passwd\u0000.md", "# P\n\nThe galah.");
    expect((await hub.hits("galah"))[0]?.citation.page.address).toBe("passwd.md");
    await expect(hub.upload("..", "x")).rejects.toThrow("400");
    await expect(hub.upload("empty.md", "")).rejects.toThrow("400");
    await expect(hub.upload("huge.txt", Buffer.alloc(50 * 1024 * 1024, "a"))).rejects.toThrow("413");
    expect((await hub.owner.query("select from knowledge.upload")).rowCount).toBe(0);
  });

  test("a file that reads for ever is given up, and the next one is read", async () => {
    const hub = await startHub({ reader: { time: 1500 } });
    // Nested a hundred thousand deep.
    const run = await read(hub, "deep.html", `<html>${"<div>".repeat(400_000)}deep`);
    expect(run?.state).toBe("done");
    await expect.poll(async () => (await read(hub, "next.txt", "The emu runs.")) !== null).toBe(true);
    expect(await hub.hits("emu")).toHaveLength(1);
  });
});
