import { Select, type SelectProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Model, modelsQuery } from "../pages/hub/queries.ts";

export interface ModelSelectProps
  extends Pick<SelectProps, "label" | "aria-label" | "description" | "error" | "required" | "size" | "className"> {
  value: string;
  onChange: (model: string) => void;
  /** Routes are offered as well. @default true */
  routes?: boolean;
}

/** A model out of all there are, found by typing; one that no list has can be typed whole. */
export function ModelSelect({ value, onChange, routes = true, ...input }: ModelSelectProps) {
  const { data } = useQuery(modelsQuery);
  const [search, setSearch] = useState("");
  const models = chatModels(data?.data).filter(({ owned_by: owner }) => routes || owner !== "devflow");
  const known = new Set(models.map(({ id }) => id));
  const typed = [value, search.trim()].filter(
    (one) => one !== "" && !known.has(one) && (one === value || isWhole(one)),
  );
  const groups = [...Map.groupBy(models, ({ owned_by: owner }) => (owner === "devflow" ? "Routes" : owner))];
  return (
    <Select
      placeholder={models.length === 0 ? "provider/model" : "Search models"}
      {...input}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No results. Type provider/model for one that is not listed."
      maxDropdownHeight={320}
      data={[
        ...groups.map(([group, members]) => ({ group, items: members.map(({ id }) => id) })),
        ...(typed.length > 0 ? [{ group: "As typed", items: [...new Set(typed)] }] : []),
      ]}
      value={value || null}
      onChange={(next) => next !== null && onChange(next)}
      onSearchChange={setSearch}
    />
  );
}

/** Those that answer chats: without the models of embeddings. */
export function chatModels(models: readonly Model[] | undefined): Model[] {
  return (models ?? []).filter(({ id }) => id !== "embed" && !id.startsWith("local/") && !/embed/i.test(id));
}

function isWhole(text: string): boolean {
  return /^\S+\/\S+$/.test(text);
}
