/** Values that no sensible client sends. Each is legal JSON, or text that is put where JSON should be. */
export const hostile: readonly unknown[] = [
  ...["\u0000", "a\u0000b", "\ud800", "x\udfff", "\u202e", "\ufeff", "", " ", "a".repeat(70_000), "🏴".repeat(3000)],
  ...["'; drop table x; --", "{{7*7}}", "<script>", "a\r\nset-cookie: a=b", "(a+)+$", "%", "*".repeat(40)],
  ...["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "%c0%ae%c0%ae/", "..\\..\\x", "/", "//evil.example", "."],
  ...["9".repeat(400), "1e999", "-0", "NaN", "null", "0x10", "00000000-0000-0000-0000-000000000000", "{}", "[]"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "javascript:alert(1)", "http://[::ffff:7f00:1]:1/"],
  ...["0001-01-01T00:00:00Z", "+275760-09-13T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-13-45", "-000001-01-01"],
  ...[-1, 0, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, Number.MIN_VALUE, true, false, null],
  ...[[], {}, [[]], [null], { a: null }, [""], { "": "" }, { constructor: {} }, ["\u0000"], { "\u0000": "\u0000" }],
  ...[{ toString: null, valueOf: null }, { length: -1 }, Array(5000).fill(0), deep(200)],
];

/** Bodies that are no value in place of another. */
export const rawBodies: readonly string[] = [
  ...["", "{", "null", "[]", '"x"', "1e999", '{"a":1e999}', '{"__proto__":{"x":1}}', "\u0000", '{"a":"\\ud800"}'],
  ...['{"a":1,"a":2}', '\ufeff{"a":1}', "{'a':1}", `{"a":${"9".repeat(5000)}}`, '{"constructor":{"prototype":{}}}'],
  ...[`${"[".repeat(20_000)}${"]".repeat(20_000)}`, `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`],
];

/** What a body says it is when it is something else. */
export const contentTypes: readonly string[] = [
  ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x"],
  ...["application/xml", "application/json; charset=utf-16", "application/octet-stream", "nothing", "a/b; c="],
];

/** Headers that a host reads by itself, or a proxy adds. */
export const hostileHeaders: readonly Record<string, string>[] = [
  ...[{ host: "evil.example" }, { host: "[::1" }, { "x-forwarded-host": "evil.example" }, { origin: "null" }],
  ...[{ "x-forwarded-for": "a, , 999.1.1.1" }, { "x-forwarded-proto": "gopher" }, { traceparent: "00-zz-zz-01" }],
  ...[{ accept: "*/*;q=nothing" }, { "accept-language": "é".repeat(500) }, { range: "bytes=9-1" }],
  ...[{ cookie: "a=%ZZ; ;; =; __proto__=x" }, { "x-devflow-organisation": "../x" }, { "last-event-id": "-1e999" }],
  ...[{ "if-none-match": '"' }, { "content-encoding": "gzip" }, { "accept-encoding": "br;q=1e999, *;q=0" }],
  ...[{ "mcp-session-id": "x".repeat(5000) }, { "mcp-protocol-version": "9999-99-99" }, { "x-api-key": "dfk_\u00ff" }],
];

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < levels; at++) value = at % 2 ? [value] : { a: value };
  return value;
}
