/** `node health.ts [url]`: ends with 0 when the address answers well. By itself it asks the services whether they can serve. */
const url = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT ?? 4401}/readyz`;
try {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(4000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
