let count = 0;

/** Names for what has only a picture, and labels that belong to the field beside them: by voice, by key, by a click. */
export function startNames() {
  for (const element of document.querySelectorAll("[data-tooltip-content]")) {
    const name = element.dataset.tooltipContent || element.title;
    if (!name) continue;
    element.title ||= name;
    if (element.matches("a, button, [role=button]") && element.textContent.trim() === "") {
      element.setAttribute("aria-label", name);
    }
  }
  for (const label of document.querySelectorAll("label:not([for])")) {
    const field = label.parentElement?.querySelector(
      ":scope > input:not([type=hidden]), :scope > textarea, :scope > select",
    );
    if (!field || label.control) continue;
    count += 1;
    field.id ||= `field-${count}`;
    label.htmlFor = field.id;
  }
}
