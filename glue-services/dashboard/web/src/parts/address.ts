import { useNavigate, useSearch } from "@tanstack/react-router";

/** A part of the page's state that stands in its address, so that it can be shared and is kept by back and forward. */
export function useAddress(key: string): [string, (value: string | undefined, how?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const value = search[key];
  return [
    value === undefined ? "" : String(value),
    (next, { push = false } = {}) =>
      void navigate({
        to: ".",
        search: ((before: Record<string, unknown>) => ({ ...before, [key]: next || undefined })) as never,
        replace: !push,
        resetScroll: false,
      }),
  ];
}

/** Whether a page's dialog for something new is open; its address opens it too, as the command palette does. */
export function useNewDialog(): [boolean, (open: boolean) => void] {
  const [value, setValue] = useAddress("new");
  return [value !== "", (open) => setValue(open ? "1" : undefined)];
}
