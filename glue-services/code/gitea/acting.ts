import { ApiError, type Identity } from "../../kit/index.ts";
import { type Account, accountQuery, ownAccount } from "./accounts.ts";
import { type Asked, type GiteaAccount, giteaRequest, type Told } from "./request.ts";
import type { Tokens } from "./tokens.ts";

/** Gitea as one person sees it. */
export interface Acting {
  /** Their account there; undefined for who has none, and sees what everybody may see. */
  login: string | undefined;
  /** @throws ApiError for every answer that is no success */
  ask<Data>(asked: Asked): Promise<{ data: Data; total: number | undefined }>;
  /** The same, for what is not JSON. */
  text(asked: Asked): Promise<string>;
}

export interface ActingIn {
  /**
   * Gitea as this caller: it decides by their own rights there, for each request, what they see and do.
   *
   * @throws ApiError FORBIDDEN when somebody without an account wants to write
   */
  as(identity: Identity, right: "read" | "write", signal: AbortSignal): Promise<Acting>;
}

export function actingIn(gitea: GiteaAccount, tokens: Tokens): ActingIn {
  return {
    async as({ person }, right, signal) {
      const login = person && (await accountOf(person, signal));
      if (!login && right === "write") throw nobody(person, gitea.publicUrl);
      const answer = async (asked: Asked): Promise<Told> => {
        // Last, and as a parameter: Gitea takes it before the header, so that nothing else can name somebody.
        const told = login
          ? await withToken(right, { ...asked, query: { ...asked.query, sudo: login } })
          : await giteaRequest(gitea, undefined, asked);
        if (told.status >= 300) throw refused(told);
        return told;
      };
      return {
        login,
        async ask<Data>(asked: Asked) {
          const { text, total } = await answer(asked);
          return { data: (text === "" ? undefined : JSON.parse(text)) as Data, total };
        },
        text: async (asked) => (await answer(asked)).text,
      };
    },
  };

  /**
   * The account that belongs to a person: by their id at the platform, which Gitea keeps and nobody can change there,
   * never by a name. It is asked each time, since names of accounts may change hands.
   */
  async function accountOf(person: string, signal: AbortSignal): Promise<string | undefined> {
    const asked = { path: ["admin", "users"], query: accountQuery(person), signal };
    const told = await withToken("accounts", asked);
    if (told.status !== 200) throw refused(told);
    const account = ownAccount(JSON.parse(told.text) as Account[], person);
    if (account && (account.prohibit_login || !account.active)) {
      throw new ApiError("FORBIDDEN", "Your account in Git hosting is locked.", {
        hint: "Ask whoever administers the platform.",
      });
    }
    return account?.login;
  }

  async function withToken(right: Parameters<Tokens["of"]>[0], asked: Asked): Promise<Told> {
    const token = await tokens.of(right);
    const told = await giteaRequest(gitea, token, asked);
    if (told.status !== 401) return told;
    // It was deleted there.
    await tokens.forget(right, token);
    return giteaRequest(gitea, await tokens.of(right), asked);
  }
}

function nobody(person: string | undefined, url: string): ApiError {
  return person
    ? new ApiError("FORBIDDEN", "You have no account in Git hosting yet.", { hint: `Sign in once at ${url}.` })
    : new ApiError("FORBIDDEN", "A key of an organisation is nobody in Git hosting, and only reads what is public.", {
        hint: "Connect the agent without a key: by OAuth it acts for whoever agrees.",
        docs: "mcp",
      });
}

function refused({ status, refusal }: Told): ApiError {
  const said = refusal ? ` Git hosting says: ${refusal}` : "";
  if (status >= 300 && status < 400) {
    return new ApiError("NOT_FOUND", "It has moved.", { hint: "Look it up with find_repositories." });
  }
  if (status === 404) {
    return new ApiError("NOT_FOUND", "There is no such thing, or you may not see it.", {
      hint: "Check the repository (owner/name) and the number or path.",
    });
  }
  if (status === 401 || status === 403) {
    return new ApiError("FORBIDDEN", `You may not do this there.${said}`, {
      hint: "Ask whoever administers the repository.",
    });
  }
  if (status === 409) return new ApiError("CONFLICT", `It is not possible as things are.${said}`);
  if (status === 429) return new ApiError("RATE_LIMITED", "Git hosting is asked too often.");
  if (status < 500) {
    return new ApiError("INVALID", `It was not accepted.${said}`, { hint: "Correct the arguments and try again." });
  }
  return new ApiError("UNAVAILABLE", `Git hosting answered ${status}.`);
}
