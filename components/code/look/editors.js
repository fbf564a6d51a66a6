import { onClick } from "./page.js";

const marks = {
  "MD-BOLD": ["**", "**"],
  "MD-ITALIC": ["_", "_"],
  "MD-STRIKETHROUGH": ["~~", "~~"],
  "MD-CODE": ["`", "`"],
  "MD-LINK": ["[", "](url)"],
  "MD-HEADER": ["### ", ""],
  "MD-QUOTE": ["> ", ""],
  "MD-UNORDERED-LIST": ["- ", ""],
  "MD-ORDERED-LIST": ["1. ", ""],
  "MD-TASK-LIST": ["- [ ] ", ""],
};

/** The Markdown editor: its tabs, its preview and its marks; and editing a comment in its place. */
export function startEditors() {
  onClick(".combo-markdown-editor [data-tab-for]", show);
  onClick("markdown-toolbar > * > *", mark);
  onClick(".edit-content", edit);
  onClick(".quote-reply", quote);
  for (const tool of document.querySelectorAll("markdown-toolbar > * > *")) {
    tool.setAttribute("role", "button");
    tool.setAttribute("aria-label", tool.dataset.tooltipContent ?? "");
    tool.tabIndex = 0;
  }
}

async function show(tab) {
  const editor = tab.closest(".combo-markdown-editor");
  for (const one of editor.querySelectorAll("[data-tab-for]")) one.classList.toggle("active", one === tab);
  for (const panel of editor.querySelectorAll("[data-tab-panel]")) {
    panel.classList.toggle("active", panel.dataset.tabPanel === tab.dataset.tabFor);
  }
  const panel = editor.querySelector("[data-tab-panel=markdown-previewer]");
  if (!panel.classList.contains("active")) return;
  const body = new FormData();
  body.append("mode", editor.dataset.contentMode || "comment");
  body.append("context", editor.dataset.previewContext ?? "");
  body.append("text", editor.querySelector("textarea").value);
  const answer = await fetch(editor.dataset.previewUrl, { method: "POST", body });
  panel.classList.add("markup");
  // Gitea cleans what it renders, here as in every comment.
  if (answer.ok) panel.innerHTML = await answer.text();
  else panel.textContent = `The preview failed (${answer.status}).`;
}

function mark(tool, event) {
  const found = marks[tool.tagName];
  if (!found) return;
  event.preventDefault();
  const field = tool.closest(".combo-markdown-editor").querySelector("textarea");
  const [before, after] = found;
  const { selectionStart: from, selectionEnd: to, value } = field;
  field.setRangeText(`${before}${value.slice(from, to)}${after}`, from, to, "end");
  if (from === to && after) field.selectionStart = field.selectionEnd = from + before.length;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** The comment's text in an editor, in the place of the comment. */
function edit(item) {
  const comment = item.closest(".comment-container, .comment");
  const zone = comment.querySelector(".edit-content-zone");
  const shown = comment.querySelector(".render-content");
  if (zone.childElementCount === 0) {
    zone.append(document.querySelector("#issue-comment-editor-template").content.cloneNode(true));
    zone.querySelector(".cancel").addEventListener("click", () => finish());
    zone.querySelector("form").addEventListener("submit", save);
  }
  const field = zone.querySelector("textarea");
  field.value = comment.querySelector(".raw-content").textContent;
  shown.classList.add("tw-hidden");
  zone.classList.remove("tw-hidden");
  field.focus();

  function finish() {
    zone.classList.add("tw-hidden");
    shown.classList.remove("tw-hidden");
  }

  async function save(event) {
    event.preventDefault();
    const body = new FormData();
    body.append("content", field.value);
    body.append("context", zone.dataset.context);
    body.append("content_version", zone.dataset.contentVersion);
    const answer = await fetch(zone.dataset.updateUrl, { method: "POST", body });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      field.setCustomValidity(said.errorMessage ?? `Gitea answered ${answer.status}.`);
      field.reportValidity();
      return;
    }
    comment.querySelector(".raw-content").textContent = field.value;
    zone.dataset.contentVersion = said.contentVersion;
    shown.innerHTML = said.content;
    finish();
  }
}

function quote(item) {
  const text = document.getElementById(item.dataset.target)?.textContent ?? "";
  const field = document.querySelector("#comment-form textarea");
  if (!field) return;
  field.value += `${text.trim().replaceAll(/^/gm, "> ")}\n\n`;
  field.focus();
}
