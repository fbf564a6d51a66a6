/**
 * Names that nobody gets, because another program keeps them for itself. Gitea's come first: an account of such a name
 * cannot sign on there. A test asks Gitea about the addresses of its own pages, so a name that a later version reserves
 * is found.
 */
export const reserved: readonly string[] = [
  ...["admin", "api", "assets", "attachments", "avatar", "avatars", "captcha", "commits", "debug", "error", "explore"],
  ...["ghost", "gitea-actions", "help", "install", "issues", "less", "login", "metrics", "milestones", "new"],
  ...["notifications", "org", "plugins", "pulls", "raw", "repo", "repo-avatars", "search", "stars", "template", "user"],
  ...["v2", "administrator", "devflow", "gitea", "root"],
];
