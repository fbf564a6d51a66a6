/* Keeps the status fresh: asks for the server's own rendering every two seconds, and says so when nobody answers. */
const view = document.getElementById("status");
const offline = document.getElementById("offline");
const every = 2000;
let seen = Date.now();

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/api/platform/status", {
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(5000),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    seen = Date.now();
    offline.hidden = true;
    view.classList.remove("stale");
  } catch {
    const age = Math.round((Date.now() - seen) / 1000);
    offline.textContent = `The platform does not answer. What you see is ${age} s old; it is asked again every 2 s.`;
    offline.hidden = false;
    view.classList.add("stale");
  }
}

function show(markup) {
  const focused = document.activeElement?.id;
  view.innerHTML = markup;
  if (focused) document.getElementById(focused)?.focus();
}

setInterval(refresh, every);
document.addEventListener("visibilitychange", refresh);
