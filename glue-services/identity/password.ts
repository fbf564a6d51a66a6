import { ApiError } from "../kit/index.ts";

export const passwordLength = { min: 12, max: 128 };

/**
 * Refuses a password that is short, that is among those leaked most often, or that can be guessed from them. The list is
 * part of this checkout: no password and no part of its hash leaves the machine, and it works without a network.
 *
 * @param about the person's own words, which a guesser tries first
 * @throws ApiError INVALID
 */
export async function demandStrength(password: string, about: string[]): Promise<void> {
  if (password.length < passwordLength.min) throw refused(`It needs at least ${passwordLength.min} characters.`);
  if (password.length > passwordLength.max) throw refused(`It may have ${passwordLength.max} characters at most.`);
  const judge = await load();
  const { score } = judge(password, [...about.flatMap((word) => [word, ...word.split(/[\s@.]+/)]), "devflow"]);
  if (score < 3) throw refused("It is one that guessers try early.");
}

function refused(why: string): ApiError {
  return new ApiError("INVALID", `This password is too easy to guess. ${why}`, {
    hint: "Four or five unrelated words are strong and easy to keep; a password manager's are stronger.",
    docs: "security-model",
  });
}

let judge: Promise<(password: string, words: string[]) => { score: number }> | undefined;

/** The dictionaries take some memory and are needed a few times a year, so they come with the first password. */
function load() {
  judge ??= (async () => {
    const [{ ZxcvbnFactory }, language] = await Promise.all([
      import("@zxcvbn-ts/core"),
      import("@zxcvbn-ts/language-common"),
    ]);
    const { dictionary, adjacencyGraphs } = language;
    const checker = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
    return (password, words) => checker.check(password, words);
  })();
  return judge;
}
