import { type Html, html } from "../../kit/html.ts";

/** The organisation that something is agreed to for: a choice where the person has several. The page's script follows it. */
export function organisationChoice(
  current: string,
  organisations: readonly { id: string; name: string }[],
): Html | string | undefined {
  const [only] = organisations;
  if (organisations.length < 2) return only?.name;
  return html`<select id="organisation" name="organisation">${organisations.map(
    ({ id, name }) => html`<option value="${id}"${id === current ? html` selected` : ""}>${name}</option>`,
  )}</select>`;
}
