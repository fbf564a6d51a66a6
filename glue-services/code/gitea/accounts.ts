/** An account as Gitea's administrators see it. */
export interface Account {
  login: string;
  /** What the account's source knows it by. */
  login_name: string;
  /** Where it signs on; 0 is Gitea itself. */
  source_id: number;
  prohibit_login: boolean;
  active: boolean;
}

/** Query of `admin/users` that finds a person's account; `ownAccount` then picks it from the answer. */
export function accountQuery(person: string): { login_name: string; limit: number } {
  return { login_name: person, limit: 50 };
}

/**
 * The account that belongs to a person of the platform: by their id, which Gitea keeps as the login name of accounts that
 * came by the platform's sign-on and which nobody can change there. An account of Gitea itself (source 0) has nothing to do
 * with the platform's people, whatever its login name says.
 *
 * @throws Error when several accounts claim to be that person's
 */
export function ownAccount(accounts: readonly Account[], person: string): Account | undefined {
  const found = accounts.filter((one) => one.login_name === person && one.source_id !== 0);
  if (found.length > 1) throw new Error(`More than one account of Gitea belongs to ${person}.`);
  return found[0];
}
