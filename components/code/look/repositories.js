import { make, onClick } from "./page.js";

/** Clone addresses, the choice of branch, the lists that Gitea's own frontend would fill. */
export function startRepositories() {
  onClick(".repo-clone-https, .repo-clone-ssh, .repo-clone-tea", (button) => cloneBy(button.dataset.link));
  const first = document.querySelector(".repo-clone-https, .repo-clone-ssh");
  if (first) cloneBy(first.dataset.link);
  for (const place of document.querySelectorAll("[data-global-init=initRepoBranchTagSelector]")) branches(place);
  const list = document.querySelector("#dashboard-repo-list");
  if (list) repositories(list);
  for (const box of document.querySelectorAll("[hx-trigger=load][hx-post]")) lastCommits(box);
}

function cloneBy(link) {
  for (const place of document.querySelectorAll(".js-clone-url")) {
    if (place.matches("input")) place.value = link;
    else place.textContent = link;
  }
}

/** Branches are asked for when the menu is opened first. */
function branches(place) {
  const { currentRepoLink, currentTreePath = "", refLinkTemplate } = place.dataset;
  const dropdown = place.querySelector(".dropdown");
  if (!dropdown || !refLinkTemplate) return;
  const field = make("input", { placeholder: place.dataset.textFilterBranch });
  field.setAttribute("aria-label", place.dataset.textFilterBranch);
  const all = make("div", { className: "scrolling menu" });
  dropdown.append(make("div", { className: "menu" }, field, all));
  dropdown.tabIndex = 0;
  dropdown.setAttribute("role", "button");
  dropdown.setAttribute("aria-expanded", "false");
  dropdown.addEventListener("click", load, { once: true });

  async function load() {
    for (const [type, path] of [
      ["branch", "branches"],
      ["tag", "tags"],
    ]) {
      const answer = await fetch(`${currentRepoLink}/${path}/list`, { headers: { accept: "application/json" } });
      if (!answer.ok) continue;
      const { results } = await answer.json();
      for (const name of results ?? [])
        all.append(make("a", { className: "item", href: address(type, name), textContent: name }));
    }
  }

  function address(type, name) {
    const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");
    return refLinkTemplate
      .replace("{RepoLink}", currentRepoLink)
      .replace("{RefType}", type)
      .replace("{RefShortName}", encoded(name))
      .replace("{TreePath}", encoded(currentTreePath));
  }
}

async function repositories(place) {
  const given = window.config.pageData.dashboardRepoList ?? {};
  const { appSubUrl } = window.config;
  const head = make(
    "h4",
    { className: "ui top attached header" },
    make("span", { textContent: given.textMyRepos ?? "" }),
  );
  head.append(
    make("a", {
      href: `${appSubUrl}/repo/create`,
      className: "ui tiny primary button",
      textContent: given.textNewRepo ?? "+",
    }),
  );
  const list = make("div", { className: "ui attached segment" });
  place.replaceChildren(head, list);
  const query = new URLSearchParams({ sort: "updated", order: "desc", limit: "15", uid: given.uid ?? "" });
  const answer = await fetch(`${appSubUrl}/repo/search?${query}`);
  if (!answer.ok) return list.append(`Gitea answered ${answer.status}.`);
  const { data } = await answer.json();
  const links = data.map(({ repository }) =>
    make("li", {}, make("a", { href: repository.link, textContent: repository.full_name })),
  );
  list.append(links.length === 0 ? (given.textNoRepo ?? "") : make("ul", { className: "look-repositories" }, ...links));
}

/** Of large folders Gitea sends the last commits afterwards. */
async function lastCommits(box) {
  const answer = await fetch(box.getAttribute("hx-post"), { method: "POST" });
  if (answer.ok) box.outerHTML = await answer.text();
}
