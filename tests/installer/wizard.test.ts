import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderAnswers } from "../../installer/answers.ts";
import { questions } from "../../installer/questions.ts";
import { runWizard, type WizardOptions } from "../../installer/wizard.ts";
import { fakeTerminal, keys } from "./fake-terminal.ts";

const terminals: ReturnType<typeof fakeTerminal>[] = [];
afterEach(() => {
  for (const { input } of terminals.splice(0)) input.destroy();
});

function start(options: Partial<WizardOptions> = {}) {
  const terminal = fakeTerminal();
  terminals.push(terminal);
  const { input, output } = terminal;
  const result = runWizard({
    input,
    output,
    env: {},
    given: {},
    free: 8192,
    color: false,
    render: (answers) => renderAnswers(answers, "/srv/devflow.yaml"),
    file: "devflow.yaml",
    ...options,
  });
  // A test that fails while waiting for words must not leave an unhandled rejection behind.
  result.catch(() => undefined);
  return { ...terminal, result };
}

/** Accepts every default from one question on, up to the last. */
async function acceptFrom(
  terminal: Pick<ReturnType<typeof fakeTerminal>, "reply">,
  first: number,
  last = questions.length,
) {
  for (const { message, when, path } of questions.slice(first, last)) {
    const conditional = [
      "network.email",
      "secrets.onepassword.vault",
      "secrets.onepassword.mode",
      "telemetry.endpoint",
    ];
    if (conditional.includes(path)) continue;
    expect(when).toBeTypeOf("function");
    await terminal.reply(path === "models.providers" ? "Add a model provider?" : message, keys.enter);
  }
}

describe("the wizard in a terminal", () => {
  test("prose is broken between words, and what costs no memory says nothing of memory", async () => {
    const terminal = start();
    Object.assign(terminal.output, { columns: 60 });
    await acceptFrom(terminal, 0);
    await terminal.reply("Write this to devflow.yaml?", keys.enter);
    await terminal.result;
    expect(terminal.shown()).not.toContain("Memory: none");
    const prose = terminal
      .shown()
      .split("\n")
      .filter((line) => /^ {2}\w/.test(line));
    expect(prose.length).toBeGreaterThan(6);
    expect(prose.filter((line) => line.length > 60)).toEqual([]);
  });

  test("accepting every default gives a valid small file, shown before it is written", async () => {
    const terminal = start();
    await acceptFrom(terminal, 0);
    await terminal.expectText("# yaml-language-server: $schema=");
    await terminal.expectText("profile: standard");
    await terminal.reply("Write this to devflow.yaml?", keys.enter);
    const answers = await terminal.result;
    expect(answers).toMatchObject({
      version: 1,
      stack: { kind: "local" },
      profile: "standard",
      network: { domain: "localhost" },
    });
    expect(answers).not.toHaveProperty("components");
    expect(answers.telemetry).toEqual({ enabled: false });
    expect(terminal.shown()).toContain("needs an account and a zone");
    expect(terminal.shown()).toMatch(/Memory: 160 MiB; \d+ MiB with the above, of 8\.0 GiB free\./);
    expect(terminal.shown()).toMatch(/Standard +1\.3 GiB/);
  });

  test("every answer can be given, wrong ones are refused in place, and what follows is asked", async () => {
    const terminal = start();
    await terminal.reply("Where should it run?", keys.enter);
    await terminal.reply("How much should run?", keys.down);
    await terminal.reply("larger caches", keys.enter);
    await terminal.reply("Under which domain", `dev.example.com/x${keys.enter}`);
    await terminal.reply("no scheme, port or path", "\u007f\u007f");
    await terminal.reply("dev.example.com", keys.enter);
    await terminal.reply("certificate authority write to?", `ops@example.com${keys.enter}`);
    await terminal.reply("organisation called?", `Example Ltd${keys.enter}`);
    await terminal.reply("? Login name of the first", `ada${keys.enter}`);
    await terminal.reply("? E-mail address of the first", `ada@example.com${keys.enter}`);
    await terminal.reply("Run object storage?", `n${keys.enter}`);
    await terminal.reply("Run code hosting?", keys.enter);
    await terminal.reply("Run metrics?", keys.enter);
    await terminal.reply("Add a model provider?", keys.down);
    await terminal.reply("❯ openai", keys.enter);
    await terminal.reply("Name of the provider?", keys.enter);
    await terminal.reply("Where is its key?", `sk-literal-key-1234${keys.enter}`);
    await terminal.reply("never the key itself", keys.erase);
    await terminal.reply("Where is its key?", `op://team/openai/key${keys.enter}`);
    await terminal.reply("Add a model provider?", keys.enter);
    await terminal.reply("Where are secrets kept?", keys.down);
    await terminal.reply("❯ onepassword", keys.enter);
    await terminal.reply("Which 1Password vault?", `team${keys.enter}`);
    await terminal.reply("How is 1Password reached?", keys.enter);
    await terminal.reply("? Send anonymous figures", `y${keys.enter}`);
    await terminal.reply("To which address?", `https://otel.example.com${keys.enter}`);
    await terminal.reply("Write this to", keys.enter);
    expect(await terminal.result).toMatchObject({
      profile: "full",
      network: { domain: "dev.example.com", email: "ops@example.com" },
      organisation: { name: "Example Ltd", administrator: { name: "ada", email: "ada@example.com" } },
      components: { storage: false },
      models: { providers: [{ name: "openai", kind: "openai", key: "op://team/openai/key" }] },
      secrets: { backend: "onepassword", onepassword: { vault: "team", mode: "service-account" } },
      telemetry: { enabled: true, endpoint: "https://otel.example.com" },
    });
  });

  test("going through the questions again proposes the answers of before", async () => {
    const terminal = start({ given: { profile: "minimal", "organisation.name": "Former" } });
    await acceptFrom(terminal, 0);
    await terminal.reply("Write this to", keys.down);
    await terminal.reply("❯ Go through the questions again", keys.enter);
    await acceptFrom(terminal, 0, 4);
    await terminal.reply("organisation called? (Former)", `Latter${keys.enter}`);
    await acceptFrom(terminal, 5);
    await terminal.reply("Write this to", keys.enter);
    expect(await terminal.result).toMatchObject({ profile: "minimal", organisation: { name: "Latter" } });
  });

  test("quitting at the end is told as such", async () => {
    const terminal = start();
    await acceptFrom(terminal, 0);
    await terminal.reply("Write this to", keys.up);
    await terminal.reply("❯ Quit", keys.enter);
    await expect(terminal.result).rejects.toMatchObject({ code: "ABORTED", message: "Nothing was written." });
  });

  test.each([
    ["Where should it run?", 0],
    ["organisation called?", 4],
    ["Run code hosting?", 8],
    ["Add a model provider?", 10],
    ["Write this to", questions.length],
  ])("Ctrl-C at %s ends it cleanly", async (message, index) => {
    const terminal = start();
    await acceptFrom(terminal, 0, index);
    await terminal.reply(message, keys.ctrlC);
    await expect(terminal.result).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "Interrupted; nothing was written.",
    });
  });

  test("Ctrl-D, a closed terminal and an interrupt from outside end it too, and do not wait for ever", async () => {
    const pressed = start();
    await pressed.reply("Where should it run?", keys.ctrlD);
    await expect(pressed.result).rejects.toMatchObject({ code: "INTERRUPTED" });

    const closed = start();
    await closed.expectText("Where should it run?");
    closed.input.end();
    await expect(closed.result).rejects.toMatchObject({ code: "INTERRUPTED" });

    const stop = new AbortController();
    const stopped = start({ signal: stop.signal });
    await stopped.expectText("Where should it run?");
    stop.abort();
    await expect(stopped.result).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(start({ signal: stop.signal }).result).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("the file it shows is the file it gives", async () => {
    const texts: string[] = [];
    const terminal = start({
      render: (answers) => {
        texts.push(renderAnswers(answers, "/srv/devflow.yaml"));
        return texts.at(-1) ?? "";
      },
    });
    await acceptFrom(terminal, 0);
    await terminal.reply("Write this to", keys.enter);
    expect(parse(texts.at(-1) ?? "")).toEqual(await terminal.result);
    expect(terminal.shown()).toContain((texts.at(-1) ?? "").trim());
  });
});
