import { useQuery } from "@tanstack/react-query";
import { useMay, useMe } from "../../api/session.ts";
import { KeyPage } from "../../parts/key-page.tsx";
import { NewVirtualKey } from "./new-key.tsx";
import { virtualKeysQuery } from "./queries.ts";

/** Keys that programs call models with. */
export function HubKeys() {
  const query = useQuery(virtualKeysQuery);
  const manage = useMay("ai:manage");
  const me = useMe();
  // A person may make keys for themselves.
  const own = useMay("ai:run") && Boolean(me?.person);
  return (
    <KeyPage
      title="Model keys"
      name="model keys"
      lead="Programs call models with these. Providers’ own keys never leave the gateway."
      query={query}
      queryKey={virtualKeysQuery.queryKey}
      manage={manage || own}
      mayRevoke={({ personal, createdBy }) => manage || (personal && createdBy === me?.person)}
      why={
        manage
          ? undefined
          : own
            ? "Keys that you create are your own: their calls count against your budgets."
            : "Creating keys needs the permission ai:run; ask an administrator."
      }
      path="/api/ai/keys"
      may={{
        id: "models",
        title: "May use",
        optional: true,
        value: ({ models }) => models.join(" ") || "everything",
        cell: ({ models }) => (models.length > 0 ? <code className="clip">{models.join(" ")}</code> : "everything"),
      }}
      empty={{
        title: "No model key yet",
        text: (
          <>
            A program uses it in place of OpenAI’s or Anthropic’s key, with{" "}
            <code>{`${window.location.origin}/v1`}</code> as the address. Budgets and limits hold for each key.
          </>
        ),
      }}
      revoked={{
        text: "Programs that use it are refused at once. Its usage stays. It cannot be given back.",
        command: ({ start }) => `./devflow hub keys revoke ${start}`,
      }}
      form={(onClose) => <NewVirtualKey own={!manage} onClose={onClose} />}
    />
  );
}
