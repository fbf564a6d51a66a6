/**
 * Parts of words, for scripts and languages in which a word of a question is seldom a word between two blanks of a text:
 * pairs of characters of Chinese, Japanese and Korean, triples of Thai, Lao, Khmer and Burmese, fours of letters within
 * the long words of languages that compound. Each is written in hexadecimal digits, so that every tokenizer takes it for
 * one word, whatever it knows of the script.
 */

/** Runs of one such script, marks included. */
const runs =
  /(?<pairs>(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|ー|\p{Script=Hangul}|\p{Script=Bopomofo})+)|(?<triples>(?:[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*)+)/gu;
const script =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Configurations of text search whose languages write compounds as one word; `simple` may be any of them. */
const compounding = new Set(["german", "dutch", "swedish", "danish", "norwegian", "finnish", "hungarian", "simple"]);
/**
 * Letters of a word that may be a compound, of one in a text that is taken for another language (a short text tells
 * little of its own), of a part of a compound, and of a gram.
 */
const [shortestWord, longWord, shortestPart, gramLength] = [8, 12, 4, 4];
/** Grams of one chunk, at most: far above what a chunk of its usual size has. */
const most = 4000;

/** Whether a text has characters of a script that is written without blanks between words, or with endings glued on. */
export function hasDenseScript(text: string): boolean {
  return script.test(text);
}

/** Grams that a text is found by. @param language text search configuration of the text */
export function gramsOf(text: string, language: string): string[] {
  const found = new Set<string>();
  for (const { characters, size } of runsOf(text)) {
    for (const gram of gramsIn(characters, size)) found.add(encode(gram));
    // Alone they are asked for too: 猫, 税.
    if (size === 2) for (const one of characters) if (/\p{Script=Han}/u.test(one)) found.add(encode(one));
    if (found.size > most) break;
  }
  const shortest = compounding.has(language) ? shortestWord : longWord;
  for (const [word] of text.matchAll(/\p{Script=Latin}[\p{Script=Latin}\p{M}]+/gu)) {
    const letters = [...folded(word)];
    if (letters.length < shortest || letters.length > 60) continue;
    for (const gram of gramsIn(letters, gramLength)) found.add(encode(gram));
    if (found.size > most) break;
  }
  return [...found];
}

/** Grams of a question, each group to be found as a whole, the groups one without the other. */
export function gramGroupsOf(question: string): string[][] {
  const groups = new Map<string, string[]>();
  const add = (grams: string[]) => groups.set(grams.join(" "), grams);
  for (const { characters, size } of runsOf(question)) {
    for (const gram of gramsIn(characters, size)) add([encode(gram)]);
    if (groups.size > 60) break;
  }
  let parts = 0;
  for (const [word] of question.matchAll(/\p{Script=Latin}[\p{Script=Latin}\p{M}]+/gu)) {
    const letters = [...withoutEnding(folded(word))];
    if (letters.length < shortestPart || letters.length > 40 || ++parts > 24) continue;
    add(gramsIn(letters, gramLength).map(encode));
  }
  return [...groups.values()];
}

function* runsOf(text: string): Generator<{ characters: string[]; size: number }> {
  for (const { 0: run, groups } of text.normalize("NFKC").matchAll(runs)) {
    yield { characters: [...run], size: groups?.pairs === undefined ? 3 : 2 };
  }
}

/** The whole of it where it is shorter than a gram. */
function gramsIn(characters: readonly string[], size: number): string[] {
  if (characters.length <= size) return [characters.join("")];
  return characters.slice(size - 1).map((_last, at) => characters.slice(at, at + size).join(""));
}

function encode(gram: string): string {
  return `g${[...gram].map((one) => (one.codePointAt(0) ?? 0).toString(16).padStart(4, "0")).join("")}`;
}

/** Plurals change the vowel (Haus, Häuser), and not everybody types the dots. */
function folded(word: string): string {
  return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");
}

/** Within a compound a word stands without the ending it has alone: Fristen, Rückgabefrist. */
function withoutEnding(word: string): string {
  const stem = word.replace(/(?:ern|en|er|es|em|e|n|s)$/, "");
  return stem.length >= shortestPart ? stem : word;
}
