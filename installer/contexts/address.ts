import { DevflowError } from "../../components/error.ts";

/**
 * The origin of a platform as somebody typed it: `dev.example.com`, `https://dev.example.com/o/acme/overview`. A key goes
 * there, so it is https unless it is this machine.
 *
 * @throws DevflowError USAGE
 */
export function platformAddress(typed: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `${isLocal(typed) ? "http" : "https"}://${typed}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (why: string) =>
    new DevflowError("USAGE", `${JSON.stringify(typed)} is not the address of a platform: ${why}.`, {
      hint: "Give it as your browser shows it, such as https://dev.example.com.",
      docs: "command-line",
    });
  if (!url) throw wrong("it is no address");
  if (url.username !== "" || url.password !== "") throw wrong("a name or password does not belong there");
  if (url.protocol === "http:" && !isLocal(url.host)) throw wrong("a key would be sent without encryption; use https");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("it is neither https nor http");
  return url.origin;
}

function isLocal(host: string): boolean {
  return /^([a-z0-9-]+\.)*localhost(:\d+)?($|\/)|^127(\.\d+){3}(:\d+)?($|\/)|^\[::1\](:\d+)?($|\/)/i.test(host);
}

/** Its host as the name of a context; a port sets two of one host apart. */
export function nameOf(address: string): string {
  const { hostname, port } = new URL(address);
  return `${hostname.replace(/[[\]]/g, "").replaceAll(":", "-")}${port ? `-${port}` : ""}`.slice(0, 63);
}
