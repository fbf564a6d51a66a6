import { type Guard, matches } from "./guard.ts";

/** Shapes that their makers chose to be recognised by. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, "an AWS access key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g, "a GitHub token"],
  [/\bglpat-[A-Za-z0-9_-]{20,64}\b/g, "a GitLab token"],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,250}\b/g, "a Slack token"],
  [/\bsk-ant-[A-Za-z0-9_-]{20,200}/g, "an Anthropic key"],
  [/\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}/g, "an OpenAI key"],
  [/\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, "a Google key"],
  [/\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,250}\b/g, "a Stripe key"],
  [/\bnpm_[A-Za-z0-9]{36}\b/g, "an npm token"],
  [/\bdf[vki]_[A-Za-z0-9_.-]{30,600}/g, "a key of this platform"],
  [/\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{10,1000}/g, "a signed token"],
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s:,-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    "a private key",
  ],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,100}:[^\s:/@]{3,200}@[^\s/]{1,200}/g, "a password in an address"],
];

/** A name that says secret, and a value that looks random. */
const assigned =
  /\b[A-Za-z0-9_-]{0,40}(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)["']?\s{0,3}[:=]\s{0,3}["']?([^\s"',;]{8,200})/gi;

export const secrets: Guard = {
  name: "secrets",
  title: "Secrets",
  description: "Keys, tokens and passwords, by the shapes their makers gave them and by names such as password=.",
  sides: ["question", "answer"],
  find(text) {
    const found = shapes.flatMap(([pattern, what]) => matches(text, pattern, what));
    for (const match of text.matchAll(assigned)) {
      const [whole, value = ""] = match;
      if (!isRandom(value)) continue;
      const from = match.index + whole.lastIndexOf(value);
      found.push({ from, to: from + value.length, what: "a password or key" });
    }
    return found;
  },
};

/** Words and placeholders are none: letters and digits mixed, of many kinds. */
function isRandom(value: string): boolean {
  if (/^[$<{[%(]|^(?:process|os|env|config|settings)\b|[({]/i.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  return kinds >= 2 && /\d/.test(value) && new Set(value).size >= 6;
}
