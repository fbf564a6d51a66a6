import { type Guard, matches } from "./guard.ts";

/** What people write into texts that a model will read, so that it obeys them rather than whoever asked. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|your|system)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules|guidelines|directions)\b/gi,
    "words that take instructions back",
  ],
  [
    /\b(?:reveal|show|print|repeat|output|tell me)\b[^.\n]{0,30}\b(?:your|the)\b[^.\n]{0,20}\b(?:system|hidden|initial|original|secret)\b[^.\n]{0,10}\b(?:prompt|instructions?|message)\b/gi,
    "a wish for the hidden instructions",
  ],
  [
    /\byou are (?:now|no longer)\b[^.\n]{0,40}\b(?:DAN|jailbroken|unrestricted|unfiltered|bound by)\b/gi,
    "a new role without rules",
  ],
  [/\b(?:do anything now|developer mode enabled|jailbreak mode)\b/gi, "a new role without rules"],
  [
    /<\|(?:im_start|im_end|system|endoftext|eot_id|start_header_id)\|>|\[\/?INST\]|<<\/?SYS>>/g,
    "marks that begin another role",
  ],
  [/^\s{0,4}#{0,4}\s?(?:system|developer) ?(?:prompt|message)\s?:/gim, "marks that begin another role"],
  // Letters that no person sees and a model reads.
  [/[\u{E0000}-\u{E007F}]{4,}/gu, "hidden letters"],
  [/[\u200B-\u200F\u2060-\u2064]{6,}/g, "hidden letters"],
];

export const injection: Guard = {
  name: "injection",
  title: "Prompt injection",
  description:
    "Usual words and marks by which a text tries to give the model other instructions. It finds the common ones, not all.",
  sides: ["question"],
  // What the application itself tells the model may well speak of instructions.
  find: (text, { role }) =>
    role === "system" || role === "developer"
      ? []
      : patterns.flatMap(([pattern, what]) => matches(text, pattern, what)),
};
