import { make, onClick, send } from "./page.js";

/** Forms and buttons that Gitea answers with an address to go to, and parts of a page that they show and hide. */
export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.form-fetch-action")) return;
    event.preventDefault();
    submit(form, event.submitter);
  });
  onClick(".link-action", act);
  onClick(".show-panel", (button) =>
    panels(button, (panel) => panel.classList.toggle("tw-hidden", panel !== undefined && shows(button, panel))),
  );
  onClick(".hide-panel", (button, event) => {
    event.preventDefault();
    panels(button, (panel) => panel.classList.add("tw-hidden"));
  });
  onClick("#issue-title-edit-show", () => editTitle(true));
  onClick("#issue-title-editor .cancel", () => editTitle(false));
  document.addEventListener("submit", saveTitle);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea")) return;
    event.target.form?.requestSubmit(event.target.form.querySelector(".primary.button"));
  });
  for (const button of document.querySelectorAll("#status-button")) statusOf(button);
}

async function submit(form, submitter) {
  if (form.classList.contains("is-loading")) return;
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const address = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  const method = (form.getAttribute("method") ?? "get").toUpperCase();
  const read = method === "GET";
  if (read) address.search = new URLSearchParams(body).toString();
  await during(form, () => send(address, read ? undefined : body, method));
}

/** A button or link that stands for a form without fields. */
async function act(link, event) {
  event.preventDefault();
  const sure = link.dataset.modalConfirm ?? link.getAttribute("data-modal-confirm-content");
  if (sure && !(document.querySelector(sure.startsWith("#") ? sure : null) ?? window.confirm(sure))) return;
  await during(link, () => send(link.dataset.url ?? link.href, undefined, "POST"));
}

/** @param {() => Promise<void>} work; what it throws is shown beside where it began */
export async function during(place, work) {
  place.parentElement?.querySelector(":scope > .look-error")?.remove();
  place.classList.add("is-loading");
  place.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    const note = make("div", { className: "ui negative message look-error", textContent: error.message });
    note.setAttribute("role", "alert");
    place.before(note);
    note.scrollIntoView({ block: "nearest" });
  } finally {
    place.classList.remove("is-loading");
    place.removeAttribute("aria-busy");
  }
}

function panels(button, change) {
  const selector = button.dataset.panel;
  for (const panel of selector ? document.querySelectorAll(selector) : []) change(panel);
}

/** Whether the panel is there now, so that a toggle hides it. */
function shows(button, panel) {
  return button.classList.contains("toggle") && !panel.classList.contains("tw-hidden");
}

function editTitle(on) {
  document.querySelector("#issue-title-display")?.classList.toggle("tw-hidden", on);
  document.querySelector("#issue-title-editor")?.classList.toggle("tw-hidden", !on);
  document.querySelector("#pull-desc-display")?.classList.toggle("tw-hidden", on);
  document.querySelector("#pull-desc-editor")?.classList.toggle("tw-hidden", !on);
  if (on) document.querySelector("#issue-title-editor input")?.focus();
}

async function saveTitle(event) {
  if (event.target.id !== "issue-title-editor") return;
  event.preventDefault();
  const { updateUrl } = event.target.querySelector("[data-update-url]").dataset;
  const body = new FormData(event.target);
  await during(event.target, () => send(updateUrl, body));
}

/** "Close" becomes "Close with comment" as soon as there is one. */
function statusOf(button) {
  const field = button.form?.querySelector("textarea[name=content]");
  const text = button.querySelector(".status-button-text");
  field?.addEventListener("input", () => {
    text.textContent = field.value.trim() === "" ? button.dataset.status : button.dataset.statusAndComment;
  });
}
