import { make, onClick } from "./page.js";

/** Menus that open and close by click and by key, and choices that fill a hidden field. */
export function startMenus() {
  for (const menu of document.querySelectorAll(".dropdown")) prepare(menu);
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".dropdown.open")) {
      if (!open.contains(event.target)) close(open);
    }
    for (const open of document.querySelectorAll(".popup-open")) {
      if (!open.contains(event.target) && !open.previousElementSibling?.contains(event.target)) hide(open);
    }
  });
  onClick(".dropdown", toggle);
  onClick(".dropdown .menu .item[data-value]", choose);
  onClick(".js-btn-clone-panel, .diff-header-popup-btn", (button) => {
    const panel = button.nextElementSibling;
    if (panel?.classList.contains("popup-open")) hide(panel);
    else show(button, panel);
  });
  onClick(".reference[data-target]", (tab, event) => {
    event.preventDefault();
    const menu = tab.closest(".menu");
    for (const list of menu?.querySelectorAll(".reference-list-menu") ?? []) {
      list.classList.toggle("tw-hidden", !list.matches(tab.dataset.target));
    }
  });
  document.addEventListener("input", filter);
  document.addEventListener("keydown", onKey);
}

function prepare(dropdown) {
  const menu = dropdown.querySelector(":scope > .menu");
  if (!menu || dropdown.classList.contains("disabled")) return;
  const opener = dropdown.querySelector(":scope > a[href], :scope > button") ?? dropdown;
  if (opener === dropdown && !dropdown.hasAttribute("tabindex")) dropdown.tabIndex = 0;
  if (opener === dropdown) dropdown.setAttribute("role", "button");
  opener.setAttribute("aria-haspopup", "true");
  opener.setAttribute("aria-expanded", "false");
  const name = dropdown.dataset.tooltipContent ?? window.config.i18n.more_items;
  if (!opener.innerText.trim()) opener.setAttribute("aria-label", name);
  for (const item of menu.querySelectorAll(".item:not(a):not(.disabled)")) item.tabIndex = 0;
  const field = dropdown.querySelector(":scope > input[type=hidden]");
  const chosen =
    field && [...menu.querySelectorAll(".item[data-value]")].find((one) => one.dataset.value === field.value);
  if (chosen) display(dropdown, chosen);
}

function toggle(dropdown, event) {
  const menu = dropdown.querySelector(":scope > .menu");
  if (!menu || dropdown.classList.contains("disabled") || menu.contains(event.target)) return;
  if (event.target.closest("a")?.getAttribute("href") === "#") event.preventDefault();
  if (dropdown.classList.contains("open")) return close(dropdown);
  dropdown.classList.add("open");
  setExpanded(dropdown, true);
  keepInSight(menu);
  menu.querySelector("input:not([type=hidden])")?.focus();
}

/** Moves a menu that would leave the window at one side. */
function keepInSight(menu) {
  menu.style.translate = "";
  const { left, right } = menu.getBoundingClientRect();
  const over = right - document.documentElement.clientWidth + 8;
  const shift = over > 0 ? -over : Math.max(8 - left, 0);
  if (shift !== 0) menu.style.translate = `${shift}px`;
}

function close(dropdown) {
  dropdown.classList.remove("open");
  setExpanded(dropdown, false);
}

function setExpanded(dropdown, open) {
  const opener = dropdown.querySelector(":scope > [aria-expanded]") ?? dropdown;
  opener.setAttribute("aria-expanded", String(open));
}

function choose(item, event) {
  const dropdown = item.closest(".dropdown");
  if (!dropdown?.classList.contains("selection") || item.classList.contains("disabled")) return;
  event.preventDefault();
  const field = dropdown.querySelector(":scope > input[type=hidden]");
  if (field) {
    field.value = item.dataset.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  display(dropdown, item);
  close(dropdown);
  dropdown.focus();
}

function display(dropdown, item) {
  const text = dropdown.querySelector(":scope > .text") ?? dropdown.insertBefore(make("span"), dropdown.firstChild);
  text.className = "text";
  text.replaceChildren(...[...item.childNodes].map((node) => node.cloneNode(true)));
}

function show(button, panel) {
  button.parentElement.style.position = "relative";
  panel.classList.replace("tippy-target", "popup-open");
  button.setAttribute("aria-expanded", "true");
  keepInSight(panel);
}

function hide(panel) {
  panel.classList.replace("popup-open", "tippy-target");
  panel.previousElementSibling?.setAttribute("aria-expanded", "false");
}

/** The field at the top of a menu leaves those items that have its words. */
function filter(event) {
  const menu = event.target.closest?.(".dropdown > .menu");
  if (!menu) return;
  const words = event.target.value.trim().toLowerCase();
  for (const item of menu.querySelectorAll(".scrolling .item")) {
    item.classList.toggle("filtered", !item.textContent.toLowerCase().includes(words));
  }
}

function onKey(event) {
  const dropdown = event.target.closest?.(".dropdown");
  if (event.key === "Escape") {
    const open = document.querySelector(".dropdown.open");
    if (open) close(open);
    for (const panel of document.querySelectorAll(".popup-open")) hide(panel);
    (open?.querySelector(":scope > [aria-expanded]") ?? open)?.focus();
    return;
  }
  if (!dropdown) return;
  const menu = dropdown.querySelector(":scope > .menu");
  const typing = event.target.matches("input, textarea, select");
  if ((event.key === "Enter" || event.key === " ") && !typing && !event.target.matches("a[href], button")) {
    event.preventDefault();
    event.target.click();
  }
  if (!dropdown.classList.contains("open") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll(".item:not(.disabled):not(.filtered)")].filter((one) => one.offsetParent);
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  next?.focus();
}
