export type Level = "error" | "warn" | "info" | "debug";

/** pino's and similar numbers. */
function ofNumber(level: number): Level {
  if (level >= 50) return "error";
  if (level >= 40) return "warn";
  return level >= 30 ? "info" : "debug";
}

/** What a line says of its own weight, in the forms that the platform's programs write; undefined when it does not. */
export function levelOf(text: string): Level | undefined {
  const json = /"level":\s*("?)(\w+)\1/.exec(text)?.[2];
  if (json !== undefined) return /^\d+$/.test(json) ? ofNumber(Number(json)) : named(json);
  const word = /\blevel=(\w+)|\[([EWIDF])\]|\b(FATAL|PANIC|ERROR|WARNING|LOG|WARN|INFO|DEBUG)\b/.exec(text);
  if (word) return named(word[1] ?? word[2] ?? word[3] ?? "");
  const glog = /^([IWEF])\d{4} /.exec(text)?.[1];
  return glog ? named(glog) : undefined;
}

function named(word: string): Level | undefined {
  const first = word.toUpperCase();
  if (/^(E|F|ERR|ERROR|FATAL|PANIC|CRITICAL)$/.test(first)) return "error";
  if (/^(W|WARN|WARNING)$/.test(first)) return "warn";
  if (/^(I|INFO|LOG|NOTICE)$/.test(first)) return "info";
  return /^(D|DEBUG|TRACE)$/.test(first) ? "debug" : undefined;
}
