/** Languages PostgreSQL stems, each with the words that give it away. */
const words: Record<string, string> = {
  english: "the and of to is that for with this are you not be from can your which when will",
  german: "der die und das nicht ist mit ein eine auf für von dem den sich wird werden auch oder",
  french: "le la les des et une est pas pour dans que vous avec sur qui sont cette ou aux",
  spanish: "el los las del una que para con por como está esta pero más son puede este cuando sus",
  italian: "il che di per una non sono con della del gli nel questo anche può alla più come dei",
  portuguese: "o que do da em um uma para com não os as por mais você ser pode ao são",
  dutch: "het een van niet voor met zijn dat deze aan bij ook worden wordt naar kunt wanneer maar",
  swedish: "och att det som är för med den till inte av ett kan på du har eller när",
  danish: "og det at er til af den for ikke med på som der kan du har eller når",
  norwegian: "og det å er til av den for ikke med på som kan du har eller når være",
  finnish: "ja on ei se että kun tai myös voit ovat joka mutta jos sen kuin voi tämä",
  russian: "и в не на что с по это как для из или если вы при можно также так",
  turkish: "ve bir bu için ile olarak da de olan daha çok gibi değil veya kadar sonra",
  hungarian: "a az és hogy nem egy van is meg ez csak vagy lehet amely ha mint",
  romanian: "și de la în cu pentru este nu care sau din pe mai sunt poate această",
};

const known = new Map(
  Object.entries(words).map(([language, list]): [string, Set<string>] => [language, new Set(list.split(" "))]),
);

const codes: Record<string, string> = {
  en: "english",
  de: "german",
  fr: "french",
  es: "spanish",
  it: "italian",
  pt: "portuguese",
  nl: "dutch",
  sv: "swedish",
  da: "danish",
  nb: "norwegian",
  no: "norwegian",
  fi: "finnish",
  ru: "russian",
  tr: "turkish",
  hu: "hungarian",
  ro: "romanian",
};

/** ISO 639-1 of a text search configuration; undefined of `simple`. */
export function codeOf(configuration: string): string | undefined {
  return Object.keys(codes).find((code) => codes[code] === configuration);
}

/** The text search configuration of a text; `simple`, which stems nothing, where none of the languages stands out. */
export function languageOf(text: string, declared?: string): string {
  const said = codes[(declared ?? "").slice(0, 2).toLowerCase()];
  const sample =
    text
      .slice(0, 20_000)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  const counts = [...known].map(([language, list]) => ({
    language,
    hits: sample.reduce((sum, word) => sum + (list.has(word) ? 1 : 0), 0) / list.size,
  }));
  const [first] = counts.sort((a, b) => b.hits - a.hits);
  const enough = first && first.hits * 20 >= Math.max(2, sample.length * 0.04);
  // Pages often declare a language that their text is not in, seldom when the text is too short to tell.
  return enough ? first.language : (said ?? "simple");
}
