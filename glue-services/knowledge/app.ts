import type { Service, Tenant } from "../kit/index.ts";
import { factsContract, whoOf } from "../projects/contract.ts";
import { knowledgeAnswers } from "./answers.ts";
import { knowledgeContract } from "./contract.ts";
import { embeddingsOf } from "./embed/embeddings.ts";
import { embedJob } from "./embed/job.ts";
import { termsJob } from "./embed/terms.ts";
import { feed as overview } from "./feed.ts";
import { safeFetch } from "./fetch/fetch.ts";
import { find } from "./find.ts";
import type { GitAccess } from "./git/gitea.ts";
import { postgresIndex } from "./index/postgres.ts";
import { vespaClient } from "./index/vespa/client.ts";
import { feedJob, followJob, verifyJob } from "./index/vespa/job.ts";
import { vespaIndex } from "./index/vespa/vespa.ts";
import { refreshJob } from "./jobs.ts";
import type { Changed, Knowledge, Patience } from "./knowledge.ts";
import { tellOfProject } from "./projects/facts.ts";
import { followProjects } from "./projects/follow.ts";
import { openReader, type Reader, type ReaderLimits } from "./read/reader.ts";
import { askRoutes } from "./routes/ask.ts";
import { documentRoutes } from "./routes/documents.ts";
import { fileRoutes } from "./routes/files.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { projectRoutes } from "./routes/projects.ts";
import { searchRoutes } from "./routes/search.ts";
import { settingRoutes } from "./routes/settings.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { readJob } from "./runs/job.ts";
import { knowledgeTools } from "./tools/knowledge.ts";
import { projectTools } from "./tools/projects.ts";

export interface KnowledgeOptions {
  /** Hosts and ranges of private networks that may be read. @default none */
  allow?: readonly string[];
  /** @default there is no Gitea */
  git?: GitAccess | undefined;
  /** Address by which Gitea reaches this host. @default it cannot, and pushes are read when the source is due */
  hooksAt?: string | undefined;
  /** Milliseconds one page may take. @default 30000 */
  fetchTime?: number;
  /** What one file may cost; or a reader that others use too, and whoever opened it closes. */
  reader?: ReaderLimits | Reader;
  /** @default 3 s for the question's vector, 10 s for an order of the hits */
  patience?: Partial<Patience>;
  /** Address of a Vespa with the application of configs/vespa, which then answers searches. @default PostgreSQL does */
  vespa?: string | undefined;
}

/** The knowledge hub: what an organisation has written, read, and can be asked. */
export function knowledge(options: KnowledgeOptions = {}): Service {
  let made: Knowledge | undefined;
  const mounted = () => {
    if (!made) throw new Error("The service is not mounted yet.");
    return made;
  };
  const [given, limits] =
    options.reader && "read" in options.reader ? [options.reader, undefined] : [undefined, options.reader];
  const jobs = { read: readJob(mounted), embed: embedJob(mounted), terms: termsJob(mounted) };
  const vespa = options.vespa === undefined ? undefined : vespaClient(options.vespa);
  const feed = vespa && feedJob(() => vespa);

  return {
    name: "knowledge",
    feed: overview,
    find,
    migrations: new URL("migrations/", import.meta.url),
    jobs: [
      jobs.read,
      jobs.embed,
      jobs.terms,
      refreshJob(mounted),
      ...(feed ? [feed, followJob(() => feed), verifyJob(() => feed)] : []),
    ],
    subscriptions: followProjects,
    tools: [...knowledgeTools(mounted), ...projectTools(mounted)],
    async register(app) {
      const { database } = app;
      app.live.topic("knowledge", {
        authorise: ({ scopes }) => scopes.includes("*") || scopes.includes("knowledge:read"),
      });
      made = {
        app,
        database,
        embeddings: embeddingsOf(app),
        index: vespa && feed ? vespaIndex(database, vespa, () => feed) : postgresIndex(database),
        reader: given ?? openReader(limits),
        fetch: safeFetch({ allow: options.allow ?? [], time: options.fetchTime ?? 30_000 }),
        git: options.git,
        hooksAt: options.hooksAt,
        patience: { embedding: 3000, reranking: 10_000, ...options.patience },
        jobs,
        tell: (tenant: Tenant, changed: Changed) => app.live.publish("knowledge", changed, tenant),
      };
      app.provide(knowledgeContract, knowledgeAnswers(made));
      app.provide(factsContract("knowledge"), {
        projectFacts: ({ who, project }) => tellOfProject(database, whoOf(who), project),
      });
      sourceRoutes(made);
      await fileRoutes(made);
      await hookRoutes(made);
      searchRoutes(made);
      askRoutes(made);
      projectRoutes(made);
      documentRoutes(made);
      taskRoutes(made);
      settingRoutes(made);
      const { reader, fetch, index } = made;
      app.addHook("onClose", async () => {
        await Promise.all([given ? undefined : reader.close(), fetch.close(), index.close?.()]);
      });
    },
  };
}
