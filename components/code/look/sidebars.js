import { during } from "./forms.js";
import { onClick } from "./page.js";

/** Labels, assignees, milestone and reviewers of an issue: chosen in a menu, sent when it closes or with the form. */
export function startSidebars() {
  for (const combo of document.querySelectorAll(".issue-sidebar-combo")) start(combo);
  onClick(".toggle-wip, [data-global-init=initPullRequestWipToggle]", toggleDraft);
}

function start(combo) {
  const menu = combo.querySelector(".menu");
  const field = combo.querySelector(".combo-value");
  const many = combo.dataset.selectionMode === "multiple";
  if (!menu || !field) return;
  const items = [...menu.querySelectorAll(".item[data-value]")];
  const before = new Set(field.value.split(",").filter(Boolean));
  for (const item of items) item.classList.toggle("checked", before.has(item.dataset.value));
  menu.addEventListener("click", (event) => {
    const item = event.target.closest(".item");
    if (!item) return;
    event.preventDefault();
    if (item.classList.contains("clear-selection")) for (const one of items) one.classList.remove("checked");
    else if (many) item.classList.toggle("checked");
    else for (const one of items) one.classList.toggle("checked", one === item && !one.classList.contains("checked"));
    const chosen = items.filter((one) => one.classList.contains("checked"));
    field.value = chosen.map((one) => one.dataset.value).join(",");
    list(chosen);
    const { updateUrl } = combo.dataset;
    if (updateUrl) during(combo, () => update(updateUrl, new Set(chosen.map((one) => one.dataset.value))));
  });

  function list(chosen) {
    const shown = combo.querySelector(":scope > .list");
    shown?.querySelector(".empty-list")?.classList.toggle("tw-hidden", chosen.length > 0);
    for (const old of shown?.querySelectorAll(".item:not(.empty-list)") ?? []) old.remove();
    for (const one of chosen) {
      const copy = one.cloneNode(true);
      copy.querySelector(".item-check-mark")?.remove();
      copy.classList.remove("checked");
      shown?.append(copy);
    }
  }

  /** One by one: Gitea adds and takes away. */
  async function update(address, now) {
    if (!many || combo.dataset.updateAlgo !== "diff") {
      await post(address, { id: [...now].join(",") });
    } else {
      for (const id of now) if (!before.has(id)) await post(address, { action: "attach", id });
      for (const id of before) if (!now.has(id)) await post(address, { action: "detach", id });
    }
    before.clear();
    for (const id of now) before.add(id);
  }
}

async function post(address, fields) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(`Gitea answered ${answer.status}.`);
}

async function toggleDraft(button) {
  const holder = button.closest("[data-update-url]") ?? button;
  const { title = "", wipPrefix = "", updateUrl } = holder.dataset;
  const is = title.startsWith(wipPrefix);
  const next = is ? title.slice(wipPrefix.length).trim() : `${wipPrefix.trim()} ${title}`;
  await during(holder, async () => {
    await post(updateUrl, { title: next });
    location.reload();
  });
}
