import { createSpotlight } from "@mantine/spotlight";

export const [paletteStore, palette] = createSpotlight();

export function openPalette(): void {
  palette.open();
}

/** Selects the first action as Spotlight does at each letter, which it gives no way to ask for: by an attribute. */
export function selectFirst(): void {
  const { listId } = paletteStore.getState();
  const actions = document.getElementById(listId)?.querySelectorAll("[data-action]") ?? [];
  for (const action of actions) action.removeAttribute("data-selected");
  actions[0]?.setAttribute("data-selected", "true");
  paletteStore.updateState((state) => ({ ...state, selected: actions.length > 0 ? 0 : -1 }));
}
