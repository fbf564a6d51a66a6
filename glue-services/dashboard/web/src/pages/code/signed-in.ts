/**
 * The address that signs somebody on at Git hosting and then leads to a page of it: whoever is signed in here comes
 * through without a question.
 *
 * @param hosting its address, without a slash at the end
 * @param path of its page @example "/ada/vault"
 */
export function signedIn(hosting: string, path = "/"): string {
  return `${hosting}/user/login?${new URLSearchParams({ redirect_to: path })}`;
}
