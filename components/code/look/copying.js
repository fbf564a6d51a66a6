import { announce, onClick } from "./page.js";

/** Buttons that copy: a text of their own, another element's, or a whole file. */
export function startCopying() {
  onClick("[data-clipboard-text]", (button) => {
    const { clipboardText = "", clipboardTextType } = button.dataset;
    copy(clipboardTextType === "url" ? new URL(clipboardText, location.href).href : clipboardText);
  });
  onClick("[data-clipboard-target]", (button) => {
    const target = document.querySelector(button.dataset.clipboardTarget);
    if (target) copy(target.value ?? target.textContent);
  });
  onClick("[data-global-click=onCopyContentButtonClick]", async (button, event) => {
    event.preventDefault();
    if (button.classList.contains("disabled")) return;
    const address = button.dataset.rawFileLink ?? document.querySelector("[data-raw-file-link]")?.dataset.rawFileLink;
    if (address) copy(await (await fetch(address)).text());
  });
  onClick(".fold-file", (button) => {
    const box = button.closest("[data-folded], .diff-file-box");
    box.dataset.folded = String(box.dataset.folded !== "true");
  });
}

async function copy(text) {
  const { i18n } = window.config;
  try {
    await navigator.clipboard.writeText(text);
    announce(i18n.copy_success);
  } catch {
    announce(i18n.copy_error);
  }
}
