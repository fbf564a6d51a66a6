/** Rules of a robots.txt for this crawler, in the order of the file (RFC 9309). */
export interface ReadRobots {
  rules: RobotsRule[];
  /** Seconds between two requests; 0 where none are asked for. */
  delay: number;
  sitemaps: string[];
}

export interface RobotsRule {
  allow: boolean;
  /** Beginning of a path; `*` stands for anything, `$` at its end for the path's end. */
  path: string;
}

/** The crawler's product token. */
export const robotsName = "DevFlow-Knowledge";
export const noRobots: ReadRobots = { rules: [], delay: 0, sitemaps: [] };
/** What is taken of one file: far more than any site has, and little enough that each address is weighed quickly. */
const most = { bytes: 512 * 1024, rules: 10_000, path: 2000, sitemaps: 500 };

/** Records of the groups that name this crawler, else of those for all. */
export function readRobots(body: Uint8Array): ReadRobots {
  const text = new TextDecoder().decode(body.subarray(0, most.bytes));
  const [own, all]: [ReadRobots, ReadRobots] = [emptyRobots(), emptyRobots()];
  const sitemaps: string[] = [];
  let named = false;
  let groups: ReadRobots[] = [];
  let naming = false;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, key = "", value = ""] = /^\s*([A-Za-z-]+)\s*:([^#]*)/.exec(line) ?? [];
    const said = value.trim();
    switch (key.toLowerCase()) {
      case "user-agent": {
        if (!naming) groups = [];
        naming = true;
        const group = isOurs(said) ? own : said === "*" ? all : undefined;
        if (group === own) named = true;
        if (group && !groups.includes(group)) groups.push(group);
        continue;
      }
      case "allow":
      case "disallow": {
        const rule = { allow: key.toLowerCase() === "allow", path: encoded(said) };
        if (said !== "" && said.length <= most.path)
          for (const { rules } of groups) if (rules.length < most.rules) rules.push(rule);
        break;
      }
      case "crawl-delay":
        if (Number(said) > 0) for (const group of groups) group.delay = Number(said);
        break;
      case "sitemap":
        if (said && sitemaps.length < most.sitemaps) sitemaps.push(said);
        continue;
      default:
        continue;
    }
    naming = false;
  }
  return { ...(named ? own : all), sitemaps };
}

function emptyRobots(): ReadRobots {
  return { rules: [], delay: 0, sitemaps: [] };
}

/** `DevFlow-Knowledge/1.0` names it too. */
function isOurs(agent: string): boolean {
  return /^[A-Za-z_-]+/.exec(agent)?.[0].toLowerCase() === robotsName.toLowerCase();
}

/** The longest rule that fits decides; of two as long, the one that allows. */
export function allowsPath(rules: readonly RobotsRule[], path: string): boolean {
  const asked = encoded(path);
  let best: RobotsRule | undefined;
  for (const rule of rules) {
    const longer = rule.path.length - (best?.path.length ?? -1);
    if ((longer > 0 || (longer === 0 && rule.allow)) && fits(rule.path, asked)) best = rule;
  }
  return best?.allow ?? true;
}

/** Each part is looked for after the one before it, so a rule costs no more than the path is long, whatever it holds. */
function fits(rule: string, path: string): boolean {
  const ends = rule.endsWith("$");
  const [first = "", ...parts] = (ends ? rule.slice(0, -1) : rule).split("*");
  if (!path.startsWith(first)) return false;
  const last = ends ? parts.pop() : undefined;
  let at = first.length;
  for (const part of parts) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  if (!ends) return true;
  return last === undefined ? at === path.length : path.length - last.length >= at && path.endsWith(last);
}

/** One spelling of what may be written in several: `ü` and `%c3%bc` are `%C3%BC`. */
function encoded(path: string): string {
  return path
    .toWellFormed()
    .replace(/[^\x21-\x7e]+/g, encodeURIComponent)
    .replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());
}
