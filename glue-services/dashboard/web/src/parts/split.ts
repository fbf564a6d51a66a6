/** A text cut at the words that were searched for, as they were written: every second part is one of them. */
export function atWords(text: string, words: string): string[] {
  if (!words) return [text];
  return text.split(new RegExp(`(${words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "gi"));
}

/** A sentence cut at what stands in backquotes: every second part is a command. */
export function atCommands(sentence: string): string[] {
  return sentence.split(/`([^`]+)`/);
}
