const json = 'attributes["devflow.json"]';
const field = (name: string) => `${json}["${name}"]`;
const has = (name: string) => `${json} != nil and ${field(name)} != nil`;

/**
 * Lines that are JSON objects, as the platform's services and most others write them: the message becomes the text, the
 * level the severity, the id of a trace leads to it, and every other field is kept beside the line.
 */
export function readJson(): object[] {
  return [
    // Loki refuses a line with more than 64 KiB or 128 fields beside it; such a line stays the text that it is.
    {
      type: "json_parser",
      if: 'len(body) < 32768 and body startsWith "{" and body endsWith "}"',
      parse_to: json,
      on_error: "send_quiet",
    },
    { type: "remove", field: json, if: `${json} != nil and len(${json}) > 64` },
    {
      type: "severity_parser",
      if: has("level"),
      parse_from: field("level"),
      preset: "none",
      mapping: levels,
      overwrite_text: true,
      on_error: "send_quiet",
    },
    {
      type: "trace_parser",
      if: has("trace_id"),
      trace_id: { parse_from: field("trace_id") },
      span_id: { parse_from: field("span_id") },
      on_error: "send_quiet",
    },
    {
      type: "move",
      if: `${has("message")} and type(${field("message")}) == "string"`,
      from: field("message"),
      to: "body",
    },
    { type: "move", if: `${has("msg")} and type(${field("msg")}) == "string"`, from: field("msg"), to: "body" },
    ...["level", "time", "trace_id", "span_id"].map((name) => ({ type: "remove", if: has(name), field: field(name) })),
    { type: "flatten", if: `${json} != nil`, field: json },
  ];
}

/** In words, and in pino's numbers. */
const levels = {
  trace: ["trace", 10],
  debug: ["debug", 20],
  info: ["info", 30],
  warn: ["warn", "warning", 40],
  error: ["error", "err", 50],
  fatal: ["fatal", "panic", "critical", 60],
};
