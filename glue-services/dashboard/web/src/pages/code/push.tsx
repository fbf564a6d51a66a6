import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { Command, Once } from "../../parts/command.tsx";
import { Section } from "../../parts/page.tsx";
import { type GitToken, repositoriesQuery } from "./queries.ts";
import { signedIn } from "./signed-in.ts";

/** How to clone and push: addresses that git resolves, and the token it asks for. */
export function Push({ hosting }: { hosting: string }) {
  const { data } = useQuery(repositoriesQuery);
  const may = useMay("code:write");
  const making = useMutation({ mutationFn: () => call<GitToken>("/api/code/tokens", { method: "POST", body: {} }) });
  const account = making.data?.account ?? data?.account;
  const mine = data?.repositories.find(({ repository }) => repository.startsWith(`${account}/`));
  const address = addressFor(hosting, account ?? "NAME", mine?.repository ?? `${account ?? "NAME"}/REPOSITORY`);
  return (
    <Section title="Clone and push">
      <p>
        Git asks for a password: give it a token. Your password of the platform and <code>dfk_</code> keys are not
        accepted by Git hosting, and SSH is not offered.
      </p>
      {data && !account ? (
        <p>
          You have no account in Git hosting yet. <a href={signedIn(hosting)}>Open it once</a>, then make a token here.
        </p>
      ) : (
        <>
          {making.data ? (
            <div className="stack" role="status">
              <p>Copy the token now: it is not stored and cannot be shown again. It reads and writes repositories.</p>
              <Once value={making.data.token} label="Copy the token" />
            </div>
          ) : (
            may && (
              <p>
                <Button size="xs" variant="default" loading={making.isPending} onClick={() => making.mutate()}>
                  Make a token for git
                </Button>
              </p>
            )
          )}
          {making.error && <Failure error={making.error} retry={() => making.mutate()} />}
        </>
      )}
      <ol className="stack">
        <li>
          <Command label="Clone">{`git clone ${address}`}</Command>
        </li>
        <li>
          <Command label="Or push what you have">{`git remote add origin ${address}`}</Command>{" "}
          <Command>git push -u origin HEAD</Command>
        </li>
        <li>
          <Command label="Ask for the token once a day">
            {`git config --global credential.${hosting}.helper "cache --timeout 86400"`}
          </Command>
        </li>
      </ol>
      <p className="quiet">
        Tokens are listed and deleted in{" "}
        <a href={signedIn(hosting, "/user/settings/applications")}>your settings of Git hosting</a>.
      </p>
    </Section>
  );
}

/** With the account in it, git asks for nothing but the token. */
function addressFor(hosting: string, account: string, repository: string): string {
  return `${hosting.replace("://", `://${encodeURIComponent(account)}@`)}/${repository}.git`;
}
