/** Calls `react` with the element that matches, for clicks on it and on what stands in it, now or later. */
export function onClick(selector, react) {
  document.addEventListener("click", (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) react(found, event);
  });
}

/** An element; texts are only ever texts. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Says something for a moment, also to screen readers. */
export function announce(text) {
  document.querySelector(".look-done")?.remove();
  const note = make("output", { className: "look-done", textContent: text });
  document.body.append(note);
  setTimeout(() => note.remove(), 4000);
}

/**
 * Sends a form to Gitea, which answers with where to go or with what is wrong.
 *
 * @returns {Promise<void>} the page is left when it went well
 * @throws {Error} with Gitea's own words
 */
export async function send(address, body, method = "POST") {
  const answer = await fetch(address, { method, body, headers: { accept: "application/json" } });
  const text = await answer.text();
  const said = parse(text);
  if (!answer.ok) throw new Error(plain(said?.errorMessage ?? said?.message) || `Gitea answered ${answer.status}.`);
  if (typeof said?.redirect === "string" && said.redirect !== "") return go(said.redirect);
  if (answer.redirected) return go(answer.url);
  location.reload();
}

/** Leaves for an address of this Gitea; another place on the same page is loaded anew. */
export function go(address) {
  const to = new URL(address, location.href);
  if (to.origin !== location.origin) throw new Error("Gitea wanted to leave for another site.");
  const same = to.pathname === location.pathname && to.search === location.search;
  location.href = to.href;
  if (same) location.reload();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Gitea's messages may have tags in them. */
function plain(message) {
  return message && new DOMParser().parseFromString(String(message), "text/html").body.textContent;
}
