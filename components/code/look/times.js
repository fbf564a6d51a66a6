const units = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** `<relative-time>` and `<absolute-date>`: in the viewer's words and zone, the whole time on hover. */
export function startTimes() {
  customElements.define("relative-time", RelativeTime);
  customElements.define("absolute-date", AbsoluteDate);
}

class RelativeTime extends HTMLElement {
  connectedCallback() {
    const at = new Date(this.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) return;
    const lang = document.documentElement.lang || undefined;
    this.title ||= at.toLocaleString(lang);
    this.textContent = this.getAttribute("format") === "datetime" ? this.written(at, lang) : since(at, lang);
  }

  written(at, lang) {
    const parts = ["weekday", "year", "month", "day", "hour", "minute", "second"];
    const options = Object.fromEntries(parts.flatMap((part) => this.option(part)));
    return at.toLocaleString(lang, options);
  }

  option(part) {
    const value = this.getAttribute(part);
    return value ? [[part, value]] : [];
  }
}

class AbsoluteDate extends HTMLElement {
  connectedCallback() {
    const at = new Date(`${this.getAttribute("date")}`);
    if (Number.isNaN(at.getTime())) return;
    this.textContent = at.toLocaleDateString(document.documentElement.lang || undefined, { dateStyle: "medium" });
  }
}

function since(at, lang) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  const words = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return words.format(Math.trunc(seconds / length), unit);
}
