/** A repository as Gitea's API answers it, as far as it is read here. */
export interface GiteaRepository {
  /** `owner/name` */
  full_name: string;
  description: string;
  private: boolean;
  archived: boolean;
  empty: boolean;
  default_branch: string;
  open_issues_count: number;
  open_pr_counter: number;
  /** ISO 8601 */
  updated_at: string;
}
