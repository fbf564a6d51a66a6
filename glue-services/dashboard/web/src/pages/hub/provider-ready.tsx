import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { Failure } from "../../parts/answers.tsx";
import { ModelSelect } from "../../parts/model-select.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { type Checked, routesQuery, stateWords } from "./queries.ts";

/** What follows a provider that was saved: how it is, and the route by which programs ask for it. */
export function ProviderReady({ name, checked }: { name: string; checked: Checked }) {
  const client = useQueryClient();
  const routes = useQuery(routesQuery).data;
  const [model, setModel] = useState(checked.models[0] ? `${name}/${checked.models[0]}` : "");
  const [error, setError] = useState<Error>();
  const smart = routes?.find((route) => route.name === "smart");
  const works = checked.state === "answers";
  return (
    <div className="stack">
      <p>
        <StateMark state={checked.state} label={`${name}: ${stateWords[checked.state]}`} />
        {checked.said && <span className="quiet"> {checked.said}</span>}
      </p>
      {works && smart && (
        <p>
          Programs ask for <code>smart</code>, which is <code>{smart.targets[0]?.model}</code>
          {smart.targets.length > 1 && " with others behind it"}, or for <code>{name}/model</code>.{" "}
          <Link to="/hub/playground" search={{ model: "smart" } as never} className="link">
            Try it in the playground
          </Link>
        </p>
      )}
      {works && routes && !smart && (
        <>
          <ModelSelect
            label="Route smart"
            description="The name that programs ask for by default; you can change what it means at any time."
            value={model}
            onChange={setModel}
            routes={false}
          />
          <div className="row">
            <Button
              size="xs"
              variant="default"
              disabled={model === ""}
              onClick={() =>
                void call("/api/ai/routes/smart", { method: "PUT", body: { targets: [{ model }] } })
                  .then(() => client.invalidateQueries({ queryKey: ["ai"] }))
                  .catch(setError)
              }
            >
              Create route
            </Button>
          </div>
          {error && <Failure error={error} />}
        </>
      )}
    </div>
  );
}
