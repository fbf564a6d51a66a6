import { during } from "./forms.js";
import { make, onClick, send } from "./page.js";

/** Dialogs that ask before something is done, and those that hold a form. */
export function startDialogs() {
  onClick(".delete-button", (button, event) => {
    event.preventDefault();
    const id = button.dataset.modalId ?? button.getAttribute("id");
    const modal =
      (button.dataset.modalId && document.getElementById(id)) ??
      document.querySelector(button.dataset.modal ?? ".g-modal-confirm.delete.modal");
    if (!modal) return;
    fill(modal, button);
    open(modal, button, () => remove(button, modal));
  });
  onClick(".show-modal", (button, event) => {
    const modal = document.querySelector(button.dataset.modal);
    if (!modal) return;
    event.preventDefault();
    fill(modal, button);
    open(modal, button);
  });
  onClick(".delete-comment", async (item) => {
    if (!window.confirm(item.dataset.locale)) return;
    await during(item.closest(".comment-header"), () => send(item.dataset.url));
  });
}

/** In a dialog of the browser, which keeps the focus in it and gives it back. */
function open(modal, opener, onOk) {
  const place = make("span", { hidden: true });
  modal.before(place);
  const dialog = make("dialog", { className: "look-dialog" }, modal);
  dialog.setAttribute("aria-label", modal.querySelector(".header")?.textContent.trim() ?? "");
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    place.replaceWith(modal);
    dialog.remove();
    opener.focus();
  });
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest(".actions .button");
    if (event.target === dialog || button?.classList.contains("cancel")) {
      event.preventDefault();
      dialog.close();
    } else if (button?.classList.contains("ok") && onOk) {
      event.preventDefault();
      during(modal.querySelector(".actions"), onOk);
    }
  });
  dialog.showModal();
}

function remove(button, modal) {
  const form =
    modal.querySelector("form") ?? (button.dataset.type === "form" && document.querySelector(button.dataset.form));
  if (form) return form.requestSubmit();
  const body = new FormData();
  for (const [name, value] of Object.entries(button.dataset)) {
    if (name === "id" || name.startsWith("data")) body.append(name.replace(/^data/, "").toLowerCase() || "id", value);
  }
  if (button.dataset.id !== undefined) body.set("id", button.dataset.id);
  return send(button.dataset.url, body);
}

/** `data-modal-NAME` of the button is for the field or text NAME of the dialog, `.action` and the like for what they name. */
function fill(modal, button) {
  for (const { name, value } of button.attributes) {
    const target = /^data-modal-(.+)$/.exec(name)?.[1];
    if (!target || target === "id") continue;
    const [part = "", property] = target.split(".");
    const element =
      modal.querySelector(`#${CSS.escape(part)}`) ??
      modal.querySelector(`[name="${CSS.escape(part)}"]`) ??
      modal.querySelector(`.${CSS.escape(part)}`) ??
      (modal.matches(part) ? modal : modal.querySelector(CSS.escape(part)));
    if (!element) continue;
    if (property) element.setAttribute(property, value);
    else if (element.matches("input[type=checkbox]")) element.checked = value === "true";
    else if (element.matches("input, textarea")) element.value = value;
    else element.textContent = value;
  }
  for (const name of modal.querySelectorAll(".name")) name.textContent = button.dataset.name ?? name.textContent;
}
