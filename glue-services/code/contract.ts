// What other services may use of this one: import this file and nothing else of it.

export { type Account, accountQuery, ownAccount } from "./gitea/accounts.ts";
export { type Asked, type GiteaAccount, giteaRequest } from "./gitea/request.ts";
