import { during } from "./forms.js";
import { make, onClick, send } from "./page.js";

/** Merging in the way that is chosen, and bringing a branch up to date. */
export function startPullRequests() {
  const place = document.querySelector("#pull-request-merge-form");
  const given = window.config.pageData.pullRequestMergeForm;
  if (place && given) mergeForm(place, given);
  onClick("#update-pr-branch-with-base [data-do]", (button) => during(button, () => send(button.dataset.do)));
  waitForCheck();
}

function mergeForm(place, given) {
  const styles = given.mergeStyles.filter(({ allowed }) => allowed);
  if (styles.length === 0) return;
  const title = make("input", { name: "merge_title_field" });
  const message = make("textarea", { name: "merge_message_field", placeholder: given.mergeMessageFieldPlaceHolder });
  const commit = make("input", { name: "merge_commit_id", placeholder: given.textMergeCommitId });
  const texts = make("div", { className: "merge-form" }, title, message);
  const style = make("select", { name: "do" });
  for (const { name, textDoMerge } of styles) style.append(make("option", { value: name, textContent: textDoMerge }));
  if (styles.some(({ name }) => name === given.defaultMergeStyle)) style.value = given.defaultMergeStyle;
  const button = make("button", { className: "ui primary button" });
  const form = make("form", {
    className: "merge-form form-fetch-action",
    method: "post",
    action: `${given.baseLink}/merge`,
  });
  title.setAttribute("aria-label", given.mergeMessageFieldPlaceHolder);
  message.setAttribute("aria-label", given.mergeMessageFieldPlaceHolder);
  style.setAttribute("aria-label", "Merge style");
  form.append(make("input", { type: "hidden", name: "head_commit_id", value: given.pullHeadCommitID }), texts, commit);
  if (given.isPullBranchDeletable) form.append(deletion());
  form.append(make("div", { className: "row" }, button, style));
  if (!given.canMergeNow && !given.hasPendingPullRequestMerge) {
    form.append(make("input", { type: "hidden", name: "merge_when_checks_succeed", value: "true" }));
  }
  style.addEventListener("change", adapt);
  adapt();
  place.replaceChildren(form);
  if (given.hasPendingPullRequestMerge) place.append(pending());

  function adapt() {
    const chosen = styles.find(({ name }) => name === style.value) ?? styles[0];
    texts.hidden = Boolean(chosen.hideMergeMessageTexts);
    title.value = chosen.mergeTitleFieldText ?? "";
    message.value = chosen.mergeMessageFieldText ?? "";
    commit.hidden = chosen.name !== "manually-merged";
    button.textContent = given.canMergeNow ? chosen.textDoMerge : given.textAutoMergeButtonWhenSucceed;
  }

  function deletion() {
    const box = make("input", {
      type: "checkbox",
      name: "delete_branch_after_merge",
      value: "true",
      checked: given.defaultDeleteBranchAfterMerge,
    });
    return make("label", {}, box, ` ${given.textDeleteBranch}`);
  }

  function pending() {
    const cancel = make("button", { className: "ui button", textContent: given.textAutoMergeCancelSchedule });
    cancel.addEventListener("click", () => during(cancel, () => send(`${given.baseLink}/cancel_auto_merge`)));
    return cancel;
  }
}

/** Gitea finds out whether it can be merged after the page was made; the box is asked for again until it knows. */
function waitForCheck() {
  const box = document.querySelector("[data-pull-merge-box-reloading-interval]");
  const pause = Number(box?.dataset.pullMergeBoxReloadingInterval);
  if (pause > 0) setTimeout(() => location.reload(), Math.max(pause, 1000));
}
